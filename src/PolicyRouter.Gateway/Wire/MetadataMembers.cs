namespace PolicyRouter.Gateway.Wire;

/// <summary>The members of the <c>metadata</c> object: which are the gateway's own, what they say, and how to cut them out.</summary>
internal sealed class MetadataMembers
{
    private readonly List<(ByteRange Range, bool IsOwn)> _members = [];
    private readonly Dictionary<string, string> _own = new(StringComparer.Ordinal);

    public static bool IsOwn(string name) => name is "data_class" or "data_subjects" or "purpose" or "session";

    public void Add(ByteRange range, bool isOwn) => _members.Add((range, isOwn));

    public void Declare(string name, string value) => _own[name] = value;

    public DeclaredMetadata Declared() =>
        _own.Count == 0
            ? DeclaredMetadata.None
            : new DeclaredMetadata(List("data_class"), List("data_subjects"), One("purpose"), One("session"));

    /// <summary>
    /// The ranges to leave out when the body is sent on, commas included. When nothing but the gateway's own keys was in it, the
    /// whole object goes.
    /// </summary>
    public IReadOnlyList<ByteRange> Cuts(IReadOnlyList<(string Name, ByteRange Range)> root)
    {
        if (_own.Count == 0)
        {
            return [];
        }

        return _members.TrueForAll(static member => member.IsOwn)
            ? Cuts(root, static member => member.Name == "metadata", static member => member.Range)
            : Cuts(_members, static member => member.IsOwn, static member => member.Range);
    }

    // A member goes with the comma before it if something stays before it, else with the comma behind it.
    private static List<ByteRange> Cuts<T>(IReadOnlyList<T> members, Func<T, bool> goes, Func<T, ByteRange> rangeOf)
    {
        List<ByteRange> cuts = [];
        var staysBefore = false;
        for (var at = 0; at < members.Count; at++)
        {
            if (!goes(members[at]))
            {
                staysBefore = true;
            }
            else if (staysBefore)
            {
                cuts.Add(new ByteRange(rangeOf(members[at - 1]).End, rangeOf(members[at]).End));
            }
            else
            {
                cuts.Add(new ByteRange(rangeOf(members[at]).Start, rangeOf(members[at + 1]).Start));
            }
        }

        return cuts;
    }

    private string[] List(string name) =>
        _own.TryGetValue(name, out var value)
            ? value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            : [];

    private string? One(string name) => _own.TryGetValue(name, out var value) && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;
}
