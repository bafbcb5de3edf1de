using System.Text.Json;
using PolicyRouter.Redaction.Replacement;

namespace PolicyRouter.Gateway.Wire.OpenAi;

/// <summary>
/// Restores placeholders in the chunks of one stream. Every text of every choice has its own restorer, because a placeholder may
/// be cut anywhere; what one still holds back comes out before its choice finishes. Each chunk becomes one chunk, two when
/// something held back must come before it, or none when it only carried usage nobody asked for.
/// </summary>
internal sealed class ChunkRestorer(PlaceholderTable placeholders, bool includesUsage) : IStreamedRestorer
{
    private const int ShortText = 256;

    private readonly SortedDictionary<int, Choice> _choices = [];
    private readonly ChunkEditor _editor = new();
    private byte[]? _envelope;

    public void Take(StreamChunk chunk, List<RelayedEvent> output)
    {
        _editor.Begin();
        var root = chunk.Root;
        var hasChoices = root.TryGetProperty("choices"u8, out var choices) && choices.ValueKind is JsonValueKind.Array;
        var dropsUsage = !includesUsage && root.TryGetProperty("usage"u8, out var usage) && usage.ValueKind is JsonValueKind.Object;
        if (dropsUsage && (!hasChoices || choices.GetArrayLength() == 0))
        {
            return;
        }

        if (placeholders.Count > 0)
        {
            Restore(chunk, root);
            if (hasChoices)
            {
                foreach (var choice in choices.EnumerateArray())
                {
                    if (IsFinish(choice))
                    {
                        Flush(IndexOf(choice), output);
                    }
                }
            }
        }

        if (dropsUsage)
        {
            _editor.Cut(chunk, "usage"u8);
        }

        output.Add(new RelayedEvent(null, _editor.Edited(chunk)));
    }

    public void Finish(List<RelayedEvent> output)
    {
        _editor.Begin();
        foreach (var choice in _choices.Keys)
        {
            Flush(choice, output);
        }
    }

    private void Restore(StreamChunk chunk, JsonElement root)
    {
        _envelope ??= _editor.Write(root, HeldChunk.WriteEnvelope).ToArray();
        foreach (var member in root.EnumerateObject())
        {
            if (member.Value.ValueKind is JsonValueKind.Array && member.NameEquals("choices"u8))
            {
                foreach (var choice in member.Value.EnumerateArray())
                {
                    Restore(chunk, choice, ChoiceAt(IndexOf(choice)).Place, IsFinish(choice));
                }
            }
        }
    }

    /// <param name="isLast">True when the choice finishes with this chunk.</param>
    private void Restore(StreamChunk chunk, JsonElement value, ChunkPlace place, bool isLast)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    if (member.Value.ValueKind is JsonValueKind.String or JsonValueKind.Object or JsonValueKind.Array)
                    {
                        Restore(chunk, member.Value, place.Member(member), isLast);
                    }
                }

                break;

            case JsonValueKind.Array:
                var at = 0;
                foreach (var element in value.EnumerateArray())
                {
                    if (element.ValueKind is JsonValueKind.String or JsonValueKind.Object or JsonValueKind.Array)
                    {
                        Restore(chunk, element, place.Element(element.ValueKind is JsonValueKind.Object ? IndexOf(element, at) : at), isLast);
                    }

                    at++;
                }

                break;

            case JsonValueKind.String when !place.IsNoText:
                RestoreText(chunk, value, place, isLast);
                break;
        }
    }

    private void RestoreText(StreamChunk chunk, JsonElement value, ChunkPlace place, bool isLast)
    {
        Span<char> room = stackalloc char[ShortText];
        var piece = JsonText.Decode(value, room);
        var shown = place.Take(piece, placeholders);
        if (isLast && place.Flush() is { Length: > 0 } rest)
        {
            shown = string.Concat(shown ?? piece, rest);
        }

        if (shown is not null)
        {
            _editor.Replace(chunk, value, shown);
        }
    }

    /// <summary>Chunks with what one choice's restorers held back.</summary>
    private void Flush(int choice, List<RelayedEvent> output)
    {
        if (!_choices.TryGetValue(choice, out var known))
        {
            return;
        }

        foreach (var (path, place) in known.Texts)
        {
            if (place.Flush() is { Length: > 0 } text)
            {
                output.Add(new RelayedEvent(null, _editor.Write(new HeldChunk(_envelope, choice, path, text), static (held, writer) => held.Write(writer))));
            }
        }
    }

    private Choice ChoiceAt(int index)
    {
        if (!_choices.TryGetValue(index, out var choice))
        {
            SortedDictionary<string, ChunkPlace> texts = new(StringComparer.Ordinal);
            _choices[index] = choice = new Choice(ChunkPlace.OfChoice(texts), texts);
        }

        return choice;
    }

    private static int IndexOf(JsonElement element, int otherwise = 0) =>
        element.ValueKind is JsonValueKind.Object
        && element.TryGetProperty("index"u8, out var index)
        && index.ValueKind is JsonValueKind.Number
        && index.TryGetInt32(out var value)
            ? value
            : otherwise;

    private static bool IsFinish(JsonElement choice) =>
        choice.ValueKind is JsonValueKind.Object
        && choice.TryGetProperty("finish_reason"u8, out var reason)
        && reason.ValueKind is JsonValueKind.String;

    /// <param name="Texts">The places of its texts, by their paths.</param>
    private readonly record struct Choice(ChunkPlace Place, SortedDictionary<string, ChunkPlace> Texts);
}
