namespace PolicyRouter.Audit.Reading;

/// <summary>One event of a request exactly as it is stored.</summary>
public sealed record RecordedEvent(string Type, long Index, ReadOnlyMemory<byte> CanonicalJson);
