using System.Globalization;
using System.Text;
using System.Text.Json;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Cli.Policy;

namespace PolicyRouter.Cli.Audit;

/// <summary>A page of history for people and for scripts.</summary>
internal static class HistoryText
{
    private const string None = "-";

    private static readonly string[] Heads = ["TIME", "OUTCOME", "END", "APP", "TENANT", "ROUTE", "CLASSES", "AUTHORISED", "ANSWERED BY", "ID"];

    /// <summary>Columns as wide as their widest value.</summary>
    public static string Table(HistoryPage page)
    {
        if (page.Decisions.Count == 0)
        {
            return "No requests match.";
        }

        List<string[]> rows = [Heads, .. page.Decisions.Select(Cells)];
        var widths = Enumerable.Range(0, Heads.Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        return string.Join('\n', rows.Select(row => string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd()));
    }

    /// <summary><c>{"decisions":[…],"nextCursor":…}</c>.</summary>
    public static string Json(HistoryPage page) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("decisions");
        foreach (var decision in page.Decisions)
        {
            Write(writer, decision);
        }

        writer.WriteEndArray();
        writer.WriteString("nextCursor", page.NextCursor);
        writer.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter writer, DecisionSummary decision)
    {
        writer.WriteStartObject();
        writer.WriteString("id", decision.Id);
        writer.WriteString("at", Time(decision.At));
        writer.WriteString("app", decision.App);
        writer.WriteString("tenant", decision.Tenant);
        writer.WriteString("route", decision.Route);
        writer.WriteString("outcome", decision.Outcome);
        writer.WriteString("refusalCode", decision.RefusalCode);
        JsonText.WriteList(writer, "classes", decision.Classes);
        writer.WriteString("policyVersion", decision.PolicyVersion);
        JsonText.WriteList(writer, "authorizedDeployments", decision.AuthorizedDeployments);
        writer.WriteString("answeredBy", decision.AnsweredBy);
        writer.WriteString("end", decision.End);
        writer.WriteNumber("redactions", decision.Redactions);
        writer.WriteEndObject();
    }

    private static string[] Cells(DecisionSummary decision) =>
    [
        .. ((string[])
        [
            Time(decision.At),
            decision.RefusalCode is { } code ? $"{decision.Outcome} ({code})" : decision.Outcome,
            decision.End ?? None,
            decision.App,
            decision.Tenant,
            decision.Route,
            decision.Classes.Count == 0 ? None : string.Join(',', decision.Classes),
            decision.AuthorizedDeployments.Count == 0 ? None : string.Join(',', decision.AuthorizedDeployments),
            decision.AnsweredBy ?? None,
            decision.Id.ToString(),
        ]).Select(Printable),
    ];

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>What came from callers must not move the cursor or change colours.</summary>
    private static string Printable(string text) => text.AsSpan().ContainsAnyInRange('\0', '\u001f') || text.Contains('\u007f', StringComparison.Ordinal)
        ? new StringBuilder(text.Length).AppendJoin(null, text.Select(static character => char.IsControl(character) ? '\uFFFD' : character)).ToString()
        : text;
}
