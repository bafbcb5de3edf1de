using System.Text.Json;
using System.Text.Unicode;

namespace PolicyRouter.Gateway.Wire;

/// <summary>The one pass over the body of a request. Use once.</summary>
internal sealed class PromptReader(PromptShape shape)
{
    private const int MaxDepth = 64;

    // A body of a few megabytes can hold millions of tokens; no honest one comes near this.
    private const int MaxPositions = 200_000;
    private const int MaxMessages = 20_000;
    private const int MaxModelLength = 256;

    private readonly List<PromptFrame> _frames = [];
    private int _depth;

    public string? Model { get; private set; }
    public ByteRange ModelRange { get; private set; }
    public bool IsStreaming { get; private set; }
    public bool IncludesUsage { get; private set; }
    public List<TextPosition> Positions { get; } = [];
    public PromptFeatures Features { get; } = new();
    public MetadataMembers Metadata { get; } = new();

    /// <summary>The members of the body's object, name to end of value.</summary>
    public List<(string Name, ByteRange Range)> RootMembers { get; } = [];
    private int MessageCount { get; set; }
    private bool HasContent { get; set; }

    private PromptFrame Top => _frames[_depth - 1];

    /// <returns>What is wrong with the body; null when nothing is.</returns>
    public GatewayError? Read(ReadOnlySpan<byte> body)
    {
        if (!Utf8.IsValid(body))
        {
            return GatewayError.InvalidRequest("The body is not valid UTF-8.", null);
        }

        Utf8JsonReader reader = new(body, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            while (reader.Read())
            {
                if (Take(ref reader) is { } error)
                {
                    return error;
                }
            }
        }
        catch (JsonException)
        {
            // The exception's message may quote the body; only the place is told.
            return GatewayError.InvalidRequest(
                string.Create(System.Globalization.CultureInfo.InvariantCulture, $"The body is not one JSON object of at most {MaxDepth} levels; reading stopped at byte {reader.BytesConsumed}."),
                null);
        }

        if (Model is null)
        {
            return GatewayError.InvalidRequest("`model` is missing.", "model");
        }

        return HasContent ? null : GatewayError.InvalidRequest($"`{shape.Content}` is missing or empty.", shape.Content);
    }

    private GatewayError? Take(ref Utf8JsonReader reader)
    {
        if (_depth == 0)
        {
            if (reader.TokenType is not JsonTokenType.StartObject)
            {
                return GatewayError.InvalidRequest("The body is not a JSON object.", null);
            }

            Open(PromptScope.Root, isArray: false, "");
            return null;
        }

        var start = (int)reader.TokenStartIndex;
        switch (reader.TokenType)
        {
            case JsonTokenType.PropertyName:
                return Name(ref reader, start);

            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                return OpenValue(ref reader);

            case JsonTokenType.EndObject or JsonTokenType.EndArray:
                return Close((int)reader.BytesConsumed);

            default:
                var end = (int)reader.BytesConsumed;
                return Scalar(ref reader, new ByteRange(start, end)) ?? Ended(end);
        }
    }

    private GatewayError? Name(ref Utf8JsonReader reader, int start)
    {
        if (!JsonText.IsDecodable(ref reader))
        {
            return GatewayError.InvalidRequest("A property name holds half of a surrogate pair.", null);
        }

        var frame = Top;
        var name = reader.ValueIsEscaped ? reader.GetString()! : PromptWords.Intern(reader.ValueSpan);
        if (!frame.IsNew(name))
        {
            return GatewayError.InvalidRequest("A property stands twice in the same object, or twice but for upper and lower case.", null);
        }

        frame.Key = name;
        frame.NameStart = start;
        // Whoever chooses a name can write somebody's into it, so it is text unless it is a word of the APIs.
        if (name.Length > 0 && !PromptWords.IsKnownName(name))
        {
            Positions.Add(new TextPosition(start, TokenLength(ref reader), "", IsNumber: false, IdentifierKind.Name));
        }

        return null;
    }

    private GatewayError? OpenValue(ref Utf8JsonReader reader)
    {
        var frame = Top;
        var isArray = reader.TokenType is JsonTokenType.StartArray;
        if ((Forwarding(frame) ?? shape.Check(frame, isArray)) is { } error)
        {
            return error;
        }

        if (frame.Scope is PromptScope.Messages && ++MessageCount > MaxMessages)
        {
            return GatewayError.InvalidRequest($"`messages` has more than {MaxMessages} messages.", "messages");
        }

        Note(frame);
        HasContent |= frame.Scope is PromptScope.Messages or PromptScope.Input || (frame.Scope is PromptScope.Root && frame.Key == shape.Content && !isArray);
        Open(frame.Scope is PromptScope.FreeForm ? PromptScope.FreeForm : shape.ChildOf(frame), isArray, frame.Key);
        return null;
    }

