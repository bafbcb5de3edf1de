using System.Net;
using System.Text.Json.Nodes;
using PolicyRouter.WebConsole.Exporting;

namespace PolicyRouter.WebConsole.Tests;

public class ExportTests
{
    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\t=1", "'\t=1")]
    [InlineData("\r=1", "\"'\r=1\"")]
    [InlineData("=\"a\"", "\"'=\"\"a\"\"\"")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("plain", "plain")]
    [InlineData("", "")]
    public void Cell_IsNoFormula_AndOneCell(string value, string cell) => Assert.Equal(cell, CsvExport.Cell(value));

    [Fact]
    public async Task Csv_SaysWhatItIs_HoldsEveryRow_AndIsRecordedFirst()
    {
        await using var gateway = await ControlPlaneDouble.StartAsync();
        await using var console = await ConsoleUnderTest.SignedInAsync(gateway: gateway, events: [Record.Permit(Record.Permitted, app: "=cmd|' /C calc'!A0"), Record.End(Record.Permitted), Record.Deny(Record.Refused)]);

        using var reply = await console.PostAsync("/", "/export", [("Sec-Fetch-Site", "same-origin")], ("format", "csv"), ("query", "?text=-app%3Anobody"));
        var lines = (await reply.Content.ReadAsStringAsync()).Split("\r\n");

        Assert.Equal("text/csv", reply.Content.Headers.ContentType?.MediaType);
        Assert.EndsWith(".csv", reply.Content.Headers.ContentDisposition?.FileName, StringComparison.Ordinal);
        Assert.EndsWith("by carla", lines[0], StringComparison.Ordinal);
        Assert.Equal("# search: -app:nobody", lines[1]);
        Assert.StartsWith("# time: from ", lines[2], StringComparison.Ordinal);
        Assert.Equal(["# tenant: all", "# rows: 2"], lines[3..5]);
        Assert.Matches("^# log: shard console epoch 1 size 3 root [0-9a-f]{64}$", lines[5]);
        Assert.StartsWith("id,time,outcome,", lines[6], StringComparison.Ordinal);
        Assert.Contains(",'=cmd|' /C calc'!A0,", lines[8], StringComparison.Ordinal);
        Assert.EndsWith(",2812,200,1310,95,claude-sonnet-5", lines[8], StringComparison.Ordinal);
        Assert.Equal(["# end of the export: 2 rows", ""], lines[9..]);
        Assert.Contains(gateway.Reads, static read => read is { Query: "console: -app:nobody; last 24 hours; export as csv", Rows: 2 });
    }

    [Fact]
    public async Task Ndjson_BeginsAndEndsWithWhatItIs()
    {
        await using var gateway = await ControlPlaneDouble.StartAsync();
        await using var console = await ConsoleUnderTest.SignedInAsync(tenant: "default", gateway: gateway);

        using var reply = await console.PostAsync("/", "/export", [], ("format", "ndjson"), ("query", "?last=all"));
        var lines = (await reply.Content.ReadAsStringAsync()).TrimEnd('\n').Split('\n').Select(static line => JsonNode.Parse(line)!).ToArray();

        Assert.Equal(4, lines.Length);
        Assert.Equal(("carla", "default", 2), ((string)lines[0]["export"]!["by"]!, (string)lines[0]["export"]!["tenant"]!, (int)lines[0]["export"]!["rows"]!));
        Assert.Equal(2, (int)lines[0]["export"]!["log"]![0]!["size"]!);
        Assert.Equal(Record.Refused, (Guid)lines[1]["id"]!);
        Assert.Equal(2, (int)lines[3]["end"]!["rows"]!);
    }

    [Fact]
    public async Task WithoutARecord_NothingIsExported()
    {
        await using var gateway = await ControlPlaneDouble.StartAsync();
        await using var console = await ConsoleUnderTest.SignedInAsync(gateway: gateway);
        await using var unrecorded = await ConsoleUnderTest.SignedInAsync();
        gateway.Status = 503;

        using var refused = await console.PostAsync("/sign-in", "/export", [], ("format", "csv"), ("query", "?last=all"));
        using var nobody = await unrecorded.PostAsync("/", "/export", [], ("format", "csv"), ("query", ""));

        Assert.Equal("/?last=all&export=refused", refused.Headers.Location?.ToString());
        Assert.Equal("/?export=refused", nobody.Headers.Location?.ToString());
        Assert.Empty(await refused.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Export_IsForAuditors_OfThisVeryPage()
    {
        await using var gateway = await ControlPlaneDouble.StartAsync();
        await using var legal = await ConsoleUnderTest.SignedInAsync("legal", gateway: gateway);
        await using var console = await ConsoleUnderTest.SignedInAsync(gateway: gateway);

        using var forbidden = await legal.PostAsync("/", "/export", [], ("format", "csv"), ("query", ""));
        using var elsewhere = await console.PostAsync("/", "/export", [("Sec-Fetch-Site", "cross-site")], ("format", "csv"), ("query", ""));
        using var unknown = await console.PostAsync("/", "/export", [], ("format", "exe"), ("query", ""));

        Assert.StartsWith("/sign-in", forbidden.Headers.Location?.PathAndQuery, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, elsewhere.StatusCode);
        Assert.Equal("/", unknown.Headers.Location?.ToString());
        Assert.DoesNotContain(gateway.Reads, static read => read.Query.Contains("export", StringComparison.Ordinal));
    }
}
