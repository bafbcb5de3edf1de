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

    /// <summary>The profile that every build has and that removes every kind of finding that can identify somebody.</summary>
    private const string Strictest = "hipaa-safe-harbor-18";

    /// <summary>
    /// False when the target's duties ask for redaction and a part of the prompt cannot be looked into, or a name in it cannot be replaced: by anything but a placeholder
    /// two names might become one, and what refers to them would not find them.
    /// </summary>
    public static bool CanRedact(ScannedPrompt prompt, PermittedDeployment target) =>
        target.Duties.RedactionProfiles.Count == 0
        || (!prompt.Document.HasUninspectableContent && (prompt.FoundInNames.Count == 0 || target.Duties.RedactionProfiles.All(name => KeepsNamesApart(prompt, name))));

    private static bool KeepsNamesApart(ScannedPrompt prompt, string profileName) =>
        !prompt.Setup.TryGetProfile(profileName, out var profile) || prompt.FoundInNames.All(finding => profile.MethodFor(finding) is null or RedactionMethod.Placeholder);

    /// <summary>
    /// The body that this target may see. Duties that this build cannot perform never get here: the policy that names them is
    /// refused when it is loaded, and this method throws rather than skip one.
    /// </summary>
    /// <exception cref="DutyNotPerformedException">A duty cannot be done for this prompt. The target may not receive it.</exception>
    public RedactedPrompt Redact(Guid requestId, ScannedPrompt prompt, PermittedDeployment target, PlaceholderTable placeholders)
    {
        RequireSameVersion(prompt, target);
        var profiles = ProfilesOf(prompt.Setup, target);
        if (!CanRedact(prompt, target))
        {
            throw new DutyNotPerformedException(Uninspectable);
        }

        var model = target.Endpoint?.UpstreamModel ?? throw new DutyNotPerformedException("no_endpoint");
        var (body, redactions) = Rewrite(prompt, model, profiles, placeholders);
        return new RedactedPrompt(requestId, target, prompt.Document, body, redactions, hasher.Hash(body.Span));
    }

    /// <summary>
    /// The body that people may see whom no rule of the policy speaks of: the duties of every permitted deployment together, and full de-identification whether one of them
    /// asks for it or not.
    /// </summary>
    /// <returns>Null when a part cannot be looked into, or a profile is not known any more.</returns>
    /// <exception cref="DutyNotPerformedException">The prompt was looked through by another version of the policy.</exception>
    public static RedactedBody? RedactForPeople(ScannedPrompt prompt, IReadOnlyList<PermittedDeployment> permitted, PlaceholderTable placeholders)
    {
        List<RedactionProfile> profiles = [];
        foreach (var target in permitted)
        {
            RequireSameVersion(prompt, target);
        }

        foreach (var name in permitted.SelectMany(static target => target.Duties.RedactionProfiles).Prepend(Strictest).Distinct(StringComparer.Ordinal))
        {
            if (!prompt.Setup.TryGetProfile(name, out var profile))
            {
                return null;
            }

            profiles.Add(profile);
        }

        return prompt.Document.HasUninspectableContent ? null : Rewrite(prompt, prompt.Document.Model, profiles, placeholders);
    }

    /// <summary>What a version permits holds for what that version finds and replaces, and for nothing else.</summary>
    private static void RequireSameVersion(ScannedPrompt prompt, PermittedDeployment target)
    {
        if (prompt.Setup.PolicyVersion != target.PolicyVersion)
        {
            throw new DutyNotPerformedException("scanned_by_another_policy");
        }
    }

    private static RedactedBody Rewrite(ScannedPrompt prompt, string model, List<RedactionProfile> profiles, PlaceholderTable placeholders)
    {
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

        return new RedactedBody(prompt.Document.Rewrite(model, replacements), redactions);
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

/// <summary>A body with replacements in it, and how many.</summary>
internal sealed record RedactedBody(ReadOnlyMemory<byte> Body, int Redactions);

/// <summary>A duty could not be done; the message is a fixed code.</summary>
internal sealed class DutyNotPerformedException(string code) : Exception(code)
{
    public string Code { get; } = code;
}
