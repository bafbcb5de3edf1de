using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json;
using PolicyRouter.Gateway.Callers;

namespace PolicyRouter.Cli;

/// <summary><c>token --app NAME --role ROLE</c>: a token that only a gateway run with <c>--dev</c> trusts.</summary>
internal static class TokenCommand
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    internal static Command Create()
    {
        Option<string> app = new("--app") { Description = "Who asks: the app or person (sub).", Required = true, HelpName = "NAME" };
        Option<string[]> roles = new("--role") { Description = "app, auditor, legal or operator; may be repeated.", Required = true, HelpName = "ROLE" };
        roles.AcceptOnlyFromAmong("app", "auditor", "legal", "operator");
        Option<string[]> floor = new("--floor") { Description = "Data classes every request has at least, divided by commas; may be repeated.", HelpName = "CLASS" };
        Option<string[]> purposes = new("--purpose") { Description = "Purposes the app may name, divided by commas; may be repeated.", HelpName = "P" };
        Option<string[]> subjects = new("--subjects") { Description = "Zones where the people concerned live, divided by commas; may be repeated.", HelpName = "Z" };
        Option<string> tenant = new("--tenant") { Description = "The tenant.", HelpName = "T" };
        Option<string> unit = new("--business-unit") { Description = "The part of the organisation the app belongs to.", HelpName = "U" };
        Option<string> priority = new("--priority") { Description = "low, normal or high: who is refused first when the gateway is full.", HelpName = "P" };
        priority.AcceptOnlyFromAmong("low", "normal", "high");
        Option<bool> json = new("--json") { Description = "Prints one JSON document." };
        Command command = new("token", "Makes a development token. Only a gateway run with --dev trusts it, for 12 hours.")
        {
            app, roles, floor, purposes, subjects, tenant, unit, priority, json,
        };
        command.SetAction(result =>
        {
            Caller caller = new()
            {
                App = result.GetRequiredValue(app),
                Tenant = result.GetValue(tenant) ?? "",
                BusinessUnit = result.GetValue(unit) ?? "",
                Roles = result.GetRequiredValue(roles),
                FloorClasses = Words(result.GetValue(floor)),
                Purposes = Words(result.GetValue(purposes)),
                DataSubjects = Words(result.GetValue(subjects)),
                Priority = Enum.Parse<CallerPriority>(result.GetValue(priority) ?? "normal", ignoreCase: true),
            };
            return Run(caller, result.GetValue(json), result.InvocationConfiguration.Output, result.InvocationConfiguration.Error);
        });
        return command;
    }

    // As everywhere else: no word of a policy has a comma.
    private static string[] Words(string[]? given) => [.. (given ?? []).SelectMany(static one => one.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

    private static int Run(Caller caller, bool json, TextWriter output, TextWriter error)
    {
        try
        {
            using var key = DevelopmentHome.Open().OpenSigningKey();
            var token = new DevelopmentTokens(key, TimeProvider.System).Create(caller, Lifetime);
            output.WriteLine(json ? JsonSerializer.Serialize(new { token, expires = TimeProvider.System.GetUtcNow() + Lifetime }) : token);
            return ExitCodes.Good;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException)
        {
            error.WriteLine(failure.Message);
            return ExitCodes.InputNotLoaded;
        }
    }
}
