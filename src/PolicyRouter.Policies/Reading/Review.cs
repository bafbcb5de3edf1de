using PolicyRouter.Policies.Cases;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Proving;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Reading;

/// <summary>
/// What only the whole policy shows: claims that are false and cases that fail, rules that do nothing, flows that hang on one deployment, papers that
/// end. Errors keep it from loading.
/// </summary>
internal sealed class Review(PolicySnapshot policy, DateOnly today, IReadOnlyList<ScalarNode> ruleIds, PolicyFiles files, ProblemLog log)
{
    private const int DaysAhead = 180;

    private readonly Lazy<PolicySnapshot> _resumed = new(() => Resumed(policy));

    public void Report(bool runsCases)
    {
        var proof = Prover.Prove(policy, today);
        Claims(proof);
        if (runsCases)
        {
            Cases();
        }

        if (proof.Analysis is { } analysis)
        {
            Rules(analysis);
        }
        else
        {
            log.AboutFile(files.NameOf(PolicyFiles.RulesFolder), ProblemCodes.NotAnalysed, Severity.Warning, $"the rules were not analysed and no never-claim was proved: too large ({proof.TooLarge})");
        }

        Zones();
        Pairs();
        Flows();
        Papers();
    }

    private void Claims(PolicyProof proof)
    {
        using var effectOfErrors = log.IfShipped("what the claim says can never happen could happen");
        foreach (var claim in policy.Model.Suite.Never)
        {
            if (proof.Claims.FirstOrDefault(proved => proved.Id == claim.Id) is { Holds: false } disproved)
            {
                At(claim.At, ProblemCodes.Disproved, $"claim {claim.Id} is false: {disproved.Counterexample?.Sentence}");
            }
        }

        using var effectOnAvailability = log.IfShipped("what the claim says stays answerable would not");
        foreach (var claim in policy.Model.Suite.Always)
        {
            // A deployment is suspended because it must be out of use at once: that must not wait for claims and cases to be rewritten.
            if (Availability.Check(policy, claim) is { Holds: false } disproved && !Availability.Check(_resumed.Value, claim).Holds)
            {
                At(claim.At, ProblemCodes.Disproved, $"claim {claim.Id} is false: {disproved.Counterexample?.Sentence}");
            }
        }
    }

    private void Cases()
    {
        using var effectOfErrors = log.IfShipped("requests would be decided otherwise than counsel expects");
        foreach (var policyCase in policy.Model.Suite.Cases)
        {
            var result = CaseRunner.Run(policy, policyCase);
            if (!result.Passed && !CaseRunner.Passes(_resumed.Value, policyCase))
            {
                At(policyCase.At, ProblemCodes.CaseFails, $"case \"{result.Name}\" fails: {string.Join("; ", result.Failures.Select(static failure => $"{failure.About} {failure.Difference}"))}");
            }
        }
    }

    private void Rules(PolicyAnalysis analysis)
    {
        using var effectOfErrors = log.IfShipped("nothing would follow from the rule, though it reads as if something did");
        foreach (var rule in analysis.NeverFire)
        {
            Rule(rule, ProblemCodes.NeverFires, Severity.Error, $"rule {rule} can never fire, for any request, deployment and date");
        }

        foreach (var permit in analysis.SubsumedPermits)
        {
            Rule(permit.Permit, ProblemCodes.Subsumed, Severity.Error, $"permit {permit.Permit} permits nothing that {permit.By} does not: remove it, or the one it stands in");
        }

        foreach (var permit in analysis.RemovablePermits.Except(analysis.SubsumedPermits.Select(static permit => permit.Permit), StringComparer.Ordinal))
        {
            Rule(permit, ProblemCodes.RemovablePermit, Severity.Warning, $"no decision would change if permit {permit} were removed");
        }

        using var effectOfContradictions = log.IfShipped("requests that a permit lets through would be denied, because both duties cannot be met");
        foreach (var pair in analysis.ContradictoryDuties)
        {
            Rule(pair.Split(' ')[0], ProblemCodes.Contradiction, Severity.Error, $"{pair} cannot both be met: one keeps records for longer than the other lets them be kept");
        }

        var noPermit = policy.Model.Rules.SelectMany(static rule => rule.CoversData).ToHashSet(StringComparer.Ordinal);
        foreach (var label in analysis.UnreachableClasses.Where(label => label != CompiledWords.Unclassified && noPermit.Contains(label)))
        {
            log.AboutFile(files.NameOf(PolicyFiles.DataClasses), ProblemCodes.UnreachableClass, Severity.Warning, $"no deployment may ever receive {label}, though a permit covers it: safe, but is it meant?");
        }

        foreach (var deployment in analysis.UnreachableDeployments)
        {
            log.AboutFile(files.NameOf(PolicyFiles.Registry), ProblemCodes.UnreachableDeployment, Severity.Warning, $"no request may ever go to deployment {deployment}");
        }

        foreach (var rule in analysis.SoleBlocker.Where(one => one.Value == 0 && !analysis.NeverFire.Contains(one.Key)).Select(static one => one.Key).Order(StringComparer.Ordinal))
        {
            Rule(rule, ProblemCodes.GuardRail, Severity.Note, $"{rule} is a guard rail: everything it forbids is denied anyway, {Otherwise(rule)}");
        }

        string Otherwise(string rule) => analysis.Beside.GetValueOrDefault(rule) is { Count: > 0 } others ? $"by {English.And(others)} or for want of a permit" : "for want of a permit";
    }

