namespace PolicyRouter.Audit.Reading.Sums;

/// <summary>Sends of one day that were authorised: what was disclosed is among them, and nothing else is.</summary>
/// <param name="Day">UTC.</param>
/// <param name="Class">A send with several classes is in the row of each; null for sends with none.</param>
/// <param name="FirstAt">When the first was authorised.</param>
/// <param name="LastAt">When the last was authorised.</param>
public sealed record DisclosureRow(DateOnly Day, string Tenant, string App, string Deployment, string? Class, long Sends, DateTimeOffset FirstAt, DateTimeOffset LastAt);
