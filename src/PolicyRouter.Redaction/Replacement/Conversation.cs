using System.Buffers.Binary;

namespace PolicyRouter.Redaction.Replacement;

/// <summary>
/// What is the same in all requests of one conversation, on every node and after a restart, without being kept anywhere: it follows from a key and the
/// conversation's name.
/// </summary>
public sealed class Conversation
{
    // Numbers of seven digits, so that two values hardly ever want the same.
    private const int FirstNumber = 1_000_000;
    private const int Numbers = 9_000_000;
    private const int MostDays = 364;
    private readonly byte[] _key;

    internal Conversation(byte[] key)
    {
        _key = key;
        Span<byte> bytes = stackalloc byte[PlaceholderFormat.NonceLength + 2];
        KeyedHash.Of(_key, "nonce", default, bytes);
        Nonce = PlaceholderFormat.NonceOf(bytes);
        KeyedHash.Of(_key, "days", default, bytes);
        int days = 1 + (BinaryPrimitives.ReadUInt16LittleEndian(bytes) % MostDays);
        ShiftDays = bytes[^1] % 2 == 0 ? days : -days;
    }

    /// <summary>The nonce of its placeholders.</summary>
    internal string Nonce { get; }

    /// <summary>By so many days its dates are moved: 1 to 364, there or back.</summary>
    internal int ShiftDays { get; }

    /// <summary>The number that the placeholder of a value should have.</summary>
    internal int NumberOf(ReadOnlySpan<char> value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        KeyedHash.Of(_key, "number", value, bytes);
        return FirstNumber + (int)(BinaryPrimitives.ReadUInt32LittleEndian(bytes) % Numbers);
    }

    /// <summary>The number to try when another value already has this one.</summary>
    internal static int After(int number) => number + 1 < FirstNumber + Numbers ? number + 1 : FirstNumber;
}
