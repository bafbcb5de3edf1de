using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Microsoft.AspNetCore.Http;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Tests.Providers;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Gateway.Wire.OpenAi;
using PolicyRouter.Redaction;
using PolicyRouter.Redaction.Replacement;

namespace PolicyRouter.Gateway.Tests.Wire;

public sealed class AnswerRelayTests
{
    private const string Email = "jane@example.org";
    private const string Quoted = "O\"Neill";

    [Fact]
    public void AWholeAnswer_IsRestoredInEveryText()
    {
        using PlaceholderTable table = new();
        var email = Placeholder(table, Email);
        var quoted = Placeholder(table, Quoted);
        var answer = $$$"""
            {"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"To {{{email}}}","refusal":"{{{email}}}","reasoning_content":"{{{email}}}",
             "tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"who\":\"{{{quoted}}}\"}"}}]},"finish_reason":"stop"}],"x_unknown":1.50}
            """;

        var restored = Encoding.UTF8.GetString(CallerApi.ChatCompletions.Restore(Prompts.Bytes(answer), table).Span);

        var message = JsonNode.Parse(restored)!["choices"]![0]!["message"]!;
        Assert.Equal($"To {Email}", (string?)message["content"]);
        Assert.Equal(Email, (string?)message["refusal"]);
        Assert.Equal(Email, (string?)message["reasoning_content"]);
        Assert.Equal(Quoted, (string?)JsonNode.Parse((string)message["tool_calls"]![0]!["function"]!["arguments"]!)!["who"]);
        Assert.EndsWith("\"x_unknown\":1.50}", restored, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AStream_IsRestoredHoweverItIsCut() => await Gen.Select(
            Gen.OneOf<string>("{e}", "{q}", " and ", "é😀\u2028", "[", "<", "{", "a\nb").Array[1, 8], Gen.Int[1, 9], Gen.Bool)
        .SampleAsync(
            static async (parts, size, endsInOneChunk) =>
            {
                using PlaceholderTable table = new();
                var email = Placeholder(table, Email);
                var quoted = Placeholder(table, Quoted);
                var sent = string.Concat(parts).Replace("{e}", email, StringComparison.Ordinal).Replace("{q}", quoted, StringComparison.Ordinal);
                var expected = string.Concat(parts).Replace("{e}", Email, StringComparison.Ordinal).Replace("{q}", Quoted, StringComparison.Ordinal);
                ChunkRestorer restorer = new(table, includesUsage: true);
                List<JsonNode> chunks = [];
                var runes = sent.EnumerateRunes().Select(static rune => rune.ToString()).ToList();
                for (var at = 0; at < runes.Count; at += size)
                {
                    var isLast = endsInOneChunk && at + size >= runes.Count;
                    Add(restorer.Taken(Chunk(new JsonObject { ["content"] = string.Concat(runes.Skip(at).Take(size)) }, isLast ? "stop" : null)));
                }

                if (!endsInOneChunk)
                {
                    Add(restorer.Taken(Chunk([], "stop")));
                }

                Assert.Equal(expected, string.Concat(chunks.Select(static chunk => (string?)chunk["choices"]![0]!["delta"]!["content"])));
                Assert.Equal("stop", (string?)chunks[^1]["choices"]![0]!["finish_reason"]);
                Assert.Empty(restorer.Finished());

                void Add(IEnumerable<ReadOnlyMemory<byte>> taken) => chunks.AddRange(taken.Select(static chunk => JsonNode.Parse(chunk.Span)!));
            },
            iter: 300);

    [Fact]
    public void ParallelToolCallsAndChoices_AreRestoredEachOnItsOwn()
    {
        using PlaceholderTable table = new();
        var email = Placeholder(table, Email);
        var (head, tail) = (email[..4], email[4..]);
        ChunkRestorer restorer = new(table, includesUsage: true);
        List<ReadOnlyMemory<byte>> chunks = [];
        foreach (var piece in new[] { head, tail })
        {
            foreach (var (choice, call) in new[] { (0, 0), (0, 1), (1, 0) })
            {
                chunks.AddRange(restorer.Taken(Prompts.Bytes(
                    $$$"""{"id":"i","choices":[{"delta":{"tool_calls":[{"function":{"arguments":"{{{piece}}}"},"index":{{{call}}}}]},"index":{{{choice}}}}]}""")));
            }
        }

        chunks.AddRange(restorer.Finished());

        Dictionary<(int, int), string> arguments = [];
        foreach (var choice in chunks.Select(static chunk => JsonNode.Parse(chunk.Span)!["choices"]![0]!))
        {
            var call = choice["delta"]!["tool_calls"]![0]!;
            var key = ((int)choice["index"]!, (int)call["index"]!);
            arguments[key] = arguments.GetValueOrDefault(key) + (string?)call["function"]!["arguments"];
        }

        Assert.Equal(3, arguments.Count);
        Assert.All(arguments.Values, static value => Assert.Equal(Email, value));
    }

    [Fact]
    public async Task EachEvent_IsWrittenWhenItArrives_AndDoneOnlyAtTheEnd()
    {
        TaskCompletionSource goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var provider = await ScriptedProvider.StartAsync(async http =>
        {
            http.Response.ContentType = "text/event-stream";
            await http.Response.WriteAsync("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"one\"}}]}\n\n");
            await http.Response.Body.FlushAsync();
            await goOn.Task;
            await http.Response.WriteAsync("data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");
        });
        await using var stream = await OpenAsync(provider);
        using WatchedStream seen = new("one");

        var relaying = RelayAsync(stream, seen, includesUsage: true);
        await seen.Found.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.DoesNotContain("[DONE]", seen.Text, StringComparison.Ordinal);
        goOn.SetResult();

        Assert.Null((await relaying).Failure);
        Assert.EndsWith("data: [DONE]\n\n", seen.Text, StringComparison.Ordinal);
    }

    /// <summary>A part of a further event that came along holds up none that is whole.</summary>
    [Fact]
    public async Task EventsThatArriveTogether_WaitForNothing()
    {
        TaskCompletionSource goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var provider = await ScriptedProvider.StartAsync(async http =>
        {
            http.Response.ContentType = "text/event-stream";
            await http.Response.WriteAsync(
                "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"one\"}}]}\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"two\"}}]}\n\n: comment\n\ndata: {\"choices\":[{\"index\":0,");
            await http.Response.Body.FlushAsync();
            await goOn.Task;
            await http.Response.WriteAsync("\"delta\":{\"content\":\"three\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");
        });
        await using var stream = await OpenAsync(provider);
        using WatchedStream seen = new("two");

        var relaying = RelayAsync(stream, seen, includesUsage: true);
        await seen.Found.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.DoesNotContain("three", seen.Text, StringComparison.Ordinal);
        goOn.SetResult();

        var outcome = await relaying;
        Assert.Equal((null, 3), (outcome.Failure, outcome.Events));
        Assert.Equal(
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"one\"}}]}\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"two\"}}]}\n\n"
            + "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"three\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
            seen.Text);
    }

    /// <summary>More than is read, or sent, at a time; what came before the first word, too.</summary>
    [Fact]
    public async Task LongStreamInOneGo_ArrivesWhole()
    {
        var events = Enumerable.Range(0, 3_000)
            .Select(static number => $"data: {{\"choices\":[{{\"index\":0,\"delta\":{{{(number < 20 ? "" : $"\"content\":\"word {number}\"")}}},\"finish_reason\":{(number == 2_999 ? "\"stop\"" : "null")}}}],\"n\":{number}}}\n\n")
            .Append("data: [DONE]\n\n").ToList();
        await using var provider = await ScriptedProvider.StreamingAsync(string.Concat(events));
        await using var stream = await OpenAsync(provider);
        using WatchedStream seen = new("[DONE]");

        Assert.Equal(3_000, (await RelayAsync(stream, seen, includesUsage: true)).Events);

        Assert.Equal(string.Concat(events), seen.Text);
    }

    [Fact]
    public async Task WhatArrivedBeforeAnError_IsSentBeforeIt()
    {
        await using var provider = await ScriptedProvider.StreamingAsync(
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"one\"}}]}\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"two\"}}]}\n\ndata: no JSON\n\n");
        await using var stream = await OpenAsync(provider);
        using WatchedStream seen = new("two");

        var outcome = await RelayAsync(stream, seen, includesUsage: true);

        Assert.Equal((FailureKind.Malformed, 2), (outcome.Failure!.Kind, outcome.Events));
        Assert.NotNull(stream.Facts.Writing);
        Assert.InRange(seen.Text.IndexOf("two", StringComparison.Ordinal), 0, seen.Text.IndexOf("\"error\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ABrokenStream_EndsWithAnErrorAndWithoutDone()
    {
        await using var provider = await ScriptedProvider.StreamingAsync(
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"one\"}}]}\n\ndata: {\"error\":{\"message\":\"canary\"}}\n\n");
        await using var stream = await OpenAsync(provider);
        using WatchedStream seen = new("one");

        var outcome = await RelayAsync(stream, seen, includesUsage: true);

        Assert.Equal(FailureKind.StreamError, outcome.Failure?.Kind);
        Assert.Contains("\"code\":\"error_in_stream\"", seen.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("[DONE]", seen.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", seen.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("finish_reason", seen.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Usage_IsPassedOnOnlyWhenAskedFor(bool includesUsage)
    {
        await using var provider = await ScriptedProvider.StreamingAsync(
            "data: {\"choices\":[],\"prompt_filter_results\":[]}\n\n"
            + "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"one\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1}}\n\n"
            + "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n");
        await using var stream = await OpenAsync(provider);
        using WatchedStream seen = new("one");

        await RelayAsync(stream, seen, includesUsage);

        Assert.Equal(includesUsage, seen.Text.Contains("usage", StringComparison.Ordinal));
        Assert.Equal((1L, 2L), (stream.Facts.InputTokens, stream.Facts.OutputTokens));
    }

    [Fact]
    public async Task LinesInsideAChunk_CannotForgeEvents()
    {
        await using var provider = await ScriptedProvider.StreamingAsync(
            "data: {\"choices\":[\ndata: {\"index\":0,\"delta\":{\"content\":\"a\\n\\nevent: error\\ndata: x\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");
        await using var stream = await OpenAsync(provider);
        using WatchedStream seen = new("[DONE]");

        await RelayAsync(stream, seen, includesUsage: false);

        Assert.Equal(2, seen.Text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.All(seen.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries), static line => Assert.StartsWith("data: ", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task AnError_HasTheShapeOfTheApi()
    {
        DefaultHttpContext http = new();
        using MemoryStream body = new();
        http.Response.Body = body;

        await OpenAiErrors.WriteAsync(http.Response, GatewayError.PermittedProvidersUnavailable(TimeSpan.FromSeconds(2.5)));

        Assert.Equal(503, http.Response.StatusCode);
        Assert.Equal("3", http.Response.Headers.RetryAfter);
        var error = JsonNode.Parse(body.ToArray())!["error"]!.AsObject();
        Assert.Equal(["message", "type", "param", "code"], error.Select(static member => member.Key));
        Assert.Equal("permitted_providers_unavailable", (string?)error["code"]);
    }

    [Fact]
    public async Task ADenial_TellsClientsNotToTryAgain()
    {
        DefaultHttpContext http = new();
        await OpenAiErrors.WriteAsync(http.Response, GatewayError.NoPermittedProvider("F-1"));

        Assert.Equal("false", http.Response.Headers["x-should-retry"]);
    }

    private static string Placeholder(PlaceholderTable table, string value) =>
        Relayed.Placeholder(table, value, RedactionProfile.Names.First(static name => name.Contains("direct", StringComparison.Ordinal)));

    private static ReadOnlyMemory<byte> Chunk(JsonObject delta, string? finishReason) => Prompts.Bytes(new JsonObject
    {
        ["id"] = "i",
        ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["delta"] = delta, ["finish_reason"] = finishReason }),
    }.ToJsonString());

    private static async Task<ProviderStream> OpenAsync(ScriptedProvider provider) =>
        Assert.IsType<ProviderReply.Streaming>(await Endpoints.SendAsync(Endpoints.At(provider.Url), "{}"u8.ToArray(), isStreaming: true)).Stream;

    private static async Task<RelayOutcome> RelayAsync(ProviderStream stream, Stream body, bool includesUsage)
    {
        DefaultHttpContext http = new();
        http.Response.Body = body;
        using PlaceholderTable table = new();
        return await AnswerRelay.StreamAsync(http.Response, CallerApi.ChatCompletions, stream, includesUsage, table, CancellationToken.None);
    }

    /// <summary>A response body that tells when a text has been written to it.</summary>
    private sealed class WatchedStream(string awaited) : MemoryStream
    {
        private readonly TaskCompletionSource _found = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Lock _gate = new();

        public Task Found => _found.Task;

        public string Text
        {
            get
            {
                lock (_gate)
                {
                    return Encoding.UTF8.GetString(ToArray());
                }
            }
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            lock (_gate)
            {
                Write(buffer.Span);
            }

            if (Text.Contains(awaited, StringComparison.Ordinal))
            {
                _found.TrySetResult();
            }

            return ValueTask.CompletedTask;
        }
    }
}
