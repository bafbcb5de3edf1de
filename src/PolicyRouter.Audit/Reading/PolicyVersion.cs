using PolicyRouter.Audit.Events;

namespace PolicyRouter.Audit.Reading;

/// <summary>One version of the policy as the log knows it.</summary>
/// <param name="Version">SHA-256 over its files, <c>sha256:</c> and 64 hexadecimal digits.</param>
/// <param name="From">When it first came into force on some node.</param>
/// <param name="To">When, after its last activation, another version first came into force on some node; null while none has.</param>
/// <param name="SignedBy">The keys whose signatures were checked, in ordinal order; empty when the nodes asked for none.</param>
/// <param name="Activations">Oldest first.</param>
public sealed record PolicyVersion(string Version, DateTimeOffset From, DateTimeOffset? To, IReadOnlyList<string> SignedBy, IReadOnlyList<PolicyActivated> Activations)
{
    /// <summary>Versions, the one that was activated last first.</summary>
    /// <param name="activations">In any order. What is left out is not known.</param>
    public static IReadOnlyList<PolicyVersion> Of(IEnumerable<PolicyActivated> activations)
    {
        var all = activations.OrderBy(static activated => activated.At).ThenBy(static activated => activated.Id).ToList();
        return
        [
            .. all.GroupBy(static activated => activated.PolicyVersion, StringComparer.Ordinal)
                .Select(group => Of(group.Key, [.. group], all))
                .OrderByDescending(static version => version.Activations[^1].At).ThenByDescending(static version => version.Activations[^1].Id),
        ];
    }

    private static PolicyVersion Of(string version, PolicyActivated[] activations, List<PolicyActivated> all)
    {
        var last = all.LastIndexOf(activations[^1]);
        return new PolicyVersion(
            version,
            activations[0].At,
            last + 1 < all.Count ? all[last + 1].At : null,
            [.. activations.Select(static activated => activated.SignedBy).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            activations);
    }
}
