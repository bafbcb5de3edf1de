using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace PolicyRouter.Cli.Audit.Sums;

/// <summary>What the commands on sums have in common.</summary>
internal sealed class SumOptions
{
    public Option<string> Database { get; } = new("--database") { Description = "The database of the audit log.", HelpName = "CONN" };
    public Option<DateOnly> From { get; } = Day("--from", "The first day, UTC.");
    public Option<DateOnly> To { get; } = Day("--to", "The day after the last, UTC.");
    public Option<string> Tenant { get; } = new("--tenant") { Description = "Requests of this tenant." };
    public Option<string> App { get; } = new("--app") { Description = "Requests of this app." };
    public Option<bool> Json { get; } = new("--json") { Description = "One JSON document." };
    public Option<bool> Csv { get; } = new("--csv") { Description = "Comma-separated values." };

    public Command Create(string name, string description, params Option[] own)
    {
        Command command = new(name, description) { Database, From, To, Tenant, App };
        foreach (var option in own)
        {
            command.Add(option);
        }

        command.Add(Json);
        command.Add(Csv);
        command.Validators.Add(result =>
        {
            if (result.GetValue(Json) && result.GetValue(Csv))
            {
                result.AddError("--json and --csv exclude one another.");
            }
        });
        return command;
    }

    public SumFormat FormatOf(ParseResult parsed) => parsed.GetValue(Json) ? SumFormat.Json : parsed.GetValue(Csv) ? SumFormat.Csv : SumFormat.Table;

    private static Option<DateOnly> Day(string name, string description) => new(name)
    {
        Description = description, HelpName = "DAY", Required = true, CustomParser = static result => Parse(result),
    };

    private static DateOnly Parse(ArgumentResult result)
    {
        if (DateOnly.TryParseExact(result.Tokens[0].Value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            return day;
        }

        result.AddError($"{result.Tokens[0].Value} is not a day; write 2026-04-28.");
        return default;
    }
}
