using System.Text;
using PolicyRouter.Gateway.Pipeline;
using PolicyRouter.Gateway.Wire;

namespace PolicyRouter.Gateway.Tests.Wire;

/// <summary>Encoded bytes pass unscanned in the places that the APIs have for them, and nowhere else; what nobody can read is opaque wherever it stands.</summary>
public sealed class EncodedBytesTests
{
    private const string Disguised = "PatientMariaMartinez-SSN-536-22-1847-HIV-positive-lives-at-12-Elm-Street-Boston";
    private static readonly string Picture = Convert.ToBase64String([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, .. Enumerable.Range(0, 80).Select(static number => (byte)(number * 7))]);
    private static readonly string Bytes = Convert.ToBase64String([.. Enumerable.Range(0, 300).Select(static number => (byte)(number * 37))]);
    private static readonly RedactionSetup Setup = RedactionSetup.Of(ShippedPolicies.Snapshot);

    private static readonly Dictionary<string, CallerApi> Apis = new(StringComparer.Ordinal)
    {
        ["chat"] = CallerApi.ChatCompletions, ["messages"] = CallerApi.Messages, ["responses"] = CallerApi.Responses,
    };

    public static TheoryData<string, string> WrongPlaces()
    {
        TheoryData<string, string> places = [];
        foreach (var api in Apis.Keys)
        {
            foreach (var member in new[] { "data", "signature", "image_url", "file_data" })
            {
                places.Add(api, member);
            }
        }

        return places;
    }

    [Theory]
    [MemberData(nameof(WrongPlaces))]
    public void TextInThePlaceOfBytes_IsScanned_WhereAPartHasNone(string api, string member)
    {
        foreach (var part in new[] { $$"""{"type":"{{TextKind(api)}}","text":"hello","{{member}}":"{{Disguised}}"}""", $$"""{"{{member}}":"{{Disguised}}","text":"hello","type":"{{TextKind(api)}}"}""" })
        {
            Assert.Contains("pii", ScannedPrompt.Scan(Read(part, api), Setup).DetectedClasses);
        }
    }

    [Theory]
    [MemberData(nameof(WrongPlaces))]
    public void BytesInAPartThatHasNone_AreOpaque(string api, string member)
    {
        foreach (var part in new[] { $$"""{"type":"{{TextKind(api)}}","text":"hello","{{member}}":"{{Picture}}"}""", $$"""{"{{member}}":"{{Bytes}}","text":"hello","type":"{{TextKind(api)}}"}""" })
        {
            Assert.True(Read(part, api).HasUninspectableContent);
        }
    }

    [Theory]
    [InlineData("messages", """{"type":"image","source":{"type":"base64","media_type":"image/png","data":"BYTES"}}""")]
    [InlineData("messages", """{"source":{"data":"BYTES","media_type":"image/png","type":"base64"},"type":"image"}""")]
    [InlineData("messages", """{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"BYTES"}}""")]
    [InlineData("messages", """{"type":"redacted_thinking","data":"BYTES"}""")]
    [InlineData("messages", """{"type":"thinking","thinking":"","signature":"BYTES"}""")]
    [InlineData("messages", """{"signature":"BYTES","thinking":"","type":"thinking"}""")]
    [InlineData("messages", """{"type":"tool_result","tool_use_id":"toolu_1","content":[{"source":{"data":"BYTES","type":"base64"},"type":"image"}]}""")]
    [InlineData("chat", """{"type":"image_url","image_url":{"url":"data:image/png;base64,BYTES"}}""")]
    [InlineData("chat", """{"image_url":{"url":"data:image/png;base64,BYTES"},"type":"image_url"}""")]
    [InlineData("chat", """{"type":"input_audio","input_audio":{"data":"BYTES","format":"wav"}}""")]
    [InlineData("chat", """{"type":"file","file":{"file_data":"data:application/pdf;base64,BYTES"}}""")]
    [InlineData("responses", """{"type":"input_image","image_url":"data:image/png;base64,BYTES"}""")]
    [InlineData("responses", """{"file_data":"data:application/pdf;base64,BYTES","type":"input_file"}""")]
    [InlineData("responses", """{"type":"input_audio","input_audio":{"data":"BYTES","format":"wav"}}""")]
    public void BytesInTheirPlace_AreNoText(string api, string part)
    {
        var document = Read(part.Replace("BYTES", Bytes, StringComparison.Ordinal), api);

        Assert.DoesNotContain(document.Positions, position => document.TextOf(position).Contains(Bytes, StringComparison.Ordinal));
        Assert.Equal(!part.Contains("\"thinking\"", StringComparison.Ordinal), document.HasUninspectableContent);
    }

