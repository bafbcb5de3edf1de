using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Reading;

/// <summary>What a policy without errors should still make its owners think about. Warnings never keep it from loading.</summary>
internal static class Findings
{
    public static void Report(PolicyModel model, string folder, ProblemLog log)
    {
        foreach (var deployment in model.Deployments.Where(d => model.Endpoints.All(e => e.DeploymentId != d.Id)))
        {
            log.AboutFile(
                $"{folder}/{PolicyFiles.Endpoints}", ProblemCodes.NoEndpoint, Severity.Warning, $"deployment {deployment.Id} has no endpoint, so nothing can be sent to it");
        }

        var permitted = model.Rules.Where(static rule => rule.Effect is Effect.Permit).SelectMany(static rule => rule.CoversData).ToHashSet(StringComparer.Ordinal);
        foreach (var dataClass in model.Classes.Where(c => c.Id != CompiledWords.Unclassified && !permitted.Contains(c.Id)))
        {
            log.AboutFile(
                $"{folder}/{PolicyFiles.DataClasses}", ProblemCodes.NoPermit, Severity.Warning,
                $"no permit covers {dataClass.Id}, so it may go nowhere: safe, but is it meant?");
        }
    }
}
