using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace PolicyRouter.Simulator.Faults;

/// <summary>Faults as short text, as fleet files write them: <c>529</c>, <c>429 retry-after 2s</c>, <c>cut after 3</c>, <c>hang</c>.</summary>
public static class FaultText
{
    /// <summary>Every form that <see cref="TryParse"/> reads, one a line.</summary>
    public const string Forms = """
        healthy
        STATUS                    an error status: 401, 403, 429, 500, 503, 529, ...
        STATUS retry-after 2s     with a retry-after header
        hang
        slow-first-token 2s
        slow-tokens 200ms
        stall after 3             also: cut, reset, malformed, error-event
        error-event after 3 as 429
        no-terminator
        crowded MOST              529 while more requests than that are under way
        wrong-model NAME
        redirect URL
        oversize CHARACTERS
        empty
        """;

    public static bool TryParse(string text, [NotNullWhen(true)] out Fault? fault)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        fault = words switch
        {
            ["healthy"] => Fault.None,
            ["hang"] => Fault.Hang,
            ["no-terminator"] => Fault.NoTerminator,
            ["empty"] => Fault.EmptyAnswer,
            [var status] when IsErrorStatus(status, out var code) => Fault.Status(code),
            [var status, "retry-after", var time] when IsErrorStatus(status, out var code) && IsTime(time, out var wait) => Fault.Status(code, wait),
            ["slow-first-token", var time] when IsTime(time, out var wait) => Fault.SlowFirstToken(wait),
            ["slow-tokens", var time] when IsTime(time, out var wait) => Fault.SlowTokens(wait),
            ["stall", "after", var pieces] when IsCount(pieces, out var after) => Fault.Stall(after),
            ["cut", "after", var pieces] when IsCount(pieces, out var after) => Fault.Cut(after),
            ["reset", "after", var pieces] when IsCount(pieces, out var after) => Fault.Reset(after),
            ["malformed", "after", var pieces] when IsCount(pieces, out var after) => Fault.Malformed(after),
            ["error-event", "after", var pieces] when IsCount(pieces, out var after) => Fault.ErrorEvent(after),
            ["error-event", "after", var pieces, "as", var status] when IsCount(pieces, out var after) && IsErrorStatus(status, out var code)
                => Fault.ErrorEvent(after, code),
            ["crowded", var most] when IsCount(most, out var count) => Fault.Crowded(count),
            ["wrong-model", var model] => Fault.WrongModel(model),
            ["redirect", var url] when Uri.TryCreate(url, UriKind.Absolute, out var location) => Fault.Redirect(location),
            ["oversize", var characters] when IsCount(characters, out var count) => Fault.OversizeAnswer(count),
            _ => null,
        };
        return fault is not null;
    }

    private static bool IsErrorStatus(string text, out int status) => IsCount(text, out status) && status is >= 400 and <= 599;

    private static bool IsCount(string text, out int count) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count);

    private static bool IsTime(string text, out TimeSpan time)
    {
        var isMilliseconds = text.EndsWith("ms", StringComparison.Ordinal);
        var digits = isMilliseconds ? text[..^2] : text.EndsWith('s') ? text[..^1] : "";
        time = TimeSpan.Zero;
        if (!IsCount(digits, out var count))
        {
            return false;
        }

        time = isMilliseconds ? TimeSpan.FromMilliseconds(count) : TimeSpan.FromSeconds(count);
        return true;
    }
}
