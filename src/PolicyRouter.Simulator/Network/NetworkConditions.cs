namespace PolicyRouter.Simulator.Network;

/// <summary>What a <see cref="FaultProxy"/> does to the bytes that pass through it. The default passes everything on.</summary>
public sealed record NetworkConditions
{
    public static NetworkConditions Perfect { get; } = new();

    /// <summary>Held back before each piece of an answer is passed on.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>Accepts a connection and resets it (RST) before a byte is exchanged.</summary>
    public bool ResetOnConnect { get; init; }

    /// <summary>Ends the connection (FIN) once this many bytes of answers have passed on it.</summary>
    public long? CutAfterBytes { get; init; }

    /// <summary>Resets the connection (RST) once this many bytes of answers have passed on it.</summary>
    public long? ResetAfterBytes { get; init; }

    /// <summary>Passes nothing on, in either direction, until the conditions change.</summary>
    public bool Stall { get; init; }

    /// <summary>Passes answers on one byte at a time, so that they arrive split anywhere.</summary>
    public bool OneByteSlices { get; init; }
}