    private void Open(PromptScope scope, bool isArray, string key)
    {
        if (_depth == _frames.Count)
        {
            _frames.Add(new PromptFrame());
        }

        var outer = isArray && _depth > 0 ? Top.Outer : key;
        _frames[_depth++].Open(scope, isArray, key, outer);
    }

    private GatewayError? Close(int end)
    {
        var frame = Top;
        _depth--;
        switch (frame.Scope)
        {
            case PromptScope.Message when frame.Kind is null && shape.NeedsRole:
                return GatewayError.InvalidRequest("A message has no role.", "messages");
            case PromptScope.Part:
                ClosePart(frame);
                break;
        }

        return _depth == 0 ? null : Ended(end);
    }

    private void ClosePart(PromptFrame part)
    {
        if (part.Kind is null)
        {
            shape.SeePart(Features, "");
        }

        if (part.BytesBeforeKind is var (at, outer, key, isUnreadable))
        {
            if (shape.HoldsBytes(part.Kind ?? "", outer, key))
            {
                Positions.RemoveAt(at);
            }
            else if (isUnreadable)
            {
                Features.SeeOpaque();
            }
        }
    }

    /// <summary>A value has ended at this offset.</summary>
    private GatewayError? Ended(int end)
    {
        var frame = Top;
        if (frame.Scope is PromptScope.Root)
        {
            RootMembers.Add((frame.Key, new ByteRange(frame.NameStart, end)));
        }
        else if (frame.Scope is PromptScope.Metadata)
        {
            Metadata.Add(new ByteRange(frame.NameStart, end), MetadataMembers.IsOwn(frame.Key));
        }

        return Positions.Count > MaxPositions
            ? GatewayError.InvalidRequest($"The body holds more than {MaxPositions} texts.", null)
            : null;
    }

