using System.Text;
using System.Text.Json;

namespace PolicyRouter.Gateway.Resilience.Probing;

/// <summary>What probes say: always this, to everybody. Nothing of any caller is ever in it.</summary>
internal static class ProbePrompt
{
    /// <summary>A public text.</summary>
    public const string Text = "This is an availability check without any data. Name the colours of the rainbow, from red to violet, in one line.";

    /// <summary>Class of the data in it.</summary>
    public const string DataClass = "public";

    /// <summary>The body of a chat completions request for one deployment, streamed, so that its first token can be timed.</summary>
    public static byte[] BodyFor(string deploymentId) => Encoding.UTF8.GetBytes(
        $$"""{"model":"{{JsonEncodedText.Encode(deploymentId)}}","stream":true,"messages":[{"role":"user","content":"{{Text}}"}]}""");
}
