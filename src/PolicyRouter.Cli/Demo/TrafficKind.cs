namespace PolicyRouter.Cli.Demo;

/// <summary>
/// One kind of request in the demonstration, with what the law and the papers of the example pack say about it, written down
/// by hand: the reckoning compares what the providers received with this, not with what the gateway believes.
/// </summary>
internal sealed record TrafficKind
{
    public required string Name { get; init; }
    public required string Model { get; init; }

    /// <summary><c>X-Data-Class</c>; null leaves the header out.</summary>
    public required string? DataClass { get; init; }
    public required string? Subjects { get; init; }
    public required string? Purpose { get; init; }

    /// <summary>Deployments that may lawfully receive it; empty means that it must be refused.</summary>
    public required IReadOnlySet<string> Lawful { get; init; }

    /// <summary>Deployments at which none of the planted identifiers may arrive in clear.</summary>
    public required IReadOnlySet<string> MustBeRedactedAt { get; init; }

    /// <summary>Relative frequency.</summary>
    public required int Weight { get; init; }

    /// <summary>Writes the text of one request and names the identifiers planted in it.</summary>
    public required Func<People, PlantedText> Write { get; init; }
}

/// <summary>A text and the identifiers in it that a redaction duty covers.</summary>
internal sealed record PlantedText(string Text, IReadOnlyList<string> Identifiers);