    private GatewayError? Scalar(ref Utf8JsonReader reader, ByteRange range)
    {
        var frame = Top;
        if (reader.TokenType is JsonTokenType.String && !JsonText.IsDecodable(ref reader))
        {
            return GatewayError.InvalidRequest("A string holds half of a surrogate pair.", null);
        }

        if (shape.CheckScalar(frame, reader.TokenType) is { } error)
        {
            return error;
        }

        if (reader.TokenType is not (JsonTokenType.Null or JsonTokenType.False))
        {
            if (Forwarding(frame) is { } forwarding)
            {
                return forwarding;
            }

            Note(frame);
            HasContent |= frame.Scope is PromptScope.Input || (frame.Scope is PromptScope.Root && frame.Key == shape.Content && range.End - range.Start > 2);
        }

        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return Text(ref reader, frame, range);

            case JsonTokenType.Number when frame.Scope is PromptScope.Input:
                // The numbers of tokens are text that only its tokenizer can read.
                Features.SeeOpaque();
                return null;

            case JsonTokenType.Number:
                if (PromptWords.IsTelling(frame.Key, frame.Scope is PromptScope.Root, reader.ValueSpan))
                {
                    Positions.Add(new TextPosition(range.Start, range.End - range.Start, frame.Label, IsNumber: true));
                }

                return null;

            case JsonTokenType.True:
                IsStreaming |= frame is { Scope: PromptScope.Root, Key: "stream" };
                IncludesUsage |= frame is { Scope: PromptScope.StreamOptions, Key: "include_usage" };
                Features.Store |= frame is { Scope: PromptScope.Root, Key: "store" };
                return null;

            default:
                return null;
        }
    }

    private GatewayError? Text(ref Utf8JsonReader reader, PromptFrame frame, ByteRange range)
    {
        switch (frame)
        {
            case { Scope: PromptScope.Root, Key: "model" }:
                Model = reader.GetString()!;
                ModelRange = range;
                return Model.Length is 0 or > MaxModelLength
                    ? GatewayError.InvalidRequest($"`model` is empty or longer than {MaxModelLength} characters.", "model")
                    : null;

            case { Scope: PromptScope.Root, Key: "prompt_cache_retention" }:
                // Anything but memory is a place where the prompt is kept.
                Features.Store |= !(reader.ValueTextEquals("in_memory"u8) || reader.ValueTextEquals("in-memory"u8));
                break;

            case { Scope: PromptScope.Message, Key: "role" }:
                frame.Kind = reader.GetString()!;
                Features.Tools |= frame.Kind is "tool" or "function";
                return shape.IsRole(frame.Kind) ? null : GatewayError.InvalidRequest("A message has an unknown role.", "messages");

            case { Scope: PromptScope.Message, Key: "type" }:
                shape.SeeItem(Features, reader.GetString()!);
                break;

            case { Scope: PromptScope.Part, Key: "type" }:
                frame.Kind = reader.ValueIsEscaped ? reader.GetString()! : PromptWords.Intern(reader.ValueSpan);
                shape.SeePart(Features, frame.Kind);
                break;

            case { Scope: PromptScope.Other, Key: "type" } when MediaWords.FeatureOf(reader.GetString()!) is { } media:
                Features.SeeMedia(media);
                break;

            case { Scope: PromptScope.Tool, Key: "type" }:
                shape.SeeTool(Features, reader.GetString()!);
                break;

            case { Scope: PromptScope.ResponseFormat, Key: "type" }:
                Features.JsonSchema |= !reader.ValueTextEquals("text"u8);
                break;

            case { Scope: PromptScope.Modalities }:
                Features.Audio |= !reader.ValueTextEquals("text"u8);
                break;

            case { Scope: PromptScope.Metadata } when MetadataMembers.IsOwn(frame.Key):
                Metadata.Declare(frame.Key, reader.GetString()!);
                return null;
        }

        var length = range.End - range.Start;
        if (shape.IsId(frame.Scope, frame.Key))
        {
            // The same in every place, so that a call still finds its result if it is replaced.
            Positions.Add(new TextPosition(range.Start, length, "", IsNumber: false, PromptWords.IsMachineId(reader.ValueSpan) ? IdentifierKind.Id : IdentifierKind.None));
        }
        else if (!IsKnownNonText(ref reader, frame))
        {
            Positions.Add(new TextPosition(range.Start, length, frame.Label, IsNumber: false));
        }

        return null;
    }

    private bool IsKnownNonText(ref Utf8JsonReader reader, PromptFrame frame)
    {
        if (reader.ValueIsEscaped)
        {
            return false;
        }

        var value = reader.ValueSpan;
        return value.IsEmpty
            || PromptWords.IsFixedWord(frame.Key, value)
            || (EncodedBytes.Are(value) && !IsProse(frame) && AreInPlace(frame, value));
    }

    /// <summary>
    /// True for bytes where this kind of part has them. Anywhere else they are text, and what nobody can read in them is opaque. Before the kind is known they are text, until the part ends.
    /// </summary>
    private bool AreInPlace(PromptFrame frame, ReadOnlySpan<byte> value)
    {
        var isUnreadable = EncodedBytes.AreUnreadable(value, frame.Key is "signature" or "thought_signature");
        if (isUnreadable && frame is { Scope: PromptScope.CallNote, Key: "thought_signature" })
        {
            return true;
        }

        if (frame.Scope is PromptScope.Part or PromptScope.Media && (frame.Key is not "signature" || isUnreadable))
        {
            var (part, outer) = frame.Scope is PromptScope.Part ? (frame, "") : (_frames[_depth - 2], frame.Outer);
            if (part.Kind is null && part.BytesBeforeKind is null)
            {
                part.BytesBeforeKind = (Positions.Count, outer, frame.Key, isUnreadable);
                return false;
            }

            if (shape.HoldsBytes(part.Kind ?? "", outer, frame.Key))
            {
                return true;
            }
        }

        if (isUnreadable)
        {
            Features.SeeOpaque();
        }

        return false;
    }

    /// <summary>True where the APIs have what people and models write to each other.</summary>
    private static bool IsProse(PromptFrame frame) => frame switch
    {
        { Scope: PromptScope.Content or PromptScope.Input } => true,
        { Scope: PromptScope.Root or PromptScope.Message or PromptScope.Part } =>
            frame.Key is "content" or "text" or "thinking" or "refusal" or "input" or "output" or "arguments" or "instructions" or "system" or "reasoning_content",
        _ => false,
    };

    private void Note(PromptFrame frame)
    {
        if (frame.Scope is PromptScope.Root or PromptScope.Message or PromptScope.Part or PromptScope.Other && MediaWords.FeatureNamedBy(frame.Key) is { } media)
        {
            Features.SeeMedia(media);
        }

        switch (frame)
        {
            case { Scope: PromptScope.Root, IsArray: false }:
                Features.WebSearch |= ForwardingMembers.AsksOthers(frame.Key);
                shape.SeeRootField(Features, frame.Key);
                break;
            case { Scope: PromptScope.Message }:
                shape.SeeMessageField(Features, frame.Key);
                break;
            case { Scope: PromptScope.Part } when shape.NamesPart(frame.Key):
                shape.SeePart(Features, frame.Key);
                break;
        }
    }

    private static GatewayError? Forwarding(PromptFrame frame) => frame.Scope is PromptScope.Root ? ForwardingMembers.RefusalOf(frame.Key) : null;

    private static int TokenLength(ref Utf8JsonReader reader) => reader.ValueSpan.Length + 2;
}
