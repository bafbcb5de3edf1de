using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace PolicyRouter.Simulator.Tests;

/// <summary>
/// One message of <c>application/vnd.amazon.eventstream</c>, read by the book: a prelude of total length, headers' length and checksum,
/// the headers, the payload, and the checksum of all of it.
/// </summary>
internal sealed record AwsMessage(IReadOnlyDictionary<string, string> Headers, byte[] Payload)
{
    private const int Prelude = 12;
    private const int Checksum = 4;
    private const byte Text = 7;

    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(index => Shifted((uint)index))];

    public JsonElement Json => JsonDocument.Parse(Payload).RootElement;

    /// <summary>The event that a chunk carries.</summary>
    public JsonElement Event => JsonDocument.Parse(Json.GetProperty("bytes").GetBytesFromBase64()).RootElement;

    /// <summary>The same as a server-sent event, for what looks alike in both framings.</summary>
    public SseEvent Sse => new(Event.GetProperty("type").GetString(), Event.GetRawText());

    /// <exception cref="InvalidDataException">A checksum is wrong, or the end is missing.</exception>
    public static List<AwsMessage> Parse(ReadOnlySpan<byte> bytes)
    {
        List<AwsMessage> messages = [];
        while (!bytes.IsEmpty)
        {
            messages.Add(ParseFirst(bytes, out var length));
            bytes = bytes[length..];
        }

        return messages;
    }

    private static AwsMessage ParseFirst(ReadOnlySpan<byte> bytes, out int length)
    {
        length = bytes.Length < Prelude ? int.MaxValue : BinaryPrimitives.ReadInt32BigEndian(bytes);
        if (length > bytes.Length)
        {
            throw new InvalidDataException("The end of a message is missing.");
        }

        var message = bytes[..length];
        CheckSum(message[..Prelude]);
        CheckSum(message);
        var headersLength = BinaryPrimitives.ReadInt32BigEndian(message[4..]);
        var payload = message[(Prelude + headersLength)..^Checksum].ToArray();
        return new AwsMessage(ParseHeaders(message.Slice(Prelude, headersLength)), payload);
    }

    private static Dictionary<string, string> ParseHeaders(ReadOnlySpan<byte> bytes)
    {
        Dictionary<string, string> headers = [];
        while (!bytes.IsEmpty)
        {
            var nameLength = bytes[0];
            var name = Encoding.UTF8.GetString(bytes.Slice(1, nameLength));
            bytes = bytes[(1 + nameLength)..];
            Assert.Equal(Text, bytes[0]);
            var valueLength = BinaryPrimitives.ReadUInt16BigEndian(bytes[1..]);
            headers.Add(name, Encoding.UTF8.GetString(bytes.Slice(3, valueLength)));
            bytes = bytes[(3 + valueLength)..];
        }

        return headers;
    }

    private static void CheckSum(ReadOnlySpan<byte> bytes)
    {
        var sum = uint.MaxValue;
        foreach (var value in bytes[..^Checksum])
        {
            sum = (sum >> 8) ^ Table[(byte)(sum ^ value)];
        }

        if (~sum != BinaryPrimitives.ReadUInt32BigEndian(bytes[^Checksum..]))
        {
            throw new InvalidDataException("A checksum is wrong.");
        }
    }

    private static uint Shifted(uint value)
    {
        for (var bit = 0; bit < 8; bit++)
        {
            value = (value & 1) == 0 ? value >> 1 : (value >> 1) ^ 0xEDB88320;
        }

        return value;
    }
}
