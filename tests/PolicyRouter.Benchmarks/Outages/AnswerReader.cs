using System.Text.Json;

namespace PolicyRouter.Benchmarks.Outages;

/// <summary>Reads an answer of status 200 to its end, whole or streamed, as OpenAI's wire has them.</summary>
internal static class AnswerReader
{
    private const string Data = "data: ";

    /// <returns><see cref="AnswerEnd.Unanswered"/> when it broke off before its first word.</returns>
    public static async Task<AnswerEnd> ReadAsync(HttpResponseMessage response, ReplayedRequest request)
    {
        var words = "";
        var isComplete = false;
        try
        {
            await using var content = await response.Content.ReadAsStreamAsync();
            using StreamReader reader = new(content);
            if (!request.IsStreaming)
            {
                words = Words(await reader.ReadToEndAsync(), "message");
                isComplete = words.Length > 0;
            }

            while (!isComplete && await reader.ReadLineAsync() is { } line)
            {
                isComplete = line == $"{Data}[DONE]";
                words += !isComplete && line.StartsWith(Data, StringComparison.Ordinal) ? Words(line[Data.Length..], "delta") : "";
            }
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException or JsonException)
        {
            return words.Length > 0 ? AnswerEnd.Broken : AnswerEnd.Unanswered;
        }

        return !isComplete ? words.Length > 0 ? AnswerEnd.Broken : AnswerEnd.Unanswered
            : words.Contains(request.Marker, StringComparison.Ordinal) ? AnswerEnd.Answered : AnswerEnd.WrongWords;
    }

    private static string Words(string json, string holder)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.TryGetProperty("choices", out var choices) && choices.GetArrayLength() > 0
            && choices[0].TryGetProperty(holder, out var held) && held.TryGetProperty("content", out var content)
            ? content.GetString() ?? ""
            : "";
    }
}
