using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using PolicyRouter.Policies.Reading;

namespace PolicyRouter.Gateway.Control;

/// <summary>What somebody who wants to know the impact of a draft sends.</summary>
/// <param name="Last">How many of the newest decisions to decide again.</param>
internal sealed record ImpactQuestion(PolicyDraft Draft, int Last)
{
    public const int MostDecisions = 5_000;
    public const string ZipType = "application/zip";

    private const int DefaultDecisions = 1_000;
    private const string Name = "draft";

    private const string Shape =
        "The body is {\"files\": {\"registry.yaml\": \"...\", \"rules/core.yaml\": \"...\"}, \"last\": 1000}, or a ZIP archive as application/zip with ?last=1000; `last` is 1 to 5000.";

    /// <exception cref="FormatException">It is something else. The message is for who sent it.</exception>
    public static ImpactQuestion Read(HttpRequest request, ReadOnlyMemory<byte> body)
    {
        if (request.ContentType?.StartsWith(ZipType, StringComparison.OrdinalIgnoreCase) is not true)
        {
            return ReadJson(body);
        }

        using MemoryStream archive = new(body.ToArray(), writable: false);
        return new ImpactQuestion(PolicyDraft.OfZip(Name, archive), LastOf(request.Query["last"].ToString()));
    }

    private static ImpactQuestion ReadJson(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 4 });
            var root = json.RootElement;
            if (root.EnumerateObject().Any(static member => member.Name is not ("files" or "last")))
            {
                throw new FormatException(Shape);
            }

            var files = root.GetProperty("files").EnumerateObject().Select(static file => KeyValuePair.Create(file.Name, Encoding.UTF8.GetBytes(file.Value.GetString() ?? "")));
            return new ImpactQuestion(PolicyDraft.Of(Name, files), LastOf(root.TryGetProperty("last", out var last) ? last.GetRawText() : ""));
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new FormatException(Shape);
        }
    }

    private static int LastOf(string text) => text.Length == 0 ? DefaultDecisions
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var last) && last is >= 1 and <= MostDecisions ? last : throw new FormatException(Shape);
}
