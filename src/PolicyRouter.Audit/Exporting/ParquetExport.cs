using Parquet;
using Parquet.Schema;

namespace PolicyRouter.Audit.Exporting;

/// <summary>Apache Parquet, a group of rows at a time.</summary>
internal sealed class ParquetExport : IExportWriter
{
    // The library's arrays are as large as a group, and some stay with it: of 100,000 events groups of 20,000 kept 246 MiB alive, these keep 47.
    private const int RowsPerGroup = 2_000;

    private static readonly DataField<string> Shard = new("shard");
    private static readonly DataField<long> Epoch = new("epoch");
    private static readonly DataField<long> Index = new("index");
    private static readonly DataField<string>[] Texts = [.. ExportedRow.TextColumns.Select(static name => new DataField<string>(name))];
    private static readonly ParquetSchema Schema = new([Shard, Epoch, Index, .. Texts]);

    public async Task WriteAsync(HistorySnapshot history, Stream output, CancellationToken cancellationToken)
    {
        // The format needs to know where it is in the file; a socket does not.
        await using FileStream file = new(
            Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 65_536, FileOptions.DeleteOnClose);
        await using (var writer = await ParquetWriter.CreateAsync(Schema, file, cancellationToken: cancellationToken))
        {
            List<(string Shard, long Epoch, long Index, string?[] Texts)> rows = new(RowsPerGroup);
            foreach (var log in history.Logs)
            {
                await foreach (var page in history.PagesAsync(log, cancellationToken))
                {
                    rows.AddRange(page.Entries.Select(entry => (log.Head.Shard, log.Head.Epoch, entry.Index, ExportedRow.TextsOf(entry))));
                    if (rows.Count >= RowsPerGroup)
                    {
                        await WriteGroupAsync(writer, rows, cancellationToken);
                    }
                }
            }

            await WriteGroupAsync(writer, rows, cancellationToken);
        }

        file.Position = 0;
        await file.CopyToAsync(output, cancellationToken);
    }

    private static async Task WriteGroupAsync(
        ParquetWriter writer, List<(string Shard, long Epoch, long Index, string?[] Texts)> rows, CancellationToken cancellationToken)
    {
        using var group = writer.CreateRowGroup();
        await group.WriteAsync(Shard, rows.ConvertAll(static row => row.Shard));
        await group.WriteAsync<long>(Epoch, rows.ConvertAll(static row => row.Epoch).ToArray(), cancellationToken: cancellationToken);
        await group.WriteAsync<long>(Index, rows.ConvertAll(static row => row.Index).ToArray(), cancellationToken: cancellationToken);
        for (var i = 0; i < Texts.Length; i++)
        {
            await group.WriteAsync(Texts[i], rows.ConvertAll(row => row.Texts[i]!));
        }

        rows.Clear();
    }
}
