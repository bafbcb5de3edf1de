using System.Text;
using PolicyRouter.Gateway.Pipeline;
using PolicyRouter.Gateway.Wire;

namespace PolicyRouter.Gateway.Tests.Wire;

/// <summary>
/// What an untrusted caller can make the gateway spend: reading and classifying a body allocates less than a hundred times its size, whatever it holds. The bar is
/// that of Envoy's threat model: more is a security bug.
/// </summary>
public sealed class AmplificationTests
{
    private const int Size = 64 * 1024;
    private static readonly RedactionSetup Setup = RedactionSetup.Of(ShippedPolicies.Snapshot);

    private static readonly Dictionary<string, string> Contents = new(StringComparer.Ordinal)
    {
        ["one letter"] = new('a', Size),
        ["digits"] = new('1', Size),
        ["card-like digits"] = Repeat("4111 1111 1111 1111 "),
        ["social security numbers"] = Repeat("536-22-1847 "),
        ["names"] = Repeat("John Smith "),
        ["mail addresses"] = Repeat("a@b.co "),
        ["at signs"] = new('@', Size),
        ["dots"] = new('.', Size),
        ["spaces"] = new(' ', Size),
        ["hexadecimal"] = Repeat("deadbeef"),
        ["base64"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(new string('x', Size / 2))),
        ["base64 of base64"] = Nested(static inner => Convert.ToBase64String(Encoding.ASCII.GetBytes(inner))),
        ["percent signs"] = Repeat("%41%42"),
        ["html entities"] = Repeat("&#x31;"),
        ["escapes"] = Repeat(@"\\u0031"),
        ["zero-width spaces"] = Repeat("1\u200b"),
        ["combining marks"] = Repeat("a\u0301\u0301\u0301"),
        ["full-width digits"] = Repeat("１２３"),
        ["spelled digits"] = Repeat("one two three "),
        ["labels"] = Repeat("SSN: MRN: DOB: "),
        ["brackets"] = Repeat("[{(<"),
        ["placeholders"] = Repeat("[PERSON_1]"),
        ["surrogates"] = Repeat("\U0001D7CE"),
    };

    public static TheoryData<string> Texts() => [.. Contents.Keys];

    [Theory]
    [MemberData(nameof(Texts))]
    public void AText_CostsLessThanAHundredTimesItsSize(string content) =>
        AssertBar(System.Text.Json.JsonSerializer.Serialize(new { model = "m", messages = new[] { new { role = "user", content = Contents[content] } } }));

    public static TheoryData<string> Structures() => ["messages", "members", "depth", "parts", "tools", "metadata", "numbers", "empty strings"];

    [Theory]
    [MemberData(nameof(Structures))]
    public void AStructure_CostsLessThanAHundredTimesItsSize(string structure) => AssertBar(structure switch
    {
        "messages" => $$"""{"model":"m","messages":[{{List("""{"role":"user","content":"x"}""")}}]}""",
        "members" => Prompts.With("," + string.Join(',', Enumerable.Range(0, Size / 16).Select(static number => $"\"m{number}\":1"))),
        "depth" => Prompts.With(",\"x\":" + new string('[', 50) + new string(']', 50)),
        "parts" => $$"""{"model":"m","messages":[{"role":"user","content":[{{List("""{"type":"text","text":"x"}""")}}]}]}""",
        "tools" => Prompts.With($$""","tools":[{{List("""{"type":"function","function":{"name":"f"}}""")}}]"""),
        "metadata" => Prompts.With(",\"metadata\":{" + string.Join(',', Enumerable.Range(0, Size / 16).Select(static number => $"\"k{number}\":\"\"")) + "}"),
        "numbers" => Prompts.With($",\"x\":[{List("1234567")}]"),
        _ => Prompts.With($",\"stop\":[{List("\"\"")}]"),
    });

    private static void AssertBar(string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        Spend(bytes);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Spend(bytes);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.True(allocated < 100L * bytes.Length, $"{bytes.Length} bytes cost {allocated}: {allocated / bytes.Length} times as much.");
    }

    private static void Spend(byte[] body)
    {
        if (PromptDocument.Read(body, CallerApi.ChatCompletions) is PromptReadResult.Ok { Document: var document })
        {
            Assert.NotEmpty(ScannedPrompt.Scan(document, Setup).Positions);
        }
    }

    private static string Repeat(string text) => string.Concat(Enumerable.Repeat(text, Size / text.Length));

    private static string List(string item) => string.Join(',', Enumerable.Repeat(item, Size / (item.Length + 1)));

    private static string Nested(Func<string, string> wrap)
    {
        var text = new string('x', 4_096);
        while (wrap(text) is { Length: < Size } wrapped)
        {
            text = wrapped;
        }

        return text;
    }
}
