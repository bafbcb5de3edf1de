namespace PolicyRouter.Policies.Facts;

/// <summary>A dated finding that one zone protects the personal data of another (GDPR Art 45). Revocable, hence never hard-coded.</summary>
internal sealed record Adequacy(string From, string To, DateSpan InForce, string? Citation);
