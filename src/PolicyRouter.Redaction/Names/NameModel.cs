using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace PolicyRouter.Redaction.Names;

/// <summary>
/// The weights of the tagger: for every slot one signed byte per tag. How they were made, from what and how good they are stands in <c>README.md</c> beside the file.
/// </summary>
internal sealed class NameModel
{
    /// <summary>Tags, <see cref="NameTag.None"/> included.</summary>
    public const int Tags = 4;

    private const uint Magic = 0x31474154; // "TAG1"
    private const int HeaderLength = 8;
    private readonly sbyte[] _weights;

    /// <param name="bits">The table has two to the power of so many slots.</param>
    /// <param name="weights">Four weights for each slot.</param>
    public NameModel(int bits, sbyte[] weights)
    {
        if (weights.Length != Tags << bits)
        {
            throw new ArgumentException("There must be four weights for every slot.", nameof(weights));
        }

        Bits = bits;
        _weights = weights;
    }

    /// <summary>The model this build has.</summary>
    public static NameModel Shipped { get; } = ReadShipped();

    public int Bits { get; }

    /// <summary>Adds the weights of some slots to the scores of the tags.</summary>
    public void Add(ReadOnlySpan<int> slots, Span<int> scores)
    {
        int none = scores[0];
        int person = scores[1];
        int place = scores[2];
        int organisation = scores[3];
        ReadOnlySpan<sbyte> weights = _weights;
        foreach (int slot in slots)
        {
            ReadOnlySpan<sbyte> row = weights.Slice(slot * Tags, Tags);
            none += row[0];
            person += row[1];
            place += row[2];
            organisation += row[3];
        }

        (scores[0], scores[1], scores[2], scores[3]) = (none, person, place, organisation);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is no model, or of another version.</exception>
    public static NameModel Read(Stream stream)
    {
        using BrotliStream decoder = new(stream, CompressionMode.Decompress);
        Span<byte> header = stackalloc byte[HeaderLength];
        decoder.ReadExactly(header);
        int bits = BinaryPrimitives.ReadInt32LittleEndian(header[4..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != Magic || bits is < 4 or > 24)
        {
            throw new InvalidDataException("This is no model of the name tagger, or one of another version.");
        }

        sbyte[] weights = new sbyte[Tags << bits];
        decoder.ReadExactly(MemoryMarshal.AsBytes(weights.AsSpan()));
        return new NameModel(bits, weights);
    }

    /// <summary>Writes the model, compressed. The same weights always give the same bytes.</summary>
    public void Write(Stream stream)
    {
        using BrotliStream encoder = new(stream, CompressionLevel.SmallestSize, leaveOpen: true);
        Span<byte> header = stackalloc byte[HeaderLength];
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], Bits);
        encoder.Write(header);
        encoder.Write(MemoryMarshal.AsBytes(_weights.AsSpan()));
    }

    private static NameModel ReadShipped()
    {
        using Stream stream = EmbeddedList.Open("name-tagger.bin");
        return Read(stream);
    }
}
