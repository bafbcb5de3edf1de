using System.Globalization;
using PolicyRouter.Redaction.Restoring;

namespace PolicyRouter.Gateway.Wire.OpenAi;

/// <summary>One text of a stream, and what is held back of it.</summary>
internal sealed class HeldText(StreamRestorer restorer)
{
    public StreamRestorer Restorer { get; } = restorer;

    /// <summary>False when nothing was pushed since the last flush.</summary>
    public bool HasText { get; set; }

    public string Flush()
    {
        if (!HasText)
        {
            return "";
        }

        HasText = false;
        return Restorer.Flush();
    }
}

/// <summary>The place of a value in a choice.</summary>
/// <param name="Path">Steps with a <c>/</c> before each; a number after <c>#</c> for an element, by its <c>index</c> if it has one.</param>
/// <param name="Key">The nearest property name.</param>
/// <param name="IsLast">True when the choice finishes with this chunk.</param>
internal readonly record struct Place(int Choice, string Path, string Key, bool IsLast)
{
    public Place Member(string name) => this with { Path = $"{Path}/{Escape(name)}", Key = name };

    public Place Element(int index) => this with { Path = string.Create(CultureInfo.InvariantCulture, $"{Path}/#{index}") };

    // JSON Pointer's way (RFC 6901), with one more for the mark of elements.
    public static string Unescape(string step) =>
        step.Replace("~2", "#", StringComparison.Ordinal).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);

    private static string Escape(string name) =>
        name.AsSpan().IndexOfAny('~', '/', '#') < 0
            ? name
            : name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal).Replace("#", "~2", StringComparison.Ordinal);
}
