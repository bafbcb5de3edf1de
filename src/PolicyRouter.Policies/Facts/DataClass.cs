namespace PolicyRouter.Policies.Facts;

/// <summary>A kind of data. <see cref="IsAlso"/> only ever adds duties; nothing here grants permission.</summary>
internal sealed record DataClass(string Id, string Label, IReadOnlyList<string> IsAlso, string? Citation);
