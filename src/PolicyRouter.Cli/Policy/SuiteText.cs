using System.Globalization;
using PolicyRouter.Policies.Cases;
using PolicyRouter.Policies.Proving;

namespace PolicyRouter.Cli.Policy;

/// <summary>A suite report as people read it: failures first, then what is covered, then what nobody would notice.</summary>
internal static class SuiteText
{
    private const int MostChanges = 6;

    public static void Write(SuiteReport report, PolicyProof proof, TextWriter output)
    {
        foreach (var failed in report.Cases.Where(static c => !c.Passed))
        {
            WriteFailure(failed, output);
        }

        output.WriteLine(report.Cases.Count == 0
            ? "There are no cases, so nothing was tested: write some in tests/."
            : $"{report.Cases.Count - report.Failed} cases passed, {report.Failed} failed.");
        WriteClaims(proof, output);
        WriteCoverage(report.Coverage, output);
        if (report.Mutations is { } mutations)
        {
            WriteMutations(mutations, output);
        }
    }

    private static void WriteFailure(CaseResult failed, TextWriter output)
    {
        output.WriteLine($"{failed.File}:{failed.Line}  failed  {failed.Name}");
        foreach (var failure in failed.Failures)
        {
            output.WriteLine($"  {failure.About}");
            output.WriteLine($"    expected  {List(failure.Expected)}");
            output.WriteLine($"    got       {List(failure.Got)}");
            output.WriteLine($"    {failure.Difference}");
        }
    }

    /// <summary>Only what is false: <c>policy prove</c> shows the rest.</summary>
    private static void WriteClaims(PolicyProof proof, TextWriter output)
    {
        ProofText.WriteClaims(proof.Claims.Where(static claim => !claim.Holds), proof.IsCounted, output);
        output.WriteLine(ProofText.Verdict(proof));
    }

    private static void WriteCoverage(CoverageReport coverage, TextWriter output)
    {
        output.WriteLine($"{coverage.Rules.Count(static r => r.Covered)} of {coverage.Rules.Count} rules fire in a case.");
        foreach (var rule in coverage.Rules.Where(static r => !r.Covered))
        {
            output.WriteLine($"  {rule.Id} fires in no case");
        }

        output.WriteLine($"{coverage.Arms.Count(static a => a.Covered)} of {coverage.Arms.Count} exceptions (lines of \"unless any\") keep their rule from firing in a case.");
        foreach (var arm in coverage.Arms.Where(static a => !a.Covered))
        {
            output.WriteLine($"  {arm.Rule}: exception {arm.Number}, \"{arm.Phrase}\", makes no difference in any case");
        }

        output.WriteLine($"{coverage.Edges.Count(static e => e.Covered)} of {coverage.Edges.Count} date edges are tested on both sides.");
        foreach (var edge in coverage.Edges.Where(static e => !e.Covered))
        {
            var days = string.Join(" or ", Untested(edge).Select(Iso));
            output.WriteLine($"  {Iso(edge.Day)} ({Some(edge.Changes)}): no case on {days}");
        }
    }

    private static void WriteMutations(MutationReport mutations, TextWriter output)
    {
        output.WriteLine(
            $"{mutations.Mutants.Count} changed policies tried: {mutations.Killed} noticed by a case, {mutations.Equivalent} proved to change nothing, {mutations.Survived} not noticed.");
        foreach (var mutant in mutations.Mutants.Where(static m => m.Fate is MutantFate.Survived))
        {
            output.WriteLine($"  {mutant.Change} changes no case: add one{(mutant.Hint is { } hint ? " " + hint : "")}");
        }
    }

    /// <summary>The days next to the edge that no case asks about.</summary>
    internal static IEnumerable<DateOnly> Untested(CoveredEdge edge)
    {
        if (!edge.TestedBefore)
        {
            yield return edge.Day.AddDays(-1);
        }

        if (!edge.TestedOn)
        {
            yield return edge.Day;
        }
    }

    internal static string Iso(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>A new policy begins with all its rules on one day; a few of them are enough to recognise it.</summary>
    private static string Some(IReadOnlyList<string> changes) => changes.Count <= MostChanges
        ? string.Join(", ", changes)
        : $"{string.Join(", ", changes.Take(MostChanges - 1))} and {changes.Count - MostChanges + 1} more";

    private static string List(IReadOnlyList<string> words) => words.Count == 0 ? "none" : string.Join(", ", words);
}
