using System.CommandLine;
using System.Globalization;
using PolicyRouter.Policies.Printing;
using PolicyRouter.Policies.Reading;
using PolicyRouter.Redaction;

namespace PolicyRouter.Cli.Policy;

/// <summary>What the policy verbs share: the folder argument, exit codes, and loading with problems on standard error.</summary>
internal static class PolicyLoading
{
    public const string NothingLoaded = "Nothing was loaded; a gateway keeps the policy it has.";

    public static Argument<string> FolderArgument()
    {
        Argument<string> folder = new("DIR") { Description = "The policy folder.", DefaultValueFactory = static _ => "policies" };
        // A misspelt option would otherwise be taken for the folder.
        folder.Validators.Add(static result =>
        {
            if (result.Tokens is [var token] && token.Value.StartsWith("--", StringComparison.Ordinal))
            {
                result.AddError($"Unknown option {token.Value}.");
            }
        });
        return folder;
    }

    public static Option<bool> JsonOption() => new("--json") { Description = "Print one JSON document on standard output." };

    /// <summary>A day as 2026-12-31; anything else is wrong usage.</summary>
    public static Option<DateOnly?> DayOption(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result =>
        {
            if (DateOnly.TryParseExact(result.Tokens[0].Value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            {
                return day;
            }

            result.AddError($"{name} {result.Tokens[0].Value} is not a date; write it as 2026-12-31.");
            return null;
        },
    };

    /// <summary>Plain http on loopback is accepted here, because these verbs send nothing; the gateway decides for itself.</summary>
    /// <param name="review">Also proves the claims and analyses the rules.</param>
    public static PolicyLoadResult Load(string folder, bool review = false) => PolicyFolder.Load(folder, new()
    {
        RedactionProfiles = RedactionProfile.Names,
        AllowPlainHttpOnLoopback = true,
        Review = review ? new(TimeProvider.System.GetUtcNow(), RunsCases: false) : null,
    });

    /// <summary>Null, after the errors have been printed, when the folder cannot be loaded. Warnings are the business of <c>check</c>.</summary>
    public static PolicyLoadResult.Loaded? LoadOrReport(string folder, TextWriter error)
    {
        var result = Load(folder);
        if (result is PolicyLoadResult.Loaded loaded)
        {
            return loaded;
        }

        foreach (var problem in result.Problems)
        {
            error.WriteLine(ProblemPrinter.Print(problem));
        }

        error.WriteLine($"{ProblemPrinter.Summary(result.Problems)}. {NothingLoaded}");
        return null;
    }
}
