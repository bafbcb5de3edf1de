using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PolicyRouter.Benchmarks.Proxying;

/// <summary>Request bodies of a given size, plain or with identifiers.</summary>
internal static class Bodies
{
    private const string Prose =
        "The patient reports a mild cough and a sore throat since the weekend, sleeps well, eats normally and has no fever. ";

    private const string Identifiers = "MRN: MRN-48151623, SSN 123-45-6789, e-mail jane.roe@mail.example.com, phone (415) 555-0133. ";

    /// <param name="bytes">Size of the body, roughly.</param>
    public static byte[] Chat(string model, int bytes, bool stream, bool withIdentifiers)
    {
        StringBuilder text = new(withIdentifiers ? Identifiers : "");
        while (text.Length < bytes - 150)
        {
            text.Append(Prose);
        }

        return JsonSerializer.SerializeToUtf8Bytes(new JsonObject
        {
            ["model"] = model,
            ["stream"] = stream,
            ["max_tokens"] = 64,
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = text.ToString() }),
        });
    }
}
