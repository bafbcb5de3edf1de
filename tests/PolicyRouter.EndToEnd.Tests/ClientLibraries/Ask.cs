namespace PolicyRouter.EndToEnd.Tests.ClientLibraries;

/// <summary>What a client library is to do. Scripts in <c>clients/</c> read it as JSON.</summary>
/// <param name="Scenario">The name of the scenario: <c>chat</c>, <c>tools</c>, <c>object</c>, <c>embed</c>, <c>count</c>, <c>models</c>, <c>abort</c> or <c>many</c>.</param>
internal sealed record Ask(string Scenario, string Model)
{
    public string Text { get; init; } = "";
    public bool Stream { get; init; }

    /// <summary>The gateway's address, without a path.</summary>
    public string Url { get; init; } = "";
    public string? Token { get; init; }

    /// <summary>The API, for libraries that speak several.</summary>
    public string? Api { get; init; }

    /// <summary>How often the library may try again; null leaves it to the library.</summary>
    public int? Retries { get; init; }

    /// <summary>Names of functions that the model may call.</summary>
    public IReadOnlyList<string> Tools { get; init; } = [];

    /// <summary>Texts to embed, or one for each of many streams.</summary>
    public IReadOnlyList<string> Texts { get; init; } = [];

    /// <summary>A <c>data:</c> URL.</summary>
    public string? Image { get; init; }

    public string? System { get; init; }
}
