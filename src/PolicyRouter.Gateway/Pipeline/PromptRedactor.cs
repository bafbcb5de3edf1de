using PolicyRouter.Gateway.Wire;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Redaction;
using PolicyRouter.Redaction.Replacement;

namespace PolicyRouter.Gateway.Pipeline;

/// <summary>Does the redaction duties of one target. Duties bind to the destination, so each target gets its own body.</summary>
internal sealed class PromptRedactor(PromptHasher hasher)
{
    /// <summary>The reason recorded for a target whose duties ask for redaction of what cannot be looked into.</summary>
    public const string Uninspectable = "content uninspectable";

    /// <summary>False when the target's duties ask for redaction and a part of the prompt cannot be looked into.</summary>
    public static bool CanRedact(ScannedPrompt prompt, PermittedDeployment target) =>
        !prompt.Document.HasUninspectableContent || target.Duties.RedactionProfiles.Count == 0;

    /// <summary>
    /// The body that this target may see. Duties that this build cannot perform never get here: the policy that names them is
    /// refused when it is loaded, and this method throws rather than skip one.
    /// </summary>
    /// <exception cref="DutyNotPerformedException">A duty cannot be done for this prompt. The target may not receive it.</exception>
    public RedactedPrompt Redact(Guid requestId, ScannedPrompt prompt, PermittedDeployment target, PlaceholderTable placeholders)
    {
        var profiles = ProfilesOf(prompt.Setup, target);
        if (!CanRedact(prompt, target))
        {
            throw new DutyNotPerformedException(Uninspectable);
        }

        List<Replacement> replacements = [];
        var redactions = 0;
        if (profiles.Count > 0)
        {
            // Positions without findings too: a text that looks like one of our placeholders must not come back as a value.
            foreach (var scanned in prompt.Positions)
            {
                if (placeholders.Replace(scanned.Text, scanned.Findings, profiles, ref redactions) is { } redacted)
                {
                    replacements.Add(new Replacement(scanned.Position, redacted));
                }
            }
        }

        var model = target.Endpoint?.UpstreamModel ?? throw new DutyNotPerformedException("no_endpoint");
        var body = prompt.Document.Rewrite(model, replacements);
        return new RedactedPrompt(requestId, target, prompt.Document, body, redactions, hasher.Hash(body));
    }

    private static List<RedactionProfile> ProfilesOf(RedactionSetup setup, PermittedDeployment target)
    {
        List<RedactionProfile> profiles = [];
        foreach (var name in target.Duties.RedactionProfiles)
        {
            profiles.Add(setup.TryGetProfile(name, out var profile)
                ? profile
                : throw new DutyNotPerformedException("unknown_redaction_profile"));
        }

        return profiles;
    }
}

/// <summary>A duty could not be done; the message is a fixed code.</summary>
internal sealed class DutyNotPerformedException(string code) : Exception(code)
{
    public string Code { get; } = code;
}
