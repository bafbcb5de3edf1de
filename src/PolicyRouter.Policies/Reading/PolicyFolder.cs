using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Signing;

namespace PolicyRouter.Policies.Reading;

/// <summary>What the host can do, so that a policy that asks for more is refused when it is loaded, not when it is needed.</summary>
public sealed record PolicyLoadOptions
{
    /// <summary>Redaction profiles this host can perform.</summary>
    public required IReadOnlySet<string> RedactionProfiles { get; init; }

    /// <summary>True lets endpoints be plain http on loopback (development and simulation only).</summary>
    public bool AllowPlainHttpOnLoopback { get; init; }

    /// <summary>Also proves the claims and analyses the rules, as of a day; null only reads and checks what is written.</summary>
    public PolicyReview? Review { get; init; }

    /// <summary>The key whose signature the folder must carry; null asks for none.</summary>
    public PolicyVerifier? Verifier { get; init; }

    /// <summary>What was loaded before: when the files are still the same, it is the answer.</summary>
    public PolicySnapshot? InForce { get; init; }
}

/// <summary>What is asked of a folder beyond being well written.</summary>
/// <param name="At">Warnings are about this instant's day in the legal time zone.</param>
/// <param name="RunsCases">True refuses a folder with a failing case.</param>
public sealed record PolicyReview(DateTimeOffset At, bool RunsCases);

/// <summary>The outcome of reading a policy folder: all of it, or nothing and every problem at once.</summary>
public abstract record PolicyLoadResult(IReadOnlyList<Problem> Problems)
{
    /// <summary>Loaded; <see cref="Problems"/> holds warnings only.</summary>
    public sealed record Loaded(PolicySnapshot Snapshot, IReadOnlyList<Problem> Problems) : PolicyLoadResult(Problems);

    /// <summary>Refused; nothing of it is in force.</summary>
    public sealed record Refused(IReadOnlyList<Problem> Problems) : PolicyLoadResult(Problems);
}

/// <summary>Reads, checks and compiles a policy folder.</summary>
public static class PolicyFolder
{
    /// <summary>Reads every file first, then checks everything, then compiles. Throws for nothing a file can contain.</summary>
    public static PolicyLoadResult Load(string folder, PolicyLoadOptions options) =>
        Load(new PolicyOnDisk(folder), options, version => options.Verifier?.FaultOf(folder, version));

    /// <summary>The same for files that lie in no folder. A draft carries no signature, so that none is asked for.</summary>
    public static PolicyLoadResult Load(PolicyDraft draft, PolicyLoadOptions options) => Load(draft, options, static _ => null);

    private static PolicyLoadResult Load(IPolicyPlace place, PolicyLoadOptions options, Func<string, string?> signature)
    {
        ProblemLog log = new();
        var files = PolicyFiles.Read(place, log);
        if (options.InForce is { } inForce && !log.HasErrors && files.Hash() == inForce.Version && signature(inForce.Version) is null)
        {
            return new PolicyLoadResult.Loaded(inForce, []);
        }

        Vocabulary words = new(log, options);

        // Each file may refer to names that those before it define.
        var model = PolicyModel.Empty;
        model = RedactionReader.Read(Root(PolicyFiles.Redaction), files.Has(PolicyFiles.Redaction), model, words);
        model = DataClassesReader.Read(Root(PolicyFiles.DataClasses), model, words);
        model = RegistryReader.Read(Root(PolicyFiles.Registry), model, words);
        model = EndpointsReader.Read(Root(PolicyFiles.Endpoints), model, words);
        model = RoutesReader.Read(Root(PolicyFiles.Routes), model, words);
        RulesReader rules = new(words);
        foreach (var file in files.Rules)
        {
            rules.ReadFile(YamlTextReader.Read(file, log), file.Name);
        }

        TenantReader tenants = new(words, log.HasErrors ? null : rules.Rules);
        foreach (var (file, tenant) in files.Tenants)
        {
            tenants.ReadFile(YamlTextReader.Read(file, log), file.Name, tenant);
        }

        words.CheckUnique(rules.Ids.Concat(tenants.Ids), "rule");
        model = model with { Rules = rules.Rules, Tenants = tenants.Tenants };
        CheckApprovals(model, log, place.Name);
        SuiteReader suite = new(words, model, namesAreKnown: !log.HasErrors);
        foreach (var file in files.Tests)
        {
            suite.ReadFile(YamlTextReader.Read(file, log), file.Name);
        }

        suite.Finish();
        model = model with { Suite = suite.Suite };
        if (log.HasErrors)
        {
            return new PolicyLoadResult.Refused(log.ToList());
        }

        Findings.Report(model, place.Name, log);
        PolicySnapshot snapshot = new(model, files.Hash());
        if (signature(snapshot.Version) is { } fault)
        {
            using var effectOfErrors = log.IfShipped("nobody would stand behind these files");
            log.AboutFile($"{place.Name}/{PolicySignature.FileName}", ProblemCodes.Signature, Severity.Error, $"the signature of the folder does not hold: {fault}", "policyrouter policy sign");
        }

        if (options.Review is { } review)
        {
            new Review(snapshot, snapshot.DayOf(review.At), [.. rules.Ids, .. tenants.Ids], files, log).Report(review.RunsCases);
        }

        return log.HasErrors ? new PolicyLoadResult.Refused(log.ToList()) : new PolicyLoadResult.Loaded(snapshot, log.ToList());

        static void CheckApprovals(PolicyModel model, ProblemLog log, string folder)
        {
            if (CompiledWords.ApprovalsAskedFor(model).Distinct(StringComparer.Ordinal).Count() is > WordBits.Capacity and var count)
            {
                log.AboutFile($"{folder}/rules", ProblemCodes.Limit, Severity.Error, $"{count} approvals are asked for; a policy can have {WordBits.Capacity} at most");
            }
        }

        PolicyNode? Root(string name) => files[name] is { } file ? YamlTextReader.Read(file, log) : null;
    }
}
