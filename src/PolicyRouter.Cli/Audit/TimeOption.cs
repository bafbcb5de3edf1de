using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace PolicyRouter.Cli.Audit;

/// <summary>A point in time on the command line: UTC unless it has an offset.</summary>
internal static class TimeOption
{
    public static Option<DateTimeOffset?> Create(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = static result => Parse(result),
    };

    private static DateTimeOffset? Parse(ArgumentResult result)
    {
        if (DateTimeOffset.TryParse(
            result.Tokens[0].Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
        {
            return time;
        }

        result.AddError($"{result.Tokens[0].Value} is not a time; write 2026-04-28 or 2026-04-28T14:00Z.");
        return null;
    }
}
