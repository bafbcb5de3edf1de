using System.Text;
using PolicyRouter.Gateway.Wire;

namespace PolicyRouter.Gateway.Tests.Wire;

/// <summary>Short ways to say what a request body is and what was read from it.</summary>
internal static class Prompts
{
    public static PromptDocument Read(string body, CallerApi? api = null) =>
        Assert.IsType<PromptReadResult.Ok>(PromptDocument.Read(Bytes(body), api ?? CallerApi.ChatCompletions)).Document;

    public static GatewayError Refused(string body) => Assert.IsType<PromptReadResult.Invalid>(PromptDocument.Read(Bytes(body), CallerApi.ChatCompletions)).Error;

    public static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>A body with one user message and these members more, each with a comma before it.</summary>
    public static string With(string members) => $$"""{"model":"m","messages":[{"role":"user","content":"Hi"}]{{members}}}""";

    public static IReadOnlyList<string> Texts(string body)
    {
        var document = Read(body);
        return [.. document.Positions.Select(document.TextOf)];
    }
}
