using System.Text;
using Parquet;
using Parquet.Schema;
using PolicyRouter.Audit.Exporting;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Audit.Verifying;

namespace PolicyRouter.Audit.Tests.Exporting;

/// <summary>
/// What is taken out, and what can be done to it on the way: every change is found without the database, by the product and by the sample
/// verifier, which shares no code with it.
/// </summary>
public sealed class ExportTests : IAsyncLifetime
{
    private const int Events = 30;

    private readonly SealedLog _log = new("gateway");

    public Task InitializeAsync() => _log.CreateAsync(Events);

    public Task DisposeAsync() => _log.CleanAsync();

    [SkippableFact]
    public async Task Export_HoldsTheExactBytesInTheOrderOfTheLog_AndVerifiesOffline()
    {
        await _log.RecordAsync(7);
        var export = await ExportAsync();

        var entries = EntriesOf(export);
        Assert.Equal(
            [.. await StoredAsync(1), .. await StoredAsync(2)],
            entries);
        var report = await VerifyAsync(export);
        Assert.Empty(report.Faults);
        Assert.Equal((Events + 7, 0), (report.Entries, report.Uncovered));
        Assert.Equal(0, (await SampleVerifier.RunAsync(export, _log)).ExitCode);
    }

    [SkippableFact]
    public async Task ExportOfATime_ProvesThatItsEntriesAreARunOfTheLog()
    {
        var stored = await StoredLog.EventsAsync(_log.Database, "gateway");
        var (from, to) = (EventFacts.TryRead(stored[9].Bytes)!.Value.At, EventFacts.TryRead(stored[14].Bytes)!.Value.At);
        var export = await ExportAsync(from, to.AddMilliseconds(1));

        var entries = EntriesOf(export);
        Assert.InRange(entries.Count, 5, Events - 1);
        Assert.Contains(Encoding.UTF8.GetString(stored[9].Bytes), entries);
        Assert.Contains(Encoding.UTF8.GetString(stored[14].Bytes), entries);
        var report = await VerifyAsync(export);
        Assert.Empty(report.Faults);
        Assert.Equal(0, report.Uncovered);
        Assert.Equal(0, (await SampleVerifier.RunAsync(export, _log)).ExitCode);

        // A line less, and everything else made to fit: the proof does not.
        List<string> forged = [.. export];
        forged.RemoveAt(forged.Count - 2);
        await AssertRefusedAsync(Resummed(forged));
    }

    [SkippableTheory]
    [InlineData("changed", "altered", 6)]
    [InlineData("deleted", "missing", 6)]
    [InlineData("last deleted", "missing", Events - 1)]
    [InlineData("swapped", "reordered", 6)]
    [InlineData("inserted", "inserted", 6)]
    [InlineData("duplicated", "inserted", 7)]
    [InlineData("changed with its leaf hash", "not those that a signed checkpoint covers", null)]
    [InlineData("tail cut with its leaf hashes", "", null)]
    [InlineData("tail cut with a proof made for it", "its tail was cut", Events - 8)]
    [InlineData("all entries cut", "its tail was cut", 0)]
    [InlineData("beginning cut with the edge of its tree", "The entries before index 8 are not there", 0)]
    [InlineData("another first index", "", null)]
    [InlineData("other key's checkpoint", "None of the given keys", null)]
    [InlineData("log left out", "says that it has", null)]
    [InlineData("end cut off", "ends early", null)]
    [InlineData("line added behind", "added", null)]
    [InlineData("log twice", "", null)]
    public async Task ChangedExport_IsFound_AndTheEntryIsNamed(string attack, string what, int? index)
    {
        var forged = Attack([.. await ExportAsync()], attack);

        var fault = (await AssertRefusedAsync(forged))[0];
        Assert.Contains(what, fault.What, StringComparison.Ordinal);
        if (index is not null)
        {
            Assert.Equal(("gateway", 1L, (long?)index), (fault.Shard, fault.Epoch, fault.Index));
        }
    }

