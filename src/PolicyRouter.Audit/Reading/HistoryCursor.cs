using System.Buffers.Binary;
using System.Buffers.Text;

namespace PolicyRouter.Audit.Reading;

/// <summary>Where a page ended: time and id of its last request. Pages stay right while new requests come in above.</summary>
internal readonly record struct HistoryCursor(DateTime At, Guid Id)
{
    private const int Size = sizeof(long) + 16;

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        BinaryPrimitives.WriteInt64BigEndian(bytes, At.Ticks);
        Id.TryWriteBytes(bytes[sizeof(long)..], bigEndian: true, out _);
        return Base64Url.EncodeToString(bytes);
    }

    /// <exception cref="ArgumentException">The text is no cursor of ours.</exception>
    public static HistoryCursor Parse(string text)
    {
        Span<byte> bytes = stackalloc byte[Size];
        if (Base64Url.IsValid(text, out var length) && length == Size && Base64Url.TryDecodeFromChars(text, bytes, out _)
            && BinaryPrimitives.ReadInt64BigEndian(bytes) is >= 0 and var ticks && ticks <= DateTime.MaxValue.Ticks)
        {
            return new HistoryCursor(new DateTime(ticks, DateTimeKind.Utc), new Guid(bytes[sizeof(long)..], bigEndian: true));
        }

        throw new ArgumentException("The cursor is not one that a page of history gave.", nameof(text));
    }
}
