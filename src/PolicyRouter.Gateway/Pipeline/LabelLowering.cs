using PolicyRouter.Gateway.Wire;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Redaction;
using PolicyRouter.Redaction.Replacement;

namespace PolicyRouter.Gateway.Pipeline;

/// <summary>
/// Lowers labels where a line of the policy says how and a person has approved it for this request: the text is redacted by the profile of the line
/// and scanned again, and what is still found counts in full (45 CFR 164.514(b)(2)).
/// </summary>
internal static class LabelLowering
{
    /// <summary>The request to decide: the same one when nothing lowers it.</summary>
    public static PolicyRequest Apply(PolicySnapshot snapshot, PolicyRequest request, ScannedPrompt prompt)
    {
        if (request.Approvals.Count == 0 || prompt.Document.HasUninspectableContent || snapshot.LoweringsHeldBy(request) is not { Count: > 0 } held)
        {
            return request;
        }

        var profiles = held.Select(line => prompt.Setup.TryGetProfile(line.Profile, out var profile) ? profile : null).ToList();
        if (profiles.Contains(null) || StillFound(prompt, [.. profiles.OfType<RedactionProfile>()]) is not { } found)
        {
            return request;
        }

        return held.Aggregate(request, (lowered, line) => snapshot.Lower(lowered, line.From, line.Profile, found) ?? lowered);
    }

    /// <summary>The classes that a second scan finds in the redacted text; null when it cannot be read back.</summary>
    private static IReadOnlyList<string>? StillFound(ScannedPrompt prompt, List<RedactionProfile> profiles)
    {
        using PlaceholderTable placeholders = new();
        List<Replacement> replacements = [];
        var redactions = 0;
        foreach (var scanned in prompt.Positions)
        {
            if (placeholders.Replace(scanned.Text, scanned.Findings, profiles, ref redactions) is { } redacted)
            {
                replacements.Add(new Replacement(scanned.Position, redacted));
            }
        }

        return PromptDocument.Read(prompt.Document.Rewrite(prompt.Document.Model, replacements), prompt.Document.Api) is PromptReadResult.Ok { Document: var redactedPrompt }
            ? ScannedPrompt.Scan(redactedPrompt, prompt.Setup).DetectedClasses
            : null;
    }
}