    [SkippableFact]
    public async Task EpochLeftOut_IsFound()
    {
        await _log.RecordAsync(2);
        await _log.RecordAsync(2);
        List<string> lines = [.. await ExportAsync()];
        var second = lines.FindIndex(static line => line.StartsWith("{\"log\":{\"shard\":\"gateway\",\"epoch\":2", StringComparison.Ordinal));
        var third = lines.FindIndex(static line => line.StartsWith("{\"log\":{\"shard\":\"gateway\",\"epoch\":3", StringComparison.Ordinal));
        lines.RemoveRange(second, third - second);
        lines[0] = lines[0].Replace("\"logs\":3", "\"logs\":2", StringComparison.Ordinal);

        var fault = Assert.Single(await AssertRefusedAsync(Resummed(lines)));
        Assert.Equal(("gateway", 2L), (fault.Shard, fault.Epoch));
    }

    [Fact]
    public async Task AnyChangedByteOfAnExport_IsFound()
    {
        var whole = Encoding.UTF8.GetBytes(string.Concat((await ExportAsync()).Select(static line => line + "\n")));
        for (var position = 0; position < whole.Length; position += 41)
        {
            whole[position] ^= 1;
            try
            {
                using MemoryStream stream = new(whole);
                Assert.False((await new LogVerifier([_log.Signer.Key], []).VerifyExportAsync(stream, CancellationToken.None)).Verifies, $"byte {position}");
            }
            catch (FormatException)
            {
                // It was the first line, and this is no export any more.
                Assert.True(position < 100);
            }

            whole[position] ^= 1;
        }
    }

