namespace PolicyRouter.Redaction.Tests;

internal static class Profiles
{
    public static RedactionProfile SafeHarbor { get; } = Get("hipaa-safe-harbor-18");

    public static RedactionProfile Get(string name) =>
        RedactionProfile.TryGet(name, out RedactionProfile? profile) ? profile : throw new ArgumentException($"There is no profile {name}.", nameof(name));
}
