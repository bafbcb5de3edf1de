using System.Security.Cryptography;

namespace PolicyRouter.Audit.Exporting;

/// <summary>Writes lines in large pieces and keeps a hash over all of them.</summary>
internal sealed class HashedLines(Stream output) : IDisposable
{
    private const int PieceBytes = 65_536;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly MemoryStream _piece = new(PieceBytes * 2);

    /// <summary>SHA-256 over the lines so far, their ends included.</summary>
    public byte[] Sum() => _hash.GetCurrentHash();

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> line, CancellationToken cancellationToken)
    {
        _hash.AppendData(line.Span);
        _hash.AppendData("\n"u8);
        _piece.Write(line.Span);
        _piece.WriteByte((byte)'\n');
        if (_piece.Length >= PieceBytes)
        {
            await FlushAsync(cancellationToken);
        }
    }

    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        await output.WriteAsync(_piece.GetBuffer().AsMemory(0, (int)_piece.Length), cancellationToken);
        _piece.SetLength(0);
        await output.FlushAsync(cancellationToken);
    }

    public void Dispose()
    {
        _hash.Dispose();
        _piece.Dispose();
    }
}