    [SkippableFact]
    public async Task ExportOfARestoredBackup_IsFoundByAKeptCheckpoint()
    {
        var older = await StoredLog.CopyAsync(_log.Database);
        await _log.RecordAsync(4);
        using MemoryStream stream = new();
        var later = TimeProvider.System.GetUtcNow().AddMinutes(1);
        await HistoryExport.WriteAsync(older, ExportFormat.Ndjson, null, null, later, stream, null, CancellationToken.None);
        string[] export = Encoding.UTF8.GetString(stream.ToArray()).TrimEnd('\n').Split('\n');

        Assert.True((await VerifyAsync(export)).Verifies);
        var fault = Assert.Single((await VerifyAsync(export, [.. CheckpointFolder.ReadAll(_log.Checkpoints)])).Faults);
        Assert.Equal(("gateway", 2L), (fault.Shard, fault.Epoch));
        Assert.Equal(0, (await SampleVerifier.RunAsync(export, _log)).ExitCode);
        var kept = Directory.GetFiles(_log.Checkpoints, "*", SearchOption.AllDirectories);
        Assert.Contains("gateway/2 is not there", (await SampleVerifier.RunAsync(export, _log, kept)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OtherFile_IsNoExport()
    {
        await Assert.ThrowsAsync<FormatException>(() => VerifyAsync(["{\"type\":\"request_decided\"}"]));
        using MemoryStream empty = new();
        await Assert.ThrowsAsync<FormatException>(() => new LogVerifier([], []).VerifyExportAsync(empty, CancellationToken.None));
    }

    [Theory]
    [InlineData("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\t=1", "'\t=1")]
    [InlineData("\r=1", "\"'\r=1\"")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"no\"", "\"say \"\"no\"\"\"")]
    [InlineData("plain", "plain")]
    [InlineData(null, "")]
    public void Cell_IsNoFormula(string? value, string cell) => Assert.Equal(cell, CsvExport.Cell(value));

    [Fact]
    public async Task Csv_HasARowPerEvent()
    {
        using MemoryStream stream = new();
        await HistoryExport.WriteAsync(_log.Database, ExportFormat.Csv, null, null, TimeProvider.System.GetUtcNow(), stream, null, CancellationToken.None);

        var lines = Encoding.UTF8.GetString(stream.ToArray()).TrimEnd().Split("\r\n");
        Assert.Equal(Events + 1, lines.Length);
        Assert.StartsWith("shard,epoch,index,type,id,at,", lines[0], StringComparison.Ordinal);
        Assert.All(lines.Skip(1).Index(), line => Assert.StartsWith($"gateway,1,{line.Index},request_decided,{_log.Recorded[line.Index]},", line.Item, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Parquet_HasARowPerEvent_WithTheExactBytes()
    {
        using MemoryStream stream = new();
        await HistoryExport.WriteAsync(_log.Database, ExportFormat.Parquet, null, null, TimeProvider.System.GetUtcNow(), stream, null, CancellationToken.None);

        stream.Position = 0;
        await using var reader = await ParquetReader.CreateAsync(stream);
        using var group = reader.OpenRowGroupReader(0);
        var events = new string[group.RowCount];
        await group.ReadAsync(reader.Schema.DataFields.Single(static field => field.Name == "event"), events);
        Assert.Equal(await StoredAsync(1), events);
    }

    private static string[] Attack(List<string> lines, string attack)
    {
        var start = lines.FindIndex(static line => line.StartsWith("{\"batch\"", StringComparison.Ordinal)) + 1;
        var at = start + 6;
        switch (attack)
        {
            case "changed":
                lines[at] = lines[at].Replace("st-mary", "st-marx", StringComparison.Ordinal);
                break;
            case "deleted":
                lines.RemoveAt(at);
                break;
            case "last deleted":
                lines.RemoveAt(lines.Count - 2);
                break;
            case "swapped":
                (lines[at], lines[at + 2]) = (lines[at + 2], lines[at]);
                break;
            case "inserted":
                lines.Insert(at, lines[at].Replace("st-mary", "st-marx", StringComparison.Ordinal));
                break;
            case "duplicated":
                lines.Insert(at, lines[at]);
                break;
            case "changed with its leaf hash":
                lines[at] = lines[at].Replace("st-mary", "st-marx", StringComparison.Ordinal);
                Rehash(lines, start);
                break;
            case "tail cut with its leaf hashes":
                lines.RemoveAt(lines.Count - 2);
                Rehash(lines, start);
                lines[start - 2] = lines[start - 2].Replace($"\"end\":{Events}", $"\"end\":{Events - 1}", StringComparison.Ordinal);
                break;
            case "tail cut with a proof made for it":
                CutTail(lines, start, Events - 8);
                break;
            case "all entries cut":
                CutTail(lines, start, 0);
                break;
            case "beginning cut with the edge of its tree":
                MerkleStack left = new();
                lines[start..(start + 8)].ForEach(line => left.Append(TreeHash.Leaf(Encoding.UTF8.GetBytes(line))));
                var begun = ExportLines.ReadLog(Encoding.UTF8.GetBytes(lines[start - 2]));
                lines[start - 2] = Encoding.UTF8.GetString(ExportLines.LogLine(begun with { First = 8, Left = [.. left.ToBytes().ToArray().Chunk(TreeHash.Size)] }));
                lines.RemoveRange(start, 8);
                lines[start - 1] = Encoding.UTF8.GetString(ExportLines.BatchLine(8, [.. lines[start..^1].SelectMany(static line => TreeHash.Leaf(Encoding.UTF8.GetBytes(line)))]));
                break;
            case "another first index":
                lines[start - 2] = lines[start - 2].Replace("\"first\":0", "\"first\":1", StringComparison.Ordinal).Replace("\"left\":[]", $"\"left\":[\"{Convert.ToBase64String(new byte[32])}\"]", StringComparison.Ordinal);
                break;
            case "other key's checkpoint":
                var log = ExportLines.ReadLog(Encoding.UTF8.GetBytes(lines[start - 2]));
                var own = SignedCheckpoint.Parse(log.Checkpoint!);
                var other = SignedCheckpoint.Sign(new LogName("policyrouter", "gateway", 1), own.Size, own.Root.ToArray(), own.At!.Value, CheckpointSigner.Create());
                lines[start - 2] = Encoding.UTF8.GetString(ExportLines.LogLine(log with { Checkpoint = other.Note }));
                break;
            case "log left out":
                lines.RemoveRange(start - 2, lines.Count - 1 - (start - 2));
                break;
            case "end cut off":
                return [.. lines[..^1]];
            case "line added behind":
                return [.. lines, lines[at]];
            case "log twice":
                lines.InsertRange(lines.Count - 1, lines[(start - 2)..^1]);
                break;
            default:
                throw new ArgumentException("There is no such attack.", nameof(attack));
        }

        return Resummed(lines);
    }

    /// <summary>What somebody does who knows RFC 6962 and has no key: the newest signed checkpoint stays, and a proof leads from the shorter log to it.</summary>
    private static void CutTail(List<string> lines, int start, int left)
    {
        var leaves = lines[start..^1].Select(static line => TreeHash.Leaf(Encoding.UTF8.GetBytes(line))).ToList();
        SubtreeHashes proof = new(left == 0 ? [] : LeafRange.OfConsistency(left, leaves.Count));
        foreach (var (index, hash) in leaves.Index())
        {
            proof.Add(index, hash);
        }

        var log = ExportLines.ReadLog(Encoding.UTF8.GetBytes(lines[start - 2])) with { End = left, Proof = left == 0 ? [] : proof.Finish() };
        lines[start - 2] = Encoding.UTF8.GetString(ExportLines.LogLine(log));
        lines.RemoveRange(start + left, leaves.Count - left);
        Rehash(lines, start);
    }

    private static void Rehash(List<string> lines, int start) => lines[start - 1] = Encoding.UTF8.GetString(ExportLines.BatchLine(
        0, [.. lines[start..^1].SelectMany(static line => TreeHash.Leaf(Encoding.UTF8.GetBytes(line)))]));

    /// <summary>The lines with the last one made to fit: it is no signature.</summary>
    private static string[] Resummed(List<string> lines)
    {
        var text = string.Concat(lines.SkipLast(1).Select(static line => line + "\n"));
        var sum = Encoding.UTF8.GetString(ExportLines.SumLine(EntriesOf([.. lines]).Count, System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(text))));
        return [.. lines.SkipLast(1), sum];
    }

    private static List<string> EntriesOf(IReadOnlyList<string> export) => [.. export.Where(static line =>
        !line.StartsWith("{\"manifest\":", StringComparison.Ordinal) && !line.StartsWith("{\"log\":", StringComparison.Ordinal)
        && !line.StartsWith("{\"batch\":", StringComparison.Ordinal) && !line.StartsWith("{\"sum\":", StringComparison.Ordinal))];

    private async Task<IEnumerable<string>> StoredAsync(long epoch) =>
        (await StoredLog.EventsAsync(_log.Database, "gateway", epoch)).Select(static stored => Encoding.UTF8.GetString(stored.Bytes));

    private async Task<string[]> ExportAsync(DateTimeOffset? from = null, DateTimeOffset? to = null)
    {
        using MemoryStream stream = new();
        await HistoryExport.WriteAsync(_log.Database, ExportFormat.Ndjson, from, to, TimeProvider.System.GetUtcNow(), stream, null, CancellationToken.None);
        return Encoding.UTF8.GetString(stream.ToArray()).TrimEnd('\n').Split('\n');
    }

    private async Task<VerificationReport> VerifyAsync(string[] export, IReadOnlyList<SignedCheckpoint>? kept = null)
    {
        using MemoryStream stream = new(Encoding.UTF8.GetBytes(string.Concat(export.Select(static line => line + "\n"))));
        return await new LogVerifier([_log.Signer.Key], kept ?? []).VerifyExportAsync(stream, CancellationToken.None);
    }

    /// <summary>Both verifiers refuse it.</summary>
    private async Task<IReadOnlyList<LogFault>> AssertRefusedAsync(string[] export)
    {
        var report = await VerifyAsync(export);
        Assert.NotEmpty(report.Faults);
        var (exitCode, output) = await SampleVerifier.RunAsync(export, _log);
        Assert.Contains("DOES NOT VERIFY", output, StringComparison.Ordinal);
        Assert.Equal(1, exitCode);
        return report.Faults;
    }
}
