using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Policies.Reading;

/// <summary>What the host can do, so that a policy that asks for more is refused when it is loaded, not when it is needed.</summary>
public sealed record PolicyLoadOptions
{
    /// <summary>Redaction profiles this host can perform.</summary>
    public required IReadOnlySet<string> RedactionProfiles { get; init; }

    /// <summary>True lets endpoints be plain http on loopback (development and simulation only).</summary>
    public bool AllowPlainHttpOnLoopback { get; init; }
}

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
    public static PolicyLoadResult Load(string folder, PolicyLoadOptions options)
    {
        ProblemLog log = new();
        var files = PolicyFiles.Read(folder, log);
        Vocabulary words = new(log, options);

        // Each file may refer to names that those before it define.
        var model = PolicyModel.Empty;
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
        CheckApprovals(model, log, Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))));
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

        Findings.Report(model, Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))), log);
        return new PolicyLoadResult.Loaded(new PolicySnapshot(model, files.Hash()), log.ToList());

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
