using System.Buffers.Text;
using System.Text.Json;

namespace PolicyRouter.Gateway.Wire;

/// <summary>A request body that was parsed once: raw bytes kept, every text position listed.</summary>
public sealed class PromptDocument
{
    private readonly ByteRange _model;
    private readonly IReadOnlyList<ByteRange> _cuts;
    private readonly List<(string Name, ByteRange Range)> _members;

    internal PromptDocument(ReadOnlyMemory<byte> raw, CallerApi api, PromptReader read, IReadOnlyList<string> betas)
    {
        Betas = betas;
        Raw = raw;
        Api = api;
        Model = read.Model!;
        IsStreaming = read.IsStreaming;
        IncludesUsage = read.IncludesUsage;
        Positions = read.Positions;
        Features = read.Features.ToList(api.Shape.Feature);
        HasUninspectableContent = read.Features.HasUninspectableContent;
        Metadata = read.Metadata.Declared();
        _model = read.ModelRange;
        _cuts = read.Metadata.Cuts(read.RootMembers);
        _members = read.RootMembers;
    }

    public ReadOnlyMemory<byte> Raw { get; }

    /// <summary>The API it was written for.</summary>
    internal CallerApi Api { get; }

    /// <summary>The beta features of Anthropic's that come with it: fixed words, of <see cref="Messages.BetaFeatures"/>.</summary>
    internal IReadOnlyList<string> Betas { get; }

    /// <summary>The name in <c>model</c>.</summary>
    public string Model { get; }
    public bool IsStreaming { get; }

    /// <summary>True when the caller asked for a usage chunk (<c>stream_options.include_usage</c>).</summary>
    public bool IncludesUsage { get; }

    /// <summary>In the order of the body, without overlaps.</summary>
    public IReadOnlyList<TextPosition> Positions { get; }

    /// <summary>Features used, in the words of the contract (<c>chat</c>, <c>tools</c>, <c>vision</c>, ...).</summary>
    public IReadOnlyList<string> Features { get; }

    /// <summary>True when a part cannot be looked into (image, audio, file, or a kind that is not known).</summary>
    public bool HasUninspectableContent { get; }
    public DeclaredMetadata Metadata { get; }

    /// <summary>
    /// Reads a body. Strict, because two readers must never see two different requests in the same bytes:
    /// valid UTF-8, no property twice, at most 64 levels, nothing behind the end.
    /// </summary>
    /// <param name="body">Must stay unchanged for as long as the document is used.</param>
    internal static PromptReadResult Read(ReadOnlyMemory<byte> body, CallerApi api, IReadOnlyList<string>? betas = null)
    {
        PromptReader reader = new(api.Shape);
        return reader.Read(body.Span) is { } error
            ? new PromptReadResult.Invalid(error)
            : new PromptReadResult.Ok(new PromptDocument(body, api, reader, betas ?? []));
    }

    /// <summary>The decoded text of a position.</summary>
    public string TextOf(TextPosition position) => JsonText.Decode(Raw.Span.Slice(position.Start, position.Length));

    /// <summary>The text of a member of the body; empty when it is no text, null when it is not there or null.</summary>
    public string? RootText(string name)
    {
        var value = RootValue(name);
        return value.IsEmpty || value.SequenceEqual("null"u8) ? null : value[0] == (byte)'"' ? JsonText.Decode(value) : "";
    }

    /// <summary>The bytes of a member's value; empty when it is not there.</summary>
    private ReadOnlySpan<byte> RootValue(string name)
    {
        foreach (var (member, range) in _members)
        {
            if (member == name)
            {
                var whole = Raw.Span[range.Start..range.End];
                Utf8JsonReader reader = new(whole, isFinalBlock: false, new JsonReaderState());
                reader.Read();
                return whole[(int)reader.BytesConsumed..].TrimStart(" \t\r\n:"u8);
            }
        }

        return default;
    }

    private static readonly string[] LimitNames = ["max_tokens", "max_completion_tokens", "max_output_tokens"];

    /// <summary>The tokens that the answer may have at most, in the words of any of the APIs; null when the request sets no limit.</summary>
    public int? LongestAnswer
    {
        get
        {
            foreach (var name in LimitNames)
            {
                if (RootValue(name) is { IsEmpty: false } value && Utf8Parser.TryParse(value, out int tokens, out var length) && length == value.Length && tokens >= 0)
                {
                    return tokens;
                }
            }

            return null;
        }
    }

    /// <summary>
    /// A copy of the body with the model replaced, the gateway's own metadata keys removed and the texts replaced; every other
    /// byte as it came.
    /// </summary>
    /// <param name="replacements">In any order; positions of this document, each at most once.</param>
    public ReadOnlyMemory<byte> Rewrite(string model, IReadOnlyList<Replacement> replacements)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(replacements);
        List<JsonEdit> edits = new(replacements.Count + _cuts.Count + 1);
        if (!string.Equals(model, Model, StringComparison.Ordinal))
        {
            edits.Add(new JsonEdit(_model, model));
        }

        foreach (var cut in _cuts)
        {
            edits.Add(new JsonEdit(cut, null));
        }

        foreach (var (position, text) in replacements)
        {
            edits.Add(new JsonEdit(new ByteRange(position.Start, position.Start + position.Length), text));
        }

        return JsonText.Splice(Raw.Span, edits);
    }
}
