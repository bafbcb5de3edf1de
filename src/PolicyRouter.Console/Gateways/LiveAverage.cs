using System.Text.Json;

namespace PolicyRouter.WebConsole.Gateways;

/// <summary>A moving average of one deployment, by which a gateway notices that its answers get slower or worse.</summary>
/// <param name="Name">As the control plane has it: <c>firstTokenMs</c>, <c>errors</c>, ...</param>
/// <param name="Now">Over two minutes: milliseconds, or a share from 0 to 1.</param>
/// <param name="Usual">Over half an hour; null before that is known.</param>
/// <param name="Samples">How many samples it stands on, old ones counted by the weight they have left.</param>
public sealed record LiveAverage(string Name, double Now, double? Usual, double Samples)
{
    private const double NegligibleShare = 0.02;
    private const double NegligibleMs = 20;

    public bool IsShare => !Name.EndsWith("Ms", StringComparison.Ordinal);

    /// <summary>What nobody minds, however much more than usual it is.</summary>
    public double Negligible => IsShare ? NegligibleShare : NegligibleMs;

    /// <summary>For people.</summary>
    public string Words => Name switch
    {
        "firstTokenMs" => "time to the first token",
        "tokenMs" => "time per token, streamed",
        "wholeAnswerTokenMs" => "time per token, whole answers",
        "errors" => "failed attempts",
        "truncated" => "answers cut short",
        "empty" => "empty answers",
        "refusals" => "refusals by the model",
        "otherModel" => "answers of another model",
        "brokenStreams" => "streams that broke off",
        _ => Name,
    };

    internal static LiveAverage Read(JsonProperty average) => new(
        average.Name,
        average.Value.GetProperty("now").GetDouble(),
        average.Value.GetProperty("usual") is { ValueKind: JsonValueKind.Number } usual ? usual.GetDouble() : null,
        average.Value.GetProperty("samples").GetDouble());
}
