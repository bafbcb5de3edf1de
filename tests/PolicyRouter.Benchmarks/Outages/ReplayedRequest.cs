using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace PolicyRouter.Benchmarks.Outages;

/// <summary>How a request ended for whoever asked.</summary>
internal enum AnswerEnd
{
    Answered,

    /// <summary>Complete, and about something else.</summary>
    WrongWords,

    /// <summary>It broke off after its first word.</summary>
    Broken,
    Unanswered,
}

/// <summary>One request of a replay. The same number is the same request for every contender, and meets the same fate at the same provider at the same time.</summary>
internal sealed partial class ReplayedRequest(int number, DateTimeOffset started)
{
    private const int Apps = 50;
    private TaskCompletionSource _held = NewHold();

    public int Number => number;
    public DateTimeOffset Started => started;
    public RequestKind Kind { get; } = RequestKind.All[number % RequestKind.All.Count];

    /// <summary>Three of four are streams.</summary>
    public bool IsStreaming => number / RequestKind.All.Count % 4 != 0;

    /// <summary>The app that asks.</summary>
    public string App => string.Create(CultureInfo.InvariantCulture, $"app-{number * 31 / RequestKind.All.Count % Apps}");

    /// <summary>Stands in the prompt and in each answer that is about it.</summary>
    public string Marker => string.Create(CultureInfo.InvariantCulture, $"question-{number}-end");

    /// <summary>Somebody permitted would have answered it when it was asked.</summary>
    public bool HadPermittedLive { get; init; }

    /// <summary>The phase it was asked in.</summary>
    public required OutagePhase Phase { get; init; }

    /// <summary>Who received it, in order.</summary>
    public List<string> Sends { get; } = [];

    public AnswerEnd End { get; set; } = AnswerEnd.Unanswered;

    /// <summary>What the gateway said when it did not answer: the code of its error. Empty otherwise.</summary>
    public string Why { get; set; } = "";
    public DateTimeOffset Ended { get; set; }
    public TimeSpan Took => Ended - started;

    /// <summary>The contender at work; it completes when the request has ended.</summary>
    public Task Asking { get; set; } = Task.CompletedTask;

    /// <summary>Completes when nothing happens any more until <see cref="HeldUntil"/>.</summary>
    public Task Held => _held.Task;

    /// <summary>When whoever sent it gives up waiting for a provider that hangs; null while none does.</summary>
    public DateTimeOffset? HeldUntil { get; private set; }

    public static int NumberIn(string text) => int.Parse(MarkerIn().Match(text).Groups[1].ValueSpan, CultureInfo.InvariantCulture);

    public byte[] Body(string model) => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["model"] = model,
        ["stream"] = IsStreaming,
        ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = $"Summarise briefly: {Marker}." }),
    });

    public void Hold(DateTimeOffset until)
    {
        HeldUntil = until;
        _held.TrySetResult();
    }

    /// <summary>The clock is about to reach <see cref="HeldUntil"/>.</summary>
    public void Release()
    {
        HeldUntil = null;
        _held = NewHold();
    }

    private static TaskCompletionSource NewHold() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [GeneratedRegex("question-([0-9]+)-end", RegexOptions.CultureInvariant)]
    private static partial Regex MarkerIn();
}
