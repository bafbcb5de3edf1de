using System.Text.Json;

namespace PolicyRouter.EndToEnd.Tests.ClientLibraries;

/// <summary>What a client library gave the application, or threw. Of the members only those are set that the scenario is about.</summary>
internal sealed record Outcome
{
    public string Text { get; init; } = "";

    /// <summary>The text as the library itself put it together from a stream, where it does.</summary>
    public string? Assembled { get; init; }

    /// <summary>How many pieces of text a stream gave.</summary>
    public int Pieces { get; init; }

    /// <summary>Why the answer ended, in the library's words.</summary>
    public string? Finish { get; init; }

    public int? InputTokens { get; init; }
    public int? OutputTokens { get; init; }
    public IReadOnlyList<Call> Calls { get; init; } = [];
    public JsonElement? Object { get; init; }
    public IReadOnlyList<float[]> Vectors { get; init; } = [];
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>When the application left the stream, in milliseconds of Unix time.</summary>
    public long? LeftAt { get; init; }

    public IReadOnlyList<Outcome> Answers { get; init; } = [];
    public Failure? Error { get; init; }
}

/// <summary>A function call: its name and its only argument.</summary>
internal sealed record Call(string Name, string Query);

/// <summary>What a library threw.</summary>
/// <param name="Kind">The name of its class.</param>
/// <param name="Status">The HTTP status it tells; null when it tells none.</param>
/// <param name="Text">The exception as text.</param>
internal sealed record Failure(string Kind, int? Status, string Text);
