using System.Globalization;
using Microsoft.AspNetCore.Http;
using PolicyRouter.Simulator.Answers;

namespace PolicyRouter.Simulator.Bedrock;

/// <summary>The headers that both of Bedrock's APIs have in common.</summary>
internal static class BedrockHeaders
{
    public static void Add(IHeaderDictionary headers, string requestId, string region)
    {
        headers["x-amzn-requestid"] = requestId;
        headers["x-amzn-bedrock-inference-region"] = region;
    }

    /// <summary>The token counts; a stream begins before they are known.</summary>
    public static void AddCounts(IHeaderDictionary headers, Prompt prompt, Answer answer)
    {
        if (!prompt.Stream)
        {
            headers["x-amzn-bedrock-input-token-count"] = prompt.InputTokens.ToString(CultureInfo.InvariantCulture);
            headers["x-amzn-bedrock-output-token-count"] = (answer.OutputTokens * prompt.Choices).ToString(CultureInfo.InvariantCulture);
        }
    }

    public static void AddErrorType(IHeaderDictionary headers, string type) => headers["x-amzn-errortype"] = type;
}