    /// <summary>Zones that a paper or finding names and that nothing else does: more likely a slip than a plan.</summary>
    private void Zones()
    {
        HashSet<string> used =
        [
            .. policy.Model.Deployments.SelectMany(static deployment => deployment.Places()),
            .. policy.Model.Rules.Concat(policy.Model.Tenants.SelectMany(static tenant => tenant.Rules)).SelectMany(static rule => rule.WhenAll.Concat(rule.UnlessAny)).SelectMany(Named),
            .. policy.Model.Suite.Never.SelectMany(static claim => claim.WhenAll.Concat(claim.UnlessAny)).SelectMany(Named),
            .. policy.Model.Suite.Cases.SelectMany(static one => one.Request.Subjects),
        ];
        foreach (var (by, zone, file) in Cited().Where(one => !used.Contains(one.Zone)).Distinct())
        {
            log.AboutFile(files.NameOf(file), ProblemCodes.ZoneUnused, Severity.Warning, $"{by} names the zone {zone}, where no deployment is and of which no rule or case speaks");
        }

        static IEnumerable<string> Named(Condition condition) => condition switch
        {
            SubjectsLiveIn subjects => subjects.Words,
            ProcessingStaysWithin places => places.Words,
            _ => [],
        };
    }

    private IEnumerable<(string By, string Zone, string File)> Cited() =>
        policy.Model.Agreements.SelectMany(static paper => (paper.Regions ?? []).Concat(paper.Transfers.SelectMany(static transfer => (string[])[transfer.From, transfer.To]))
                .Select(zone => (paper.Id, zone, PolicyFiles.Registry)))
            .Concat(policy.Model.Adequacies.SelectMany(static finding => ((string[])[finding.From, finding.To])
                .Select(zone => ($"the adequacy of {finding.To} for {finding.From}", zone, PolicyFiles.DataClasses))));

    /// <summary>Classes that may be permitted together and that no case has together.</summary>
    private void Pairs()
    {
        var tested = policy.Model.Suite.Cases.Select(policyCase => policy.Words.Classes.Words.Where((_, i) => (policy.BitsOf(policyCase.Request).Classes >> i & 1) != 0).ToHashSet(StringComparer.Ordinal)).ToList();
        var permitted = policy.Model.Rules.Where(static rule => !rule.Shadow).SelectMany(static rule => rule.CoversData).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        string[] untested =
        [
            .. from one in permitted
               from other in permitted
               where string.CompareOrdinal(one, other) < 0 && !tested.Exists(set => set.Contains(one) && set.Contains(other))
               select $"{one} + {other}",
        ];
        if (untested.Length > 0)
        {
            log.AboutFile(files.NameOf(PolicyFiles.TestsFolder), ProblemCodes.PairNeverTested, Severity.Warning, $"no case has these classes together: {string.Join(", ", untested)}");
        }
    }

    private void Flows()
    {
        FlowResilience[] flows = [.. PolicyResilience.Of(policy, today).Where(static flow => flow.Route != PolicySnapshot.AnyDeployment && flow.Permitted.Count > 0)];
        foreach (var only in flows.Where(static flow => flow.HasOneRoute).GroupBy(static flow => (flow.Label, Deployment: flow.Permitted[0])))
        {
            log.AboutFile(
                files.NameOf(PolicyFiles.Routes), ProblemCodes.OneRoute, Severity.Warning,
                $"{only.Key.Label} has exactly one way to go, {only.Key.Deployment}, on {English.And([.. only.Select(static flow => flow.Route)])}: when it is lost, nothing answers (DORA Art 28(8) and 29)");
        }

        DateOnly[] later = [.. policy.Edges.Where(edge => edge > today && edge <= today.AddDays(DaysAhead))];
        foreach (var flow in flows)
        {
            foreach (var day in later)
            {
                var left = flow.PermittedOn(policy, day);
                string[] gone = [.. flow.Permitted.Except(left, StringComparer.Ordinal)];
                if (gone.Length > 0)
                {
                    log.AboutFile(
                        files.NameOf(PolicyFiles.Registry), ProblemCodes.RouteEnds, Severity.Warning,
                        $"on {day.Iso()} {flow.Label} on {flow.Route} loses {English.And(gone)}; {(left.Count == 0 ? "nobody remains" : $"{English.And(left)} remain{(left.Count == 1 ? "s" : "")}")}");
                    break;
                }
            }
        }
    }

    private void Papers()
    {
        foreach (var notice in PaperNotice.On(policy, today))
        {
            log.AboutFile(files.NameOf(PolicyFiles.Registry), notice.IsReview ? ProblemCodes.ReviewDue : ProblemCodes.PaperEnds, Severity.Warning, notice.Text);
        }
    }

    private void Rule(string id, string code, Severity severity, string message)
    {
        if (ruleIds.FirstOrDefault(node => node.Text == id) is { } at)
        {
            log.Add(at.File, at.Line, at.Column, at.Length, code, severity, message);
        }
        else
        {
            log.AboutFile(files.NameOf(PolicyFiles.RulesFolder), code, severity, message);
        }
    }

    private void At(SourcePlace place, string code, string message)
    {
        if (files.Shown(place.File) is { } file)
        {
            log.Add(file, place.Line, place.Column, 1, code, Severity.Error, message);
        }
        else
        {
            log.AboutFile(place.File, code, Severity.Error, message);
        }
    }

    private static PolicySnapshot Resumed(PolicySnapshot policy) => new(
        policy.Model with
        {
            Deployments = [.. policy.Model.Deployments.Select(static deployment => deployment.Status == DeploymentStatusIs.Suspended ? deployment with { Status = DeploymentStatusIs.Approved } : deployment)],
        },
        policy.Version);
}
