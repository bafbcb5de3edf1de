using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using PolicyRouter.Gateway.Wire;

namespace PolicyRouter.Gateway.Tests.Wire;

public sealed class PromptDocumentTests
{
    private static readonly Gen<string> Word = Gen.OneOf<string>(
        Gen.String[Gen.Char.AlphaNumeric, 0, 12],
        Gen.OneOf<string>("data_class", "a b", "\"q\"\\", "é\u2028", "😀 x", "123456789", "role", "type", "model", "user@example.org", "tab\t"));

    private static readonly Gen<JsonNode?> Value = Gen.Recursive<JsonNode?>((depth, self) => depth > 3
        ? Word.Select(static word => (JsonNode?)word)
        : Gen.OneOf<JsonNode?>(
            Word.Select(static word => (JsonNode?)word),
            Gen.Long.Select(static number => (JsonNode?)number),
            Gen.Bool.Select(static flag => (JsonNode?)flag),
            Gen.Const((JsonNode?)null),
            self.Array[0, 3].Select(static items => (JsonNode?)new JsonArray([.. items.Select(static item => item?.DeepClone())])),
            Gen.Select(Word, self).Array[0, 3].Select(static members =>
            {
                JsonObject made = [];
                foreach (var (name, item) in members)
                {
                    made[name] = item?.DeepClone();
                }

                return (JsonNode?)made;
            })));

