using PolicyRouter.Audit.Projecting;

namespace PolicyRouter.Audit.Reading.Sums;

/// <summary>Rows of sums, in the order of their days.</summary>
/// <param name="NextCursor">Asks for what follows; null when this is the end.</param>
/// <param name="Standing">How far the sums were behind the log at that moment.</param>
public sealed record SumPage<T>(IReadOnlyList<T> Rows, string? NextCursor, ProjectionStanding Standing);
