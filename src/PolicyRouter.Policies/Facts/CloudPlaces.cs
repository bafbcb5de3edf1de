namespace PolicyRouter.Policies.Facts;

/// <summary>
/// Which zone the regions of clouds are in. The names are those of AWS, Azure and Google Cloud and of the geographies that Anthropic reports; zones are
/// the words of the policy, so that a place may answer to several of them, the narrowest first (Montreal is in <c>ca-qc</c> and in <c>ca</c>).
/// </summary>
public static class CloudPlaces
{
    /// <summary>The zone of what the policy has no word for, if it has this one.</summary>
    private const string Other = "other";

    // Beginnings of names in lower case without spaces; the longest that fits counts.
    private static readonly (string Beginning, string[] Zones)[] Known = [.. new (string Beginning, string[] Zones)[]
    {
        ("us", ["us"]), ("eastus", ["us"]), ("westus", ["us"]), ("centralus", ["us"]), ("northcentralus", ["us"]), ("southcentralus", ["us"]), ("westcentralus", ["us"]),

        ("eu", ["eea"]), ("eu-west-2", ["uk"]), ("eu-central-2", ["ch"]), ("europe-west2", ["uk"]), ("europe-west6", ["ch"]),
        ("westeurope", ["eea"]), ("northeurope", ["eea"]), ("sweden", ["eea"]), ("france", ["eea"]), ("germany", ["eea"]), ("italy", ["eea"]), ("spain", ["eea"]),
        ("poland", ["eea"]), ("norway", ["eea"]), ("finland", ["eea"]), ("austria", ["eea"]), ("belgium", ["eea"]), ("denmark", ["eea"]), ("greece", ["eea"]),
        ("uk", ["uk"]), ("switzerland", ["ch"]),

        ("ca-central", ["ca-qc", "ca"]), ("ca-west", ["ca"]), ("northamerica-northeast1", ["ca-qc", "ca"]), ("northamerica-northeast2", ["ca"]),
        ("canadaeast", ["ca-qc", "ca"]), ("canadacentral", ["ca"]),

        ("mx", ["mx"]), ("northamerica-south", ["mx"]), ("mexico", ["mx"]), ("sa-east", ["br"]), ("southamerica-east", ["br"]), ("brazil", ["br"]),
        ("southamerica-west", ["cl"]), ("chile", ["cl"]),

        ("jp", ["jp"]), ("ap-northeast", ["jp"]), ("ap-northeast-2", ["kr"]), ("asia-northeast", ["jp"]), ("asia-northeast3", ["kr"]), ("japan", ["jp"]), ("korea", ["kr"]),
        ("ap-southeast-1", ["sg"]), ("asia-southeast1", ["sg"]), ("southeastasia", ["sg"]), ("ap-southeast-3", ["id"]), ("asia-southeast2", ["id"]), ("indonesia", ["id"]),
        ("au", ["au"]), ("ap-southeast-2", ["au"]), ("ap-southeast-4", ["au"]), ("australia", ["au"]), ("newzealand", ["nz"]), ("ap-southeast-6", ["nz"]),
        ("ap-southeast-5", ["my"]), ("malaysia", ["my"]), ("ap-southeast-7", ["th"]),
        ("in", ["in"]), ("ap-south-", ["in"]), ("asia-south1", ["in"]), ("asia-south2", ["in"]), ("centralindia", ["in"]), ("southindia", ["in"]), ("westindia", ["in"]),
        ("jioindia", ["in"]), ("ap-east-1", ["hk"]), ("asia-east2", ["hk"]), ("eastasia", ["hk"]), ("ap-east-2", ["tw"]), ("asia-east1", ["tw"]), ("taiwan", ["tw"]),
        ("cn-", ["cn"]), ("china", ["cn"]), ("apac", ["apac"]),

        ("me-south", ["bh"]), ("me-central-1", ["ae"]), ("uae", ["ae"]), ("me-central1", ["qa"]), ("qatar", ["qa"]), ("me-central2", ["sa"]),
        ("il-", ["il"]), ("me-west1", ["il"]), ("israel", ["il"]), ("af-south", ["za"]), ("africa-south", ["za"]), ("southafrica", ["za"]),
    }.OrderByDescending(static known => known.Beginning.Length)];

    /// <summary>
    /// True when what the registry says covers a place that a provider names. A place that is not known, or that may be anywhere (<c>global</c>), is only
    /// covered by <c>unknown</c>: an admission that nobody can say.
    /// </summary>
    /// <param name="claimed">The zones of the registry.</param>
    /// <param name="place">A region or geography in the provider's words: <c>us-east-1</c>, <c>East US</c>, <c>global</c>.</param>
    /// <param name="zones">The zones of the policy.</param>
    public static bool Covers(IReadOnlyList<string> claimed, string place, IReadOnlyCollection<string> zones)
    {
        ArgumentNullException.ThrowIfNull(claimed);
        ArgumentNullException.ThrowIfNull(place);
        ArgumentNullException.ThrowIfNull(zones);
        if (claimed.Contains(Deployment.UnknownPlace, StringComparer.Ordinal))
        {
            return true;
        }

        var candidates = ZonesOf(place);
        return candidates.Any(zone => claimed.Contains(zone, StringComparer.Ordinal))
            || (candidates.Count > 0 && !candidates.Any(zones.Contains) && claimed.Contains(Other, StringComparer.Ordinal));
    }

    /// <summary>Words for the zone of a place, the narrowest first; none when it is not known or may be anywhere.</summary>
    public static IReadOnlyList<string> ZonesOf(string place)
    {
        ArgumentNullException.ThrowIfNull(place);
        var name = string.Concat(place.Where(static c => !char.IsWhiteSpace(c))).ToLowerInvariant();
        return Array.Find(Known, known => name.StartsWith(known.Beginning, StringComparison.Ordinal)).Zones ?? [];
    }
}
