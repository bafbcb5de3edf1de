using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace PolicyRouter.Audit.Exporting;

/// <summary>Reads an export line by line, with the hash over the lines before each.</summary>
internal sealed class ExportReader(Stream input) : IDisposable
{
    // The longest line holds the leaf hashes of a page.
    private const int LongestLine = 1_048_576;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>SHA-256 over the lines before the current one.</summary>
    public string SumBefore { get; private set; } = "";

    /// <exception cref="FormatException">A line is longer than any of an export, or the last one has no end.</exception>
    public async IAsyncEnumerable<byte[]> LinesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = PipeReader.Create(input, new StreamPipeReaderOptions(leaveOpen: true, bufferSize: 65_536));
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            var rest = read.Buffer;
            while (rest.PositionOf((byte)'\n') is { } end)
            {
                var line = rest.Slice(0, end).ToArray();
                rest = rest.Slice(rest.GetPosition(1, end));
                SumBefore = line.AsSpan().StartsWith(ExportLines.Sum) ? Convert.ToHexStringLower(_hash.GetCurrentHash()) : "";
                yield return line;
                _hash.AppendData(line);
                _hash.AppendData("\n"u8);
            }

            if (rest.Length > LongestLine || (read.IsCompleted && rest.Length > 0))
            {
                throw new FormatException(read.IsCompleted ? "The last line was cut." : "A line is too long for an export.");
            }

            reader.AdvanceTo(rest.Start, rest.End);
            if (read.IsCompleted)
            {
                yield break;
            }
        }
    }

    public void Dispose() => _hash.Dispose();
}