    private static readonly Gen<JsonObject> Body = Gen.Select(Value, Value, Word, Word, Gen.Bool).Select(
        static (extra, schema, content, description, hasMetadata) =>
        {
            JsonObject body = [];
            if (hasMetadata)
            {
                body["metadata"] = new JsonObject { ["data_class"] = "phi", ["note"] = content, ["purpose"] = "treatment" };
            }

            body["model"] = "route";
            body["messages"] = new JsonArray(
                new JsonObject { ["role"] = "system", ["content"] = description },
                new JsonObject { ["role"] = "user", ["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = content }) });
            body["tools"] = new JsonArray(new JsonObject { ["type"] = "function", ["function"] = new JsonObject { ["parameters"] = schema?.DeepClone() } });
            body["x_unknown"] = extra?.DeepClone();
            return body;
        });

    [Fact]
    public void MoreThanTwentyThousandMessages_AreRefused()
    {
        var most = $$"""{"model":"m","messages":[{{string.Join(',', Enumerable.Repeat("""{"role":"user","content":"Hi"}""", 20_000))}}]}""";

        Assert.Equal(20_000, Prompts.Read(most).Positions.Count);
        var error = Prompts.Refused(most.Insert(most.Length - 2, """,{"role":"user","content":"Hi"}"""));

        Assert.Equal((400, "invalid_request", "messages"), (error.Status, error.Code, error.Param));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"model":"m","messages":[]}""")]
    [InlineData("""{"model":"m"}""")]
    [InlineData("""{"model":"","messages":[{"role":"user","content":"Hi"}]}""")]
    [InlineData("""{"model":7,"messages":[{"role":"user","content":"Hi"}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"}]}""")]
    [InlineData("""{"model":"m","messages":[{"content":"Hi"}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"root","content":"Hi"}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":{"text":"Hi"}}]}""")]
    [InlineData("""{"model":"m","messages":["Hi"]}""")]
    [InlineData("""{"model":"m","messages":{"role":"user"}}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"Hi"}]} {}""")]
    [InlineData("""{"model":"m","model":"n","messages":[{"role":"user","content":"Hi"}]}""")]
    [InlineData("""{"model":"m","mod\u0065l":"n","messages":[{"role":"user","content":"Hi"}]}""")]
    [InlineData("""{"model":"m","Model":"n","messages":[{"role":"user","content":"Hi"}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"Hi"}],"STREAM":true,"stream":false}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","Content":"a","content":"b"}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"Hi"}],"x":{"a":1,"a":2}}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"\ud800"}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"Hi"}],"stream":"true"}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"Hi"}],"metadata":{"data_class":["phi"]}}""")]
    public void ABodyThatTwoReadersCouldSeeDifferently_IsRefused(string body)
    {
        var error = Prompts.Refused(body);

        Assert.Equal(400, error.Status);
        Assert.Equal("invalid_request", error.Code);
    }

    [Fact]
    public void ABodyNestedTooDeep_IsRefused() =>
        Prompts.Refused(Prompts.With($",\"x\":{new string('[', 64)}{new string(']', 64)}"));

    [Fact]
    public void ARefusal_NeverQuotesTheBody()
    {
        foreach (var body in new[] { "{\"secret-canary\":tru}", "{\"model\":\"m\",\"secret-canary\":1,\"secret-canary\":2}", "{\"model\":\"m\",\"messages\":[{\"role\":\"secret-canary\"}]}" })
        {
            Assert.DoesNotContain("canary", Prompts.Refused(body).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void InvalidUtf8_IsRefused() => Assert.IsType<PromptReadResult.Invalid>(PromptDocument.Read(new byte[] { (byte)'{', 0xC3, 0x28, (byte)'}' }, CallerApi.ChatCompletions));

    [Fact]
    public void TextIsFoundWhereverItHides()
    {
        var texts = Prompts.Texts(
            """
            {"model":"m","messages":[
              {"role":"system","content":"t01","name":"t02"},
              {"role":"user","content":[{"type":"text","text":"t03"},"t04"]},
              {"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"t05","arguments":"{\"who\":\"t06\"}"}}]},
              {"role":"tool","tool_call_id":"call_1","content":"t07"},
              {"role":"user","content":[{"type":"image_url","image_url":{"url":"https://t08.example/x"}}]}],
             "tools":[{"type":"function","function":{"name":"t09","description":"t10","parameters":{"type":"object","properties":{"a":{"description":"t11","enum":["t12"]},"t13 spaced":{}}}}}],
             "stop":["t14"],"user":"t15","prediction":{"type":"content","content":"t16"},"metadata":{"note":"t17"},"x_future":{"y":["t18"]},
             "response_format":{"type":"json_schema","json_schema":{"name":"t19","schema":{"description":"t20"}}}}
            """);

        for (var number = 1; number <= 20; number++)
        {
            Assert.Contains(texts, text => text.Contains($"t{number:00}", StringComparison.Ordinal));
        }

        Assert.DoesNotContain(texts, static text => text is "m" or "user" or "function" or "object" or "text");
    }

    [Theory]
    [InlineData(",\"metadata\":{\"mrn\":12345678}", "12345678")]
    [InlineData(",\"x\":4111111111111111", "4111111111111111")]
    [InlineData(",\"record\":{\"mrn\":4815}", "4815")]
    [InlineData(",\"seed\":123456789012", "123456789012")]
    [InlineData(",\"tools\":[{\"id\":\"call-078-05-1120\"}]", "call-078-05-1120")]
    public void ANumberThatMayBeSomebodys_IsText(string members, string expected) => Assert.Contains(expected, Prompts.Texts(Prompts.With(members)));

    [Theory]
    [InlineData(",\"temperature\":0.30000000000000004")]
    [InlineData(",\"seed\":1234567")]
    [InlineData(",\"x\":12")]
    public void AParameterThatIsJustANumber_IsNot(string members) =>
        Assert.Equal(["Hi"], Prompts.Read(Prompts.With(members)) is var document ? document.Positions.Where(static position => position.Identifier is IdentifierKind.None).Select(document.TextOf) : []);

    [Theory]
    [InlineData("", "chat")]
    [InlineData(",\"tools\":[]", "chat tools")]
    [InlineData(",\"tools\":null", "chat")]
    [InlineData(",\"tool_choice\":\"none\"", "chat tools")]
    [InlineData(",\"response_format\":{\"type\":\"text\"}", "chat")]
    [InlineData(",\"response_format\":{\"type\":\"json_object\"}", "chat json-schema")]
    [InlineData(",\"response_format\":{\"type\":\"json_schema\"}", "chat json-schema")]
    [InlineData(",\"modalities\":[\"text\",\"audio\"]", "chat audio")]
    [InlineData(",\"web_search_options\":{}", "chat web-search")]
    [InlineData(",\"store\":true", "chat store")]
    [InlineData(",\"store\":false", "chat")]
    public void FeaturesAreReadFromTheBody(string members, string expected) =>
        Assert.Equal(expected.Split(' '), Prompts.Read(Prompts.With(members)).Features);

    [Theory]
    [InlineData("""{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}""", "vision")]
    [InlineData("""{"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}}""", "audio")]
    [InlineData("""{"type":"file","file":{"file_id":"file-1"}}""", "files")]
    [InlineData("""{"type":"text","text":"x","image_url":{"url":"https://example.org"}}""", "vision")]
    [InlineData("""{"type":"hologram","data":"x"}""", "files")]
    [InlineData("""{"text":"x"}""", "files")]
    public void APartThatCannotBeLookedInto_IsNamed(string part, string feature)
    {
        var document = Prompts.Read($$"""{"model":"m","messages":[{"role":"user","content":[{{part}}]}]}""");

        Assert.True(document.HasUninspectableContent);
        Assert.Contains(feature, document.Features);
    }

    [Fact]
    public void EncodedImages_AreNotScannedAsText()
    {
        var bytes = Convert.ToBase64String(Encoding.ASCII.GetBytes(new string('7', 120)));

        Assert.Empty(Prompts.Texts($$$"""{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,{{{bytes}}}"}}]}]}"""));
    }

    [Theory]
    [InlineData("""{"metadata":{"data_class":"phi, card-number","session":"s1"},"model":"m","messages":[{"role":"user","content":"Hi"}]}""", """{"model":"m","messages":[{"role":"user","content":"Hi"}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"Hi"}] , "metadata":{"purpose":"x"} }""", """{"model":"m","messages":[{"role":"user","content":"Hi"}] }""")]
    [InlineData("""{"model":"m","metadata":{"data_class":"phi","k":"v","purpose":"x"},"messages":[{"role":"user","content":"Hi"}]}""", """{"model":"m","metadata":{"k":"v"},"messages":[{"role":"user","content":"Hi"}]}""")]
    [InlineData("""{"model":"m","metadata":{"k":"v","purpose":"x","session":"s","l":"w"},"messages":[{"role":"user","content":"Hi"}]}""", """{"model":"m","metadata":{"k":"v","l":"w"},"messages":[{"role":"user","content":"Hi"}]}""")]
    [InlineData("""{"model":"m","metadata":{},"messages":[{"role":"user","content":"Hi"}]}""", """{"model":"m","metadata":{},"messages":[{"role":"user","content":"Hi"}]}""")]
    public void TheGatewaysOwnMetadata_IsTakenOut(string body, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(Prompts.Read(body).Rewrite("m", []).Span));

    [Fact]
    public void TheGatewaysOwnMetadata_IsRead()
    {
        var metadata = Prompts.Read(Prompts.With(",\"metadata\":{\"data_class\":\"phi, card-number\",\"data_subjects\":\"us\",\"purpose\":\"treatment\",\"session\":\"s1\"}")).Metadata;

        Assert.Equal(["phi", "card-number"], metadata.DataClasses);
        Assert.Equal(["us"], metadata.DataSubjects);
        Assert.Equal("treatment", metadata.Purpose);
        Assert.Equal("s1", metadata.Session);
    }

    [Fact]
    public void StreamOptions_AreRead()
    {
        var document = Prompts.Read(Prompts.With(",\"stream\":true,\"stream_options\":{\"include_usage\":true}"));

        Assert.True(document.IsStreaming);
        Assert.True(document.IncludesUsage);
    }

    [Fact]
    public void ANumber_IsReplacedByAString()
    {
        var document = Prompts.Read(Prompts.With(",\"x\":123456789"));
        var number = Assert.Single(document.Positions, static position => position.IsNumber);

        Assert.EndsWith(",\"x\":\"[\\\"N\\\"]\"}", Encoding.UTF8.GetString(document.Rewrite("m", [new Replacement(number, "[\"N\"]")]).Span), StringComparison.Ordinal);
    }

    [Fact]
    public void RewritingWithNothingReplaced_KeepsEveryByte() => Body.Sample(
        static body =>
        {
            body.Remove("metadata");
            var bytes = Prompts.Bytes(body.ToJsonString());
            var document = Assert.IsType<PromptReadResult.Ok>(PromptDocument.Read(bytes, CallerApi.ChatCompletions)).Document;
            Assert.Equal(bytes.ToArray(), document.Rewrite("route", []).ToArray());
        },
        iter: 1_000);

    [Fact]
    public void RewritingEveryText_ChangesTheTextsAndNothingElse() => Body.Sample(
        static body =>
        {
            var document = Prompts.Read(body.ToJsonString());
            var values = document.Positions.Where(static position => position.Key.Length > 0).ToList();
            var rewritten = JsonNode.Parse(document.Rewrite("upstream", [.. values.Select(position => new Replacement(position, $"<{document.TextOf(position)}>"))]).Span)!;

            var expected = body.DeepClone().AsObject();
            if (expected["metadata"] is JsonObject metadata)
            {
                metadata.Remove("data_class");
                metadata.Remove("purpose");
            }

            var marked = values.Select(document.TextOf).ToHashSet(StringComparer.Ordinal);
            AssertSame(expected, rewritten, marked, isRoot: true);
        },
        iter: 1_000);

    [Fact]
    public void ArbitraryBytes_NeverThrow() => Gen.OneOf<byte[]>(
            Gen.Byte.Array[0, 60],
            Gen.Select(Body, Gen.Int[0, 400], Gen.Byte).Select(static (body, at, change) =>
            {
                var bytes = Encoding.UTF8.GetBytes(body.ToJsonString());
                bytes[at % bytes.Length] = change;
                return bytes;
            }))
        .Sample(
            static bytes =>
            {
                if (PromptDocument.Read(bytes, CallerApi.ChatCompletions) is PromptReadResult.Ok { Document: var document })
                {
                    foreach (var position in document.Positions)
                    {
                        _ = document.TextOf(position);
                    }

                    Assert.IsType<PromptReadResult.Ok>(PromptDocument.Read(document.Rewrite("other", []), CallerApi.ChatCompletions));
                }
            },
            iter: 5_000);

    [Fact]
    public void ManySmallObjectsAfterALargeOne_AreReadInLinearSpace()
    {
        var large = string.Join(',', Enumerable.Range(0, 5_000).Select(static number => $"\"k{number}\":0"));
        var small = string.Join(',', Enumerable.Repeat("{\"a\":0}", 5_000));
        var body = Prompts.Bytes(Prompts.With($",\"x\":[{{{large}}},{small}]"));

        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.IsType<PromptReadResult.Ok>(PromptDocument.Read(body, CallerApi.ChatCompletions));

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100L * body.Length);
    }

    private static void AssertSame(JsonNode? expected, JsonNode? actual, HashSet<string> marked, bool isRoot = false)
    {
        switch (expected)
        {
            case JsonObject members:
                Assert.Equal(members.Select(static member => member.Key), actual!.AsObject().Select(static member => member.Key));
                foreach (var (name, value) in members)
                {
                    if (isRoot && name == "model")
                    {
                        Assert.Equal("upstream", actual[name]!.GetValue<string>());
                        continue;
                    }

                    AssertSame(value, actual[name], marked);
                }

                break;
            case JsonArray items:
                Assert.Equal(items.Count, actual!.AsArray().Count);
                for (var at = 0; at < items.Count; at++)
                {
                    AssertSame(items[at], actual[at], marked);
                }

                break;
            case JsonValue value when value.GetValueKind() is System.Text.Json.JsonValueKind.String:
                var text = value.GetValue<string>();
                Assert.Contains(actual!.GetValue<string>(), new[] { text, $"<{text}>" });
                Assert.True(actual.GetValue<string>() != text || !marked.Contains(text) || text.Length <= 16, "A text was left as it was.");
                break;
            case JsonValue number:
                Assert.Contains(actual!.ToJsonString().Trim('"'), new[] { number.ToJsonString(), $"<{number.ToJsonString()}>", $"\\u003C{number.ToJsonString()}\\u003E" });
                break;
            default:
                Assert.Null(actual);
                break;
        }
    }
}
