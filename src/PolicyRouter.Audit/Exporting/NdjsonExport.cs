using PolicyRouter.Audit.Sealing;

namespace PolicyRouter.Audit.Exporting;

/// <summary>The export that can be verified without the database (see <see cref="ExportLines"/>).</summary>
internal sealed class NdjsonExport : IExportWriter
{
    public async Task WriteAsync(HistorySnapshot history, Stream output, CancellationToken cancellationToken)
    {
        using HashedLines lines = new(output);
        await lines.WriteAsync(ExportLines.ManifestLine(history.At, history.From, history.To, history.IsOfOneLog, history.Logs.Count), cancellationToken);
        long rows = 0;
        foreach (var log in history.Logs)
        {
            await lines.WriteAsync(ExportLines.LogLine(await DescribeAsync(history, log, cancellationToken)), cancellationToken);
            await foreach (var page in history.PagesAsync(log, cancellationToken))
            {
                await lines.WriteAsync(ExportLines.BatchLine(page.First, page.LeafHashes), cancellationToken);
                foreach (var entry in page.Entries)
                {
                    await lines.WriteAsync(entry.Bytes, cancellationToken);
                }

                rows += page.Entries.Count;
            }
        }

        await lines.WriteAsync(ExportLines.SumLine(rows, lines.Sum()), cancellationToken);
        await lines.FlushAsync(cancellationToken);
    }

    private static async Task<ExportedLog> DescribeAsync(HistorySnapshot history, LogRange log, CancellationToken cancellationToken)
    {
        var checkpoint = history.NewestCheckpoint(log.Head);
        if (log.Head.IsRetired)
        {
            return new ExportedLog(log.Head.Shard, log.Head.Epoch, log.First, log.End, [.. (log.Head.Stack ?? []).Chunk(TreeHash.Size)], checkpoint?.Note, []);
        }

        var ranges = checkpoint is { } larger && larger.Size > log.End ? LeafRange.OfConsistency(log.End, larger.Size) : [];
        SubtreeHashes proof = new(ranges);
        MerkleStack left = new();
        await foreach (var (index, hash) in history.LeafHashesAsync(log.Head, Math.Max(log.First, proof.End), cancellationToken))
        {
            proof.Add(index, hash.Span);
            if (index < log.First)
            {
                left.Append(hash.Span);
            }
        }

        return new ExportedLog(
            log.Head.Shard, log.Head.Epoch, log.First, log.End,
            [.. left.ToBytes().ToArray().Chunk(TreeHash.Size)], checkpoint?.Note, proof.Finish());
    }
}
