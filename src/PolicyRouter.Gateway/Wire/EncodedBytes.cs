using System.Buffers;
using System.Buffers.Text;

namespace PolicyRouter.Gateway.Wire;

/// <summary>Tells bytes in base64 from text.</summary>
internal static class EncodedBytes
{
    private const int Shortest = 64;

    // Shorter ones are hashes, keys and paths of files more often than bytes; the first bytes of a file tell it from these.
    private const int ShortestWithoutMark = 256;
    private const int Sample = 192;

    private static readonly SearchValues<byte> Alphabet =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=-_"u8);

    private static readonly SearchValues<byte> Url = SearchValues.Create("-_"u8);

    // What no text has: control characters but for tab, line feed, form feed and carriage return.
    private static readonly SearchValues<byte> NotInText = SearchValues.Create([.. Enumerable.Range(0, 32).Select(static code => (byte)code).Except("\t\n\f\r"u8.ToArray()), 0x7F]);

    // PNG, JPEG, GIF, RIFF (WebP, WAV), PDF, ZIP (and what Office writes), TIFF of both orders, MP3, Ogg, FLAC, Matroska, gzip, 7z, RAR: their first bytes in base64.
    private static readonly byte[][] Marks =
    [
        .. ((string[])["iVBORw0KGgo", "/9j/", "R0lGOD", "UklGR", "JVBERi0", "UEsDB", "SUkqA", "TU0AK", "SUQz", "T2dnUw", "ZkxhQ", "GkXfo", "H4sIA", "N3q8r", "UmFyI"])
            .Select(System.Text.Encoding.ASCII.GetBytes),
    ];

    /// <summary>True for base64, of either alphabet, and for a <c>data:</c> URL of it.</summary>
    public static bool Are(ReadOnlySpan<byte> value) => !ContentOf(value, out _).IsEmpty;

    /// <summary>True for those of them in which there is no text: a <c>data:</c> URL, a file that its first bytes tell, or anything long that decodes to no text.</summary>
    /// <param name="value">What to look at.</param>
    /// <param name="isSignature">True where bytes are expected, so that even few of them are taken for what they are.</param>
    public static bool AreUnreadable(ReadOnlySpan<byte> value, bool isSignature = false)
    {
        var content = ContentOf(value, out var isUrl);
        if (content.IsEmpty || isUrl)
        {
            return isUrl;
        }

        foreach (var mark in Marks)
        {
            if (content.StartsWith(mark))
            {
                return true;
            }
        }

        return content.Length >= (isSignature ? Shortest : ShortestWithoutMark) && IsNoText(content);
    }

    /// <summary>The base64 in a value; empty when it is text.</summary>
    private static ReadOnlySpan<byte> ContentOf(ReadOnlySpan<byte> value, out bool isUrl)
    {
        isUrl = value.StartsWith("data:"u8);
        if (isUrl)
        {
            var marker = value.IndexOf(";base64,"u8);
            isUrl = marker is >= 0 and <= 64;
            value = isUrl ? value[(marker + 8)..] : default;
        }

        if (value.Length >= Shortest && !value.ContainsAnyExcept(Alphabet))
        {
            return value;
        }

        isUrl = false;
        return default;
    }

    private static bool IsNoText(ReadOnlySpan<byte> content)
    {
        Span<byte> decoded = stackalloc byte[Sample];
        var isUrl = content.ContainsAny(Url);
        content = content[..Math.Min(Sample / 3 * 4, content.Length / 4 * 4)];
        var status = isUrl
            ? Base64Url.DecodeFromUtf8(content, decoded, out _, out var written)
            : Base64.DecodeFromUtf8(content, decoded, out _, out written);
        return status is OperationStatus.Done && decoded[..written].ContainsAny(NotInText);
    }
}
