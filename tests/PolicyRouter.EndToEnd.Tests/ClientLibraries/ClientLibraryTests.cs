using System.Text.Json;
using PolicyRouter.Simulator;
using PolicyRouter.Simulator.Answers;
using PolicyRouter.Simulator.Faults;

namespace PolicyRouter.EndToEnd.Tests.ClientLibraries;

/// <summary>
/// What every client library must be able to do through the gateway without noticing it, at a provider that speaks Anthropic's wire and at ones that speak OpenAI's: one of
/// the two is always translated.
/// </summary>
public abstract class ClientLibraryTests(ClientLibrary library) : IAsyncLifetime
{
    protected const string Claude = "claude-anthropic";
    protected const string Azure = "azure-gpt4o-eastus";

    // Faults happen to these two, so that the health of the others stays good.
    private const string FailingClaude = "claude-aws-us";
    private const string FailingLlama = "local-llama";

    private const string Note = "Summarise: pneumonia is an inflammation of the lungs, mostly caused by bacteria, and treated with what works against them.";
    private const string Ssn = "536-22-1847";
    private const string Pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

    /// <summary>Why an ordinary answer ends, in the library's words.</summary>
    protected abstract string StopReason { get; }

    /// <summary>Why an answer ends that calls functions.</summary>
    protected abstract string ToolCallsReason { get; }

    protected virtual bool TellsWhyWholeAnswersEnd => true;

    /// <summary>The library's exception for an HTTP status.</summary>
    protected abstract string KindOf(int status);

    /// <summary>Whether the library tries no second time when the gateway says that this is of no use.</summary>
    protected virtual bool ObeysShouldRetry => true;

    /// <summary>What the library's exception says about a stream that broke: the gateway's own words, where it passes them on.</summary>
    protected virtual string Broken => "the answer is incomplete";

    private protected GatewayUnderTest Gateway
    {
        get
        {
            Skip.If(library.Missing is not null, library.Missing);
            return library.Gateway;
        }
    }

    public Task InitializeAsync() => library.ResetAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [SkippableTheory]
    [InlineData(Claude)]
    [InlineData(Azure)]
    public async Task AStream_SaysWhatTheWholeAnswerSays(string model)
    {
        var whole = await SucceedAsync(new("chat", model) { Text = Note });
        var streamed = await SucceedAsync(new("chat", model) { Text = Note, Stream = true });

        Assert.Contains(Note, whole.Text, StringComparison.Ordinal);
        Assert.Equal(whole.Text, streamed.Text);
        Assert.Equal(streamed.Text, streamed.Assembled ?? streamed.Text);
        Assert.True(streamed.Pieces > 1);
        Assert.Equal((TellsWhyWholeAnswersEnd ? StopReason : null, StopReason), (whole.Finish, streamed.Finish));
        Assert.True(whole is { InputTokens: > 0, OutputTokens: > 0 }, whole.ToString());
        Assert.Equal((whole.InputTokens, whole.OutputTokens), (streamed.InputTokens, streamed.OutputTokens));
    }

