namespace PolicyRouter.Simulator.Faults;

/// <summary>
/// One way in which a provider fails. <c>after</c> counts the pieces of text or tool arguments a stream delivers before it fails;
/// a whole answer fails half way through its body instead.
/// </summary>
public abstract record Fault
{
    private const int OverloadedStatus = 529;

    /// <summary>No fault: the provider is healthy.</summary>
    public static Fault None { get; } = new Healthy();

    public static Fault Unauthorized { get; } = new ErrorStatus(401);

    public static Fault Forbidden { get; } = new ErrorStatus(403);

    public static Fault ServerError { get; } = new ErrorStatus(500);

    public static Fault Unavailable { get; } = new ErrorStatus(503);

    /// <summary>529: Anthropic's "everyone must wait".</summary>
    public static Fault Overloaded { get; } = new ErrorStatus(OverloadedStatus);

    /// <summary>Reads the request and never answers, until the client leaves.</summary>
    public static Fault Hang { get; } = new Hanging();

    /// <summary>A well-formed answer with no text in it.</summary>
    public static Fault EmptyAnswer { get; } = new Empty();

    /// <summary>The stream lacks its last event: <c>[DONE]</c>, <c>message_stop</c> or Gemini's chunk with the finish reason.</summary>
    public static Fault NoTerminator { get; } = new Unterminated();

    /// <summary>429; without <paramref name="retryAfter"/> it looks like a spend cap.</summary>
    public static Fault RateLimited(TimeSpan? retryAfter = null) => new ErrorStatus(429, retryAfter);

    /// <summary>Any error status from 400 up, in the wire's own shape.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The status is not an error.</exception>
    public static Fault Status(int status, TimeSpan? retryAfter = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(status, 400);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(status, 599);
        return new ErrorStatus(status, retryAfter);
    }

    /// <summary>Waits before the first byte of the answer, headers included.</summary>
    public static Fault SlowFirstToken(TimeSpan delay) => new LateStart(delay);

    /// <summary>Waits before every piece after the first.</summary>
    public static Fault SlowTokens(TimeSpan delay) => new Crawl(delay);

    /// <summary>Stops sending without closing, until the client leaves. After 0 pieces: the headers and the opening event arrive.</summary>
    public static Fault Stall(int after = 3) => new Break(BreakKind.Stall, after);

    /// <summary>Ends the connection (FIN) before the answer has ended.</summary>
    public static Fault Cut(int after = 3) => new Break(BreakKind.Cut, after);

    /// <summary>Resets the connection (RST) before the answer has ended.</summary>
    public static Fault Reset(int after = 3) => new Break(BreakKind.Reset, after);

    /// <summary>Sends half a JSON object and then ends as if nothing had happened.</summary>
    public static Fault Malformed(int after = 3) => new Break(BreakKind.Malformed, after);

    /// <summary>
    /// Reports an error inside the stream, the one the wire has for <paramref name="status"/>, status 200 long sent; a whole answer is
    /// a 500.
    /// </summary>
    public static Fault ErrorEvent(int after = 3, int status = OverloadedStatus) => new Break(BreakKind.ErrorEvent, after, status);

    /// <summary>529 while more than so many POST requests are under way at this provider; healthy otherwise.</summary>
    public static Fault Crowded(int most) => new TooMany(most);

    /// <summary>Answers in the name of another model.</summary>
    public static Fault WrongModel(string model) => new OtherModel(model);

    /// <summary>307 to another address: whoever follows it discloses the prompt there.</summary>
    public static Fault Redirect(Uri location) => new Elsewhere(location);

    /// <summary>An answer whose text has this many ASCII characters, whatever the token limit.</summary>
    public static Fault OversizeAnswer(int characters) => new Oversize(characters);

    internal sealed record Healthy : Fault;

    internal sealed record ErrorStatus(int Code, TimeSpan? RetryAfter = null) : Fault;

    internal sealed record Hanging : Fault;

    internal sealed record Empty : Fault;

    internal sealed record Unterminated : Fault;

    internal sealed record LateStart(TimeSpan Delay) : Fault;

    internal sealed record Crawl(TimeSpan Delay) : Fault;

    internal sealed record Break(BreakKind Kind, int After, int Code = OverloadedStatus) : Fault;

    internal sealed record TooMany(int Most) : Fault;

    internal sealed record OtherModel(string Model) : Fault;

    internal sealed record Elsewhere(Uri Location) : Fault;

    internal sealed record Oversize(int Characters) : Fault;
}

internal enum BreakKind
{
    Stall,
    Cut,
    Reset,
    Malformed,
    ErrorEvent,
}
