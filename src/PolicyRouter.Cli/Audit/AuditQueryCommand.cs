using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Audit.Reading.Searching;

namespace PolicyRouter.Cli.Audit;

/// <summary><c>audit query [filters]</c>: recorded requests, newest first, as a table or one JSON document.</summary>
internal static class AuditQueryCommand
{
    private static readonly Option<string> Database = new("--database") { Description = "The database of the audit log.", HelpName = "CONN" };
    private static readonly Option<DateTimeOffset?> From = TimeOption.Create("--from", "Decided at or after this time (UTC unless it has an offset).");
    private static readonly Option<DateTimeOffset?> To = TimeOption.Create("--to", "Decided before this time.");
    private static readonly Option<string> Class = Text("--class", "Requests with this data class.");
    private static readonly Option<string> App = Text("--app", "Requests of this app.");
    private static readonly Option<string> Tenant = Text("--tenant", "Requests of this tenant.");
    private static readonly Option<string> Route = Text("--route", "Requests for this route.");
    private static readonly Option<string> Deployment = Text("--deployment", "Requests that a send to this deployment was authorised for.");
    private static readonly Option<string> Outcome = Text("--outcome", "permit, deny or dry-run; or an end: completed, failed, unknown, ...");
    private static readonly Option<string> Rule = Text("--rule", "Requests that this rule denied a deployment for or laid a duty on.");
    private static readonly Option<string> Policy = Text("--policy", "Requests decided under this policy version.");
    private static readonly Option<Search?> Search = new("--text")
    {
        Description = "Requests that meet all of: outcome:deny -app:billing deployment:azure-* latency:>2s ...", HelpName = "SEARCH", CustomParser = static result => ParseSearch(result),
    };
    private static readonly Option<string> Cursor = Text("--cursor", "Goes on where the page before ended.");
    private static readonly Option<bool> Json = new("--json") { Description = "One JSON document." };
    private static readonly Option<int> Limit = LimitOption();

    internal static Command Create()
    {
        Command command = new("query", "Finds recorded requests, newest first.")
        {
            Database, From, To, Class, App, Tenant, Route, Deployment, Outcome, Rule, Policy, Search, Limit, Cursor, Json,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetValue(Database),
            QueryOf(parsed),
            $"audit query {string.Join(' ', Asked(parsed))}",
            parsed.GetValue(Json),
            parsed.InvocationConfiguration.Output,
            parsed.InvocationConfiguration.Error,
            cancellationToken));
        return command;
    }

    private static HistoryQuery QueryOf(ParseResult parsed) => new()
    {
        From = parsed.GetValue(From),
        To = parsed.GetValue(To),
        Class = parsed.GetValue(Class),
        App = parsed.GetValue(App),
        Tenant = parsed.GetValue(Tenant),
        Route = parsed.GetValue(Route),
        Deployment = parsed.GetValue(Deployment),
        Outcome = parsed.GetValue(Outcome),
        Rule = parsed.GetValue(Rule),
        Policy = parsed.GetValue(Policy),
        Search = parsed.GetValue(Search),
        Cursor = parsed.GetValue(Cursor),
        Limit = parsed.GetValue(Limit),
    };

    /// <summary>The filters as they were written; not the database, whose connection string may hold a password.</summary>
    private static IEnumerable<string> Asked(ParseResult parsed) => ((Option[])[From, To, Class, App, Tenant, Route, Deployment, Outcome, Rule, Policy, Limit, Cursor])
        .Where(option => parsed.GetResult(option) is { Implicit: false })
        .Select(option => $"{option.Name}={string.Join(' ', parsed.GetResult(option)!.Tokens.Select(static token => token.Value))}");

    private static Task<int> RunAsync(string? named, HistoryQuery query, string asked, bool json, TextWriter output, TextWriter error, CancellationToken cancellationToken) =>
        AuditVerb.RunAsync(named, error, async database =>
        {
            await using var history = AuditHistory.Open(database.ConnectionString);
            HistoryPage page;
            try
            {
                page = await history.QueryAsync(query, cancellationToken);
            }
            catch (ArgumentException)
            {
                await error.WriteLineAsync("The cursor is not one that a page of history gave.");
                return ExitCodes.WrongUsage;
            }

            // Recorded before anybody sees it.
            await CliReads.RecordAsync(database, asked, page.Decisions.Count, TimeProvider.System, error, cancellationToken);
            await output.WriteLineAsync(json ? HistoryText.Json(page) : HistoryText.Table(page));
            if (!json && page.NextCursor is { } next)
            {
                await error.WriteLineAsync($"There are more: --cursor {next}");
            }

            return ExitCodes.Good;
        }, cancellationToken);

    private static Option<string> Text(string name, string description) => new(name) { Description = description };

    private static Search? ParseSearch(ArgumentResult result)
    {
        try
        {
            return PolicyRouter.Audit.Reading.Searching.Search.Parse(result.Tokens[0].Value);
        }
        catch (SearchException fault)
        {
            result.AddError(fault.Message);
            return null;
        }
    }

    private static Option<int> LimitOption()
    {
        Option<int> limit = new("--limit") { Description = "Requests on one page, 1 to 500.", DefaultValueFactory = static _ => 50 };
        limit.Validators.Add(static result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var value) && value is < 1 or > 500)
            {
                result.AddError("--limit is 1 to 500.");
            }
        });
        return limit;
    }
}
