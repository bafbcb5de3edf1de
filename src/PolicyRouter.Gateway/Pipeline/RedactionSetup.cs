using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;
using PolicyRouter.Redaction;

namespace PolicyRouter.Gateway.Pipeline;

/// <summary>What one version of the policy says about redaction, ready to be done: its scanner with its lists, and its profiles.</summary>
public sealed class RedactionSetup
{
    private static readonly ConditionalWeakTable<PolicySnapshot, RedactionSetup> Made = [];

    private readonly Dictionary<string, RedactionProfile> _profiles;

    private RedactionSetup(string version, RedactionPolicy policy)
    {
        PolicyVersion = version;
        Scanner = new(new(policy.Always.Select(static entry => (entry.Text, KindOf(entry.Kind))), policy.Never));
        _profiles = policy.Profiles.ToDictionary(static profile => profile.Id, ProfileOf, StringComparer.Ordinal);
    }

    /// <summary>The version of the policy that says so.</summary>
    public string PolicyVersion { get; }

    public SensitiveTextScanner Scanner { get; }

    /// <summary>Names of the policy's own profiles and of those every build has.</summary>
    public IEnumerable<string> ProfileNames => RedactionProfile.Names.Concat(_profiles.Keys).Order(StringComparer.Ordinal);

    /// <summary>The setup of a version, made once for as long as the version lives.</summary>
    public static RedactionSetup Of(PolicySnapshot snapshot) => Made.GetValue(snapshot, static snapshot => new(snapshot.Version, snapshot.Redaction));

    /// <summary>Finds a profile of the policy, or one that every build has. A duty that names another cannot be performed, so it denies.</summary>
    public bool TryGetProfile(string name, [MaybeNullWhen(false)] out RedactionProfile profile) =>
        _profiles.TryGetValue(name, out profile) || RedactionProfile.TryGet(name, out profile);

    /// <summary>"date-of-birth" is <see cref="FindingType.DateOfBirth"/>.</summary>
    /// <exception cref="ArgumentException">The reader of the policy let a word through that it does not know.</exception>
    internal static FindingType KindOf(string word) => Enum.Parse<FindingType>(word.Replace("-", "", StringComparison.Ordinal), ignoreCase: true);

    private static RedactionProfile ProfileOf(OwnProfile own)
    {
        var methods = own.Replace.ToDictionary(
            static line => KindOf(line.Key),
            static line => line.Value == RedactionWords.Keep ? (RedactionMethod?)null : Enum.Parse<RedactionMethod>(line.Value, ignoreCase: true));
        return RedactionProfile.TryGet(own.BasedOn, out var basis)
            ? RedactionProfile.Of(own.Id, basis, Enum.Parse<Confidence>(own.Least, ignoreCase: true), methods)
            : throw new ArgumentException($"No build has the profile {own.BasedOn}.", nameof(own));
    }
}