    [SkippableTheory]
    [InlineData(Claude, false)]
    [InlineData(Claude, true)]
    [InlineData(Azure, false)]
    [InlineData(Azure, true)]
    public async Task AnIdentifier_ReachesNoProvider_AndStandsInTheAnswer(string model, bool stream)
    {
        var answer = await SucceedAsync(new("chat", model) { Text = $"Why was the claim of SSN {Ssn} rejected?", Stream = stream }, redacted: true);

        Assert.Contains(Ssn, answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Ssn, Assert.Single(Gateway.Fleet.Received).Text, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData(Claude, false, 1)]
    [InlineData(Claude, true, 1)]
    [InlineData(Claude, false, 2)]
    [InlineData(Claude, true, 2)]
    [InlineData(Azure, false, 1)]
    [InlineData(Azure, true, 1)]
    [InlineData(Azure, false, 2)]
    [InlineData(Azure, true, 2)]
    public async Task Functions_AreCalled_AndTheirResultsAnswered(string model, bool stream, int count)
    {
        string[] tools = ["find_claim", "find_policy"];
        tools = tools[..count];

        var outcome = await SucceedAsync(
            new("tools", model) { Text = $"Call {string.Join(" and ", tools)} for SSN {Ssn}.", Tools = tools, Stream = stream }, redacted: true);

        Assert.Equal(tools, outcome.Calls.Select(static call => call.Name));
        Assert.All(outcome.Calls, static call => Assert.Contains(Ssn, call.Query, StringComparison.Ordinal));
        Assert.Equal(stream || TellsWhyWholeAnswersEnd ? ToolCallsReason : null, outcome.Finish);
        // Of several results, Anthropic's API takes all in one message, and the other API each in its own.
        Assert.All(model == Claude ? tools : tools[^1..], tool => Assert.Contains($"{tool} found it.", outcome.Text, StringComparison.Ordinal));
        Assert.Equal(2, Gateway.Fleet.Received.Count);
        Assert.All(Gateway.Fleet.Received, static sent => Assert.DoesNotContain(Ssn, sent.Text, StringComparison.Ordinal));
    }

    [SkippableTheory]
    [InlineData(Claude)]
    [InlineData(Azure)]
    public async Task AnImage_ReachesTheProvider(string model)
    {
        await SucceedAsync(new("chat", model) { Text = "What is this?", Image = $"data:image/png;base64,{Pixel}" });

        var sent = Strings(JsonDocument.Parse(Assert.Single(Gateway.Fleet.Received).Body).RootElement).ToList();
        string[] expected = model == Claude ? ["image/png", Pixel] : [$"data:image/png;base64,{Pixel}"];
        Assert.Superset(expected.ToHashSet(), sent.ToHashSet());
    }

    [SkippableTheory]
    [InlineData(Claude)]
    [InlineData(Azure)]
    public async Task EveryCharacter_ArrivesAsItIs_BothWays(string model)
    {
        var text = string.Concat(Enumerable.Range(0, 60).Select(static number =>
            FormattableString.Invariant($"{number}: cafe\u0301 \u2028 \u2029 \u0085 \U0001F469\U0001F3FD\u200D\u2695\uFE0F q\u0307\u0323 \u65E5\u672C\u8A9E \u0639\u0631\u0628\u064A \"\\/\u007F \U00020BB7\r\n\t")));
        var received = "";
        Gateway.Fleet[model].AnswerWith(prompt => new Answer(received = prompt.LastMessage));

        var answer = await SucceedAsync(new("chat", model) { Text = text, Stream = true });

        Assert.Equal(text, received);
        Assert.Equal(text, answer.Text);
    }

    [SkippableTheory]
    [InlineData(401, false)]
    [InlineData(403, false)]
    [InlineData(403, true)]
    [InlineData(404, false)]
    [InlineData(400, false)]
    public async Task AnError_IsOfTheLibrarysOwnKind_AndNothingIsSentAgain(int status, bool stream)
    {
        Gateway.Fleet[Claude].Next(Fault.Status(400));
        Ask ask = new("chat", status switch { 403 => "groq-llama", 404 => "no-such-model", _ => Claude }) { Text = Note, Stream = stream };

        var outcome = await library.AskAsync(ask with { Token = status == 401 ? "wrong" : library.TokenFor("phi") });

        Assert.Equal((KindOf(status), status), (outcome.Error?.Kind, outcome.Error?.Status));
        Assert.Equal(status == 400 ? 1 : 0, Gateway.Fleet.Received.Count);
    }

    [SkippableTheory]
    [InlineData(FailingClaude)]
    [InlineData(FailingLlama)]
    public async Task WhenNobodyPermittedAnswers_TheErrorIsOfTheLibrarysOwnKind_AndNothingIsSentAgain(string model)
    {
        Gateway.Fleet[model].Behave(Fault.Unavailable);

        var outcome = await library.AskAsync(new("chat", model) { Text = Note, Retries = ObeysShouldRetry ? null : 0 });

        Assert.Equal((KindOf(503), 503), (outcome.Error?.Kind, outcome.Error?.Status));
        Assert.Single(Gateway.Fleet.Received);
    }

    [SkippableTheory]
    [InlineData(FailingClaude)]
    [InlineData(FailingLlama)]
    public async Task AStreamThatBreaks_IsAnException_AndNoShortAnswer(string model)
    {
        Gateway.Fleet[model].Next(Fault.Cut());

        var outcome = await library.AskAsync(new("chat", model) { Text = Note, Stream = true });

        Assert.Contains(Broken, outcome.Error?.Text, StringComparison.Ordinal);
        Assert.Single(Gateway.Fleet.Received);
    }

    [SkippableTheory]
    [InlineData(Claude)]
    [InlineData(Azure)]
    public async Task WhenTheClientLeaves_TheProviderIsLeft_WithinASecond(string model)
    {
        var provider = Gateway.Fleet[model];
        provider.Behave(Fault.Stall(after: 8));
        var seen = SeenAsync(provider);

        var left = await SucceedAsync(new("abort", model) { Text = Note });

        Assert.InRange(await seen - left.LeftAt!.Value, 0, 1000);
    }

    [SkippableTheory]
    [InlineData(Claude)]
    [InlineData(Azure)]
    public async Task FiftyStreamsAtOnce_EachHaveTheirOwnText(string model)
    {
        string[] texts = [.. Enumerable.Range(1, 50).Select(static number => FormattableString.Invariant($"This is number {number} of fifty. {Note}"))];

        var outcome = await SucceedAsync(new("many", model) { Texts = texts });

        Assert.Equal(50, outcome.Answers.Count);
        Assert.All(outcome.Answers, (answer, index) =>
        {
            Assert.Contains(texts[index], answer.Text, StringComparison.Ordinal);
            Assert.Equal(StopReason, answer.Finish);
        });
        Assert.Equal(50, Gateway.Fleet.Received.Count);
    }

    private protected async Task<Outcome> SucceedAsync(Ask ask, bool redacted = false)
    {
        _ = Gateway;
        var outcome = await library.AskAsync(redacted ? ask with { Token = library.TokenFor("phi") } : ask);
        Assert.True(outcome.Error is null, outcome.Error?.Text);
        return outcome;
    }

    /// <summary>For an answer of a given form: what the model says is that form, and what it was sent must ask for it.</summary>
    private protected async Task AssertObjectAsync(string model)
    {
        Gateway.Fleet[model].AnswerWith(static _ => new Answer("""{"claim":"A-17","open":true}"""));

        var outcome = await SucceedAsync(new("object", model) { Text = "Which claim is it?" });

        Assert.Equal(("A-17", true), (outcome.Object!.Value.GetProperty("claim").GetString(), outcome.Object.Value.GetProperty("open").GetBoolean()));
        var sent = Assert.Single(Gateway.Fleet.Received).Text;
        Assert.Contains("\"json_schema\"", sent, StringComparison.Ordinal);
        Assert.Contains("\"claim\":", sent, StringComparison.Ordinal);
    }

    /// <summary>For vectors, of which there may be several sets of the same texts.</summary>
    private protected async Task AssertEmbeddingsAsync()
    {
        string[] texts = [$"The claim of SSN {Ssn}.", "Another."];

        var outcome = await SucceedAsync(new("embed", Azure) { Texts = texts }, redacted: true);

        Assert.All(outcome.Vectors, static vector => Assert.Equal(1, vector.Sum(static number => number * number), 3));
        Assert.All(outcome.Vectors, static vector => Assert.Equal(256, vector.Length));
        Assert.All(outcome.Vectors.Chunk(texts.Length), set => Assert.Equal(outcome.Vectors[1], set[1]));
        Assert.NotEqual(outcome.Vectors[0], outcome.Vectors[1]);
        Assert.All(Gateway.Fleet.Received, static sent => Assert.DoesNotContain(Ssn, sent.Text, StringComparison.Ordinal));
    }

    private static async Task<long> SeenAsync(SimulatedProvider provider)
    {
        await provider.WaitForAsync(static request => request.ClientAborted);
        return TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
    }

    private static IEnumerable<string> Strings(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => [element.GetString()!],
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Strings),
        JsonValueKind.Object => element.EnumerateObject().SelectMany(static member => Strings(member.Value)),
        _ => [],
    };
}
