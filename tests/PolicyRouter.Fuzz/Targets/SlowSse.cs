using PolicyRouter.Gateway.Wire.Sse;

namespace PolicyRouter.Fuzz.Targets;

/// <summary>Server-sent events read in the plainest way: all at once, line by line.</summary>
internal static class SlowSse
{
    private static ReadOnlySpan<byte> Bom => [0xEF, 0xBB, 0xBF];

    /// <summary>Each event as <c>NAME HEX</c>.</summary>
    public static List<string> Read(ReadOnlySpan<byte> bytes)
    {
        List<string> events = [];
        List<byte[]> data = [];
        var name = "";
        foreach (var line in Lines(bytes.StartsWith(Bom) ? bytes[Bom.Length..] : bytes))
        {
            if (line.Length == 0)
            {
                if (data.Count > 0)
                {
                    events.Add($"{name} {string.Join("0A", data.Select(Convert.ToHexString))}");
                }

                data.Clear();
                name = "";
                continue;
            }

            var colon = line.AsSpan().IndexOf((byte)':');
            var field = colon < 0 ? line : line.AsSpan(0, colon);
            var value = colon < 0 ? [] : line.AsSpan(colon + 1);
            value = value is [(byte)' ', ..] ? value[1..] : value;
            if (field.SequenceEqual("data"u8))
            {
                data.Add(value.ToArray());
            }
            else if (field.SequenceEqual("event"u8))
            {
                name = SseEventNames.Intern(value);
            }
        }

        return events;
    }

    /// <summary>The lines that have an end.</summary>
    private static List<byte[]> Lines(ReadOnlySpan<byte> bytes)
    {
        List<byte[]> lines = [];
        var start = 0;
        for (var at = 0; at < bytes.Length; at++)
        {
            if (bytes[at] is not ((byte)'\r' or (byte)'\n'))
            {
                continue;
            }

            lines.Add(bytes[start..at].ToArray());
            at += bytes[at] == '\r' && at + 1 < bytes.Length && bytes[at + 1] == '\n' ? 1 : 0;
            start = at + 1;
        }

        return lines;
    }
}
