using PolicyRouter.Simulator.Faults;

namespace PolicyRouter.Benchmarks.Outages;

/// <summary>
/// Real outages of providers, from their own reports, and one drill. Hours are compressed to minutes; shares and kinds of failure are the reported ones, and
/// where a report is silent the trace says what it assumes.
/// </summary>
internal static class KnownOutages
{
    /// <summary>Text of 200 OK that has nothing to do with the question.</summary>
    private static readonly Fault WrongWords = Fault.OversizeAnswer(80);

    public static OutageTrace AnthropicApril2026 { get; } = new(
        "Anthropic, 28 Apr 2026",
        "authentication errors, then server errors, then requests that hang",
        [
            Well(60),
            Ill(120, new Ailment("anthropic/api", Fault.Unauthorized)),
            Ill(90, new Ailment("anthropic/api", Fault.ServerError)),
            Ill(90, new Ailment("anthropic/api", Fault.Hang)),
            Well(90),
        ]);

    public static IReadOnlyList<OutageTrace> All { get; } =
    [
        new(
            "OpenAI, 19 Oct 2023",
            "the cache of authentication down: some customers failed always, others hardly ever; our key is one of the former (401 assumed)",
            [Well(60), Ill(240, new Ailment("openai/api", Fault.Unauthorized)), Well(90)]),
        new(
            "OpenAI, 4 Dec 2024",
            "4 min of HTTP 530, then stalls of 30 s; 45 % of the clients gave up",
            [Well(60), Ill(240, new Ailment("openai/api", Fault.Status(530))), Ill(120, new Ailment("openai/api", Fault.Hang, 0.45)), Well(90)]),
        new(
            "OpenAI, 11 Dec 2024",
            "4 h 22 min, everything down; caches of names hid it from some for 20 min (503 assumed)",
            [Well(60), Ill(25, new Ailment("openai", Fault.Unavailable, 0.3)), Ill(300, new Ailment("openai", Fault.Unavailable)), Ill(40, new Ailment("openai", Fault.Unavailable, 0.5)), Well(90)]),
        new(
            "OpenAI, 10 Jun 2025",
            "15 h: 5 % errors for 2 h, 25 % for 6 h (10 % assumed for the rest; 500)",
            [Well(60), Ill(60, new Ailment("openai/api", Fault.ServerError, 0.05)), Ill(180, new Ailment("openai/api", Fault.ServerError, 0.25)), Ill(210, new Ailment("openai/api", Fault.ServerError, 0.1)), Well(60)]),
        new(
            "Anthropic, Aug 2025",
            "200 OK with words of another language: 0.8 % of the users, then 16 %, always the same ones",
            [Well(60), Ill(180, new Ailment("anthropic/api", WrongWords, 0.008, IsSticky: true)), Ill(180, new Ailment("anthropic/api", WrongWords, 0.16, IsSticky: true)), Well(60)]),
        new(
            "Anthropic, 2026: bursts",
            "529 for everybody, again and again, up to 3 h",
            [Well(60), .. Enumerable.Range(0, 4).SelectMany(static _ => (OutagePhase[])[Ill(60, new Ailment("anthropic/api", Fault.Overloaded)), Well(20)]), Well(60)]),
        new(
            "Anthropic, 19 Mar 2026",
            "31 min of authentication errors",
            [Well(60), Ill(240, new Ailment("anthropic/api", Fault.Unauthorized)), Well(90)]),
        AnthropicApril2026,
        new(
            "Anthropic, 21 Jun 2026",
            "streams end in the middle, without an error (a third of the requests assumed)",
            [Well(60), Ill(240, new Ailment("anthropic/api", Fault.NoTerminator, 0.33)), Well(90)]),
        new(
            "Azure, 27 Jan 2026",
            "Sweden Central for 7 h; the law left nowhere to go for some (first requests that hang, then 503, assumed)",
            [Well(60), Lost(30, new Ailment("azure/swedencentral", Fault.Hang)), Lost(240, new Ailment("azure/swedencentral", Fault.Unavailable)), Well(120)]),
        new(
            "Azure, 2 Feb 2026",
            "no tokens for managed identities in two regions for 6 h, after a storm of retries",
            [Well(60), Ill(240, new Ailment("azure/swedencentral", Fault.Unauthorized), new Ailment("azure/eastus", Fault.Unauthorized)), Well(120)]),
        new(
            "Azure, 9 Mar 2026",
            "one model for 20 h: 400 and 429 for valid requests",
            [Well(60), Ill(300, new Ailment("azure-gpt-us", Fault.Status(400), 0.5), new Ailment("azure-gpt-us", Fault.RateLimited())), Well(90)]),
        new(
            "AWS us-east-1, 19 Oct 2025",
            "an empty DNS record takes the region down, then 12 h of secondary failures (30 % of the requests assumed; 503)",
            [Well(60), Lost(180, new Ailment("aws/us-east-1", Fault.Unavailable)), Ill(180, new Ailment("aws/us-east-1", Fault.Unavailable, 0.3)), Well(90)]),
        new(
            "Google Cloud, 12 Jun 2025",
            "a blank field crashes the authoriser of every region; the herd at the restart keeps one of them down for longer (503; half of the requests assumed)",
            [Well(60), Lost(180, new Ailment("google", Fault.Unavailable)), Ill(120, new Ailment("google/us-central1", Fault.Unavailable, 0.5)), Well(90)]),
        new(
            "Cloudflare, 18 Nov 2025",
            "whoever is behind it answers 500, on and off, and then all the time",
            [Well(60), .. Enumerable.Range(0, 5).SelectMany(static _ => (OutagePhase[])[Ill(20, new Ailment("cloudflare", Fault.ServerError)), Well(20)]), Ill(120, new Ailment("cloudflare", Fault.ServerError)), Well(90)]),
        new(
            "drill: the east of the US",
            "not a real one: a region of each of two clouds and our own machines at once, first hanging, then gone",
            [
                Well(60),
                Lost(60, new Ailment("azure/eastus", Fault.Hang), new Ailment("aws/us-east-1", Fault.Hang), new Ailment("own-datacentre", Fault.Hang)),
                Lost(180, new Ailment("azure/eastus", Fault.Unavailable), new Ailment("aws/us-east-1", Fault.Unavailable), new Ailment("own-datacentre", Fault.Unavailable)),
                Well(90),
            ]),
    ];

    private static OutagePhase Well(double seconds) => new(TimeSpan.FromSeconds(seconds), []);

    private static OutagePhase Ill(double seconds, params Ailment[] ailments) => new(TimeSpan.FromSeconds(seconds), ailments);

    private static OutagePhase Lost(double seconds, params Ailment[] ailments) => new(TimeSpan.FromSeconds(seconds), ailments, IsRegionLoss: true);
}