    [Fact]
    public void SignatureThatIsText_IsScanned()
    {
        var text = Convert.ToBase64String(Encoding.ASCII.GetBytes("Patient: Maria Martinez, SSN 536-22-1847, HIV positive, lives at 12 Elm Street"));

        Assert.Contains("pii", ScannedPrompt.Scan(Read($$"""{"type":"thinking","thinking":"hm","signature":"{{text}}"}""", "messages"), Setup).DetectedClasses);
    }

    [Theory]
    [InlineData("messages", """{"type":"text","text":"hi","citations":[{"type":"x","source":{"type":"base64","data":"PICTURE"}}]}""", "")]
    [InlineData("messages", """{"type":"text","text":"hi","citations":[{"type":"image","source":{"type":"url","url":"https://example.org/a"}}]}""", "")]
    [InlineData("messages", """{"type":"text","text":"hi"}""", ""","extra":[{"type":"image","source":{"type":"url","url":"https://example.org/a"}}]""")]
    [InlineData("chat", """{"type":"text","text":"hi"}""", ""","images":["PICTURE"]""")]
    [InlineData("chat", """{"type":"text","text":"hi"}""", ""","extra":{"blob":"PICTURE"}""")]
    public void ImagesWhereNoShapeHasThem_AreOpaque(string api, string part, string members) =>
        Assert.True(Read(part.Replace("PICTURE", Picture, StringComparison.Ordinal), api, members.Replace("PICTURE", Picture, StringComparison.Ordinal)).HasUninspectableContent);

    [Fact]
    public void ImagesInAMessage_AndInABodyOfEmbeddings_AreOpaque()
    {
        var message = Prompts.Read($$$"""{"model":"m","messages":[{"role":"user","content":"hi","attachments":[{"type":"image","source":{"data":"{{{Picture}}}"}}]}]}""", CallerApi.Messages);
        var embeddings = Prompts.Read($$$"""{"model":"m","input":"x","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://example.org/a"}}]}]}""", CallerApi.Embeddings);

        Assert.All([message, embeddings], static document => Assert.True(document.HasUninspectableContent));
        Assert.All([message, embeddings], static document => Assert.Contains("vision", document.Features));
    }

    [Theory]
    [InlineData("""{"sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}""")]
    [InlineData("""{"path":"src/components/patient/dashboard/very/long/path/to/some/file/that/goes/on/and/on"}""")]
    [InlineData("""{"type":"image","id":"a"}""")]
    public void WhatToolsAreOrdinarilyGiven_IsNotOpaque(string input) =>
        Assert.False(Read($$"""{"type":"tool_use","id":"toolu_1","name":"f","input":{{input}}}""", "messages").HasUninspectableContent);

    [Fact]
    public void SignatureOfACallOfGemini_IsNeitherTextNorOpaque()
    {
        var document = Prompts.Read(
            $$$"""{"model":"m","messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","extra_content":{"google":{"thought_signature":"{{{Bytes}}}"}},"function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c1","content":"ok"}]}""");

        Assert.False(document.HasUninspectableContent);
        Assert.DoesNotContain(document.Positions, position => document.TextOf(position) == Bytes);
    }

    private static string TextKind(string api) => api == "responses" ? "input_text" : "text";

    private static PromptDocument Read(string part, string api, string members = "") => Prompts.Read(
        "{\"model\":\"m\",\"" + (api == "responses" ? "input" : "messages") + "\":[{\"role\":\"user\",\"content\":[" + part + "]}]" + members + "}", Apis[api]);
}
