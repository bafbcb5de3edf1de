namespace PolicyRouter.Fuzz;

/// <summary>
/// Makes inputs of inputs, by chance and without looking at what they reach: bits, bytes, copies and cuts, pieces of other inputs, and words that the parsers know. The same seed
/// makes the same inputs.
/// </summary>
internal sealed class Mutator(IReadOnlyList<byte[]> seeds, int seed)
{
    private const int LongestInput = 65_536;
    private const int MostChanges = 6;

    private static readonly byte[][] Words =
    [
        .. ((string[])["\n", "\n\n", "\r\n", "\r", "\0", "\uFEFF", "\u2028", "\u200B", "\u00AD", "\u202E", "data:", "event:", "\"", "\\", "\\u0000", "\\ud800", "{", "}", "[", "]", ":", ",", "-", "*", "&a", "*a", "!!binary ",
            "null", "true", "1e999", "-0", "99999999999999999999", "0001-01-01", "9999-12-31", "2024-02-29", "\u2014 ", "AAAA", "====", "[NAME_1]", "4111 1111 1111 1111", "078-05-1120", "a@b.example", "phi", "model", "messages", "metadata", "role"])
            .Select(System.Text.Encoding.UTF8.GetBytes),
        [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
    ];

    // Repeatable, which is the point; nothing here is secret.
#pragma warning disable CA5394
    private readonly Random _random = new(seed);

    public byte[] Next()
    {
        List<byte> input = [.. Pick(seeds)];
        for (var changes = _random.Next(1, MostChanges + 1); changes > 0; changes--)
        {
            Change(input);
        }

        return input.Count <= LongestInput ? [.. input] : [.. input.Take(LongestInput)];
    }

    private void Change(List<byte> input)
    {
        var at = _random.Next(input.Count + 1);
        var length = Math.Min(_random.Next(1, 1 << _random.Next(1, 8)), input.Count - at);
        switch (_random.Next(9))
        {
            case 0 when at < input.Count:
                input[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1 when at < input.Count:
                input[at] = (byte)_random.Next(256);
                break;
            case 2:
                input.RemoveRange(at, length);
                break;
            case 3:
                input.InsertRange(_random.Next(input.Count + 1), input.GetRange(at, length));
                break;
            case 4:
                input.InsertRange(at, Enumerable.Repeat(Pick(Words), _random.Next(8) == 0 ? _random.Next(1, 200) : 1).SelectMany(static word => word));
                break;
            case 5:
                var other = Pick(seeds);
                var start = _random.Next(other.Length + 1);
                input.InsertRange(at, other.AsSpan(start, _random.Next(other.Length - start + 1)));
                break;
            case 6:
                input.RemoveRange(at, input.Count - at);
                break;
            case 7 when length > 0:
                var moved = input.GetRange(at, length);
                input.RemoveRange(at, length);
                input.InsertRange(_random.Next(input.Count + 1), moved);
                break;
            default:
                var word = Pick(Words);
                for (var i = 0; i < word.Length && at + i < input.Count; i++)
                {
                    input[at + i] = word[i];
                }

                break;
        }
    }

    private byte[] Pick(IReadOnlyList<byte[]> from) => from[_random.Next(from.Count)];
}
