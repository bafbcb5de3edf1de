using System.CommandLine;
using System.Globalization;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Printing;
using PolicyRouter.Policies.Reading;

namespace PolicyRouter.Cli.Policy;

/// <summary>
/// <c>policy explain [DIR]</c>: who may receive a request, in order, and every reason against the others. Exit 0 when somebody may
/// (or the deployment asked about), 1 when nobody may.
/// </summary>
internal static class PolicyExplainCommand
{
    private static readonly Option<string[]> Data = ListOption("--data", "Classes of the data: phi, card-number, ...");
    private static readonly Option<string[]> Subjects = ListOption("--subjects", "Zones where the people concerned live.");
    private static readonly Option<string> Purpose = new("--purpose") { Description = "What it is for." };
    private static readonly Option<string[]> Features = ListOption("--features", "Features used; chat unless given.");
    private static readonly Option<string> Model = new("--model") { Description = "A route, a deployment or auto; every deployment unless given." };
    private static readonly Option<string> On = new("--on") { Description = "The day, as 2026-12-31; today in the legal time zone unless given." };
    private static readonly Option<string> Deployment = new("--deployment") { Description = "Tells about this deployment only." };

    private static readonly Option<string> Unit = new("--business-unit") { Description = "The part of the organisation the app belongs to." };
    private static readonly Option<string> Tenant = new("--tenant") { Description = "The tenant whose own bounds apply." };

    internal static Command Create()
    {
        var folder = PolicyLoading.FolderArgument();
        var json = PolicyLoading.JsonOption();
        Command command = new("explain", "Tells who may receive a request, in order, and why the others may not.")
        {
            folder, Data, Subjects, Purpose, Features, Model, On, Deployment, Unit, Tenant, json,
        };
        command.SetAction(parsed => Run(
            parsed, parsed.GetValue(folder)!, parsed.GetValue(json), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error));
        return command;
    }

    private static Option<string[]> ListOption(string name, string description) =>
        new(name) { Description = description, AllowMultipleArgumentsPerToken = true };

    private static int Run(ParseResult parsed, string folder, bool json, TextWriter output, TextWriter error)
    {
        if (PolicyLoading.LoadOrReport(folder, error) is not { Snapshot: var snapshot })
        {
            return ExitCodes.InputNotLoaded;
        }

        DateOnly day;
        if (parsed.GetValue(On) is not { } on)
        {
            day = snapshot.DayOf(TimeProvider.System.GetUtcNow());
        }
        else if (!DateOnly.TryParseExact(on, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day))
        {
            error.WriteLine($"--on {on} is not a date; write it as 2026-12-31.");
            return ExitCodes.WrongUsage;
        }

        var model = parsed.GetValue(Model);
        var only = parsed.GetValue(Deployment);
        string[] deployments = [.. snapshot.Deployments.Select(static d => d.Id)];
        if (model is not null && !snapshot.Offers(model))
        {
            return NotKnown("model", model, [.. snapshot.Routes.Keys, .. deployments, PolicySnapshot.AnyDeployment], error);
        }

        if (only is not null && !deployments.Contains(only))
        {
            return NotKnown("deployment", only, deployments, error);
        }

        var features = Split(parsed.GetValue(Features));
        PolicyRequest request = new()
        {
            Day = day,
            DeclaredClasses = Split(parsed.GetValue(Data)),
            Subjects = Split(parsed.GetValue(Subjects)),
            Purpose = parsed.GetValue(Purpose),
            Features = features.Length > 0 ? features : ["chat"],
            Route = model,
            BusinessUnit = parsed.GetValue(Unit),
            Tenant = parsed.GetValue(Tenant),
        };
        WarnOfUnknownWords(request, snapshot, error);
        var decision = Only(snapshot.Decide(request), only);
        output.WriteLine(json ? JsonText.Write(writer => DecisionJson.Write(writer, decision)) : DecisionText.Print(decision));
        return decision.IsPermitted ? ExitCodes.Good : ExitCodes.AnswerIsNo;
    }

    private static string[] Split(string[]? values) =>
        [.. (values ?? []).SelectMany(static value => value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

    private static Decision Only(Decision decision, string? deployment) => deployment is null ? decision : decision with
    {
        Permitted = [.. decision.Permitted.Where(permitted => permitted.Deployment.Id == deployment)],
        Denied = [.. decision.Denied.Where(denied => denied.DeploymentId == deployment)],
        OutsideRoute = [.. decision.OutsideRoute.Where(id => id == deployment)],
        Warnings = [.. decision.Warnings.Where(warned => warned.DeploymentId == deployment)],
        Shadow = [.. decision.Shadow.Where(rule => rule.Deployments.Contains(deployment)).Select(rule => rule with { Deployments = [deployment] })],
    };

    private static void WarnOfUnknownWords(PolicyRequest request, PolicySnapshot snapshot, TextWriter error)
    {
        Warn("class", request.DeclaredClasses, snapshot.Classes);
        Warn("zone", request.Subjects, snapshot.Zones);
        Warn("purpose", request.Purpose is { } purpose ? [purpose] : [], snapshot.Purposes);
        Warn("feature", request.Features, snapshot.Features);
        Warn("business unit", request.BusinessUnit is { } unit ? [unit] : [], snapshot.BusinessUnits);

        void Warn(string kind, IEnumerable<string> words, IReadOnlySet<string> known)
        {
            foreach (var word in words.Where(word => !known.Contains(word)))
            {
                error.WriteLine($"The policy knows no {kind} {word}, so it counts as unknown.{Meant(word, known)}");
            }
        }
    }

    private static int NotKnown(string kind, string word, string[] known, TextWriter error)
    {
        error.WriteLine($"The policy knows no {kind} {word}.{Meant(word, known)}");
        return ExitCodes.WrongUsage;
    }

    private static string Meant(string word, IEnumerable<string> known) =>
        NearestWord.To(word, known) is { } nearest ? $" Did you mean {nearest}?" : "";
}
