using System.Buffers;
using System.CommandLine;
using System.Text;
using System.Text.Json;
using PolicyRouter.Redaction;
using PolicyRouter.Redaction.Replacement;

namespace PolicyRouter.Cli;

/// <summary>
/// <c>policyrouter redact</c>: JSON Lines <c>{"id","text"}</c> on standard input, <c>{"id","redacted","spans"}</c> on standard
/// output. Each line is a request of its own, with its own placeholders.
/// </summary>
internal static class RedactCommand
{
    private const string DefaultProfile = "hipaa-safe-harbor-18";

    public static Command Create()
    {
        Option<string> profile = new("--profile")
        {
            Description = $"What to remove: {string.Join(", ", RedactionProfile.Names.Order(StringComparer.Ordinal))}.",
            DefaultValueFactory = static _ => DefaultProfile,
        };
        Command command = new("redact", "Finds and replaces sensitive values in JSON Lines of {\"id\",\"text\"}.") { profile };
        command.SetAction((parsed, cancellationToken) =>
        {
            string name = parsed.GetValue(profile) ?? DefaultProfile;
            if (!RedactionProfile.TryGet(name, out RedactionProfile? found))
            {
                parsed.InvocationConfiguration.Error.WriteLine(
                    $"There is no redaction profile `{name}`. Profiles: {string.Join(", ", RedactionProfile.Names.Order(StringComparer.Ordinal))}.");
                return Task.FromResult(2);
            }

            InvocationConfiguration terminal = parsed.InvocationConfiguration;
            return RunAsync(Console.OpenStandardInput(), terminal.Output, terminal.Error, found, cancellationToken);
        });
        return command;
    }

    /// <summary>Redacts line by line; returns 3 at the first line that cannot be read. Errors name the line, never its content.</summary>
    internal static async Task<int> RunAsync(
        Stream input, TextWriter output, TextWriter error, RedactionProfile profile, CancellationToken cancellationToken)
    {
        using StreamReader reader = new(input, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
        SensitiveTextScanner scanner = new();
        for (int number = 1; ; number++)
        {
            string? line;
            string? result;
            try
            {
                line = await reader.ReadLineAsync(cancellationToken);
                result = string.IsNullOrWhiteSpace(line) ? string.Empty : Redacted(line, scanner, profile);
            }
            catch (DecoderFallbackException)
            {
                await error.WriteLineAsync($"Line {number} or one near it is not UTF-8.");
                return 3;
            }

            if (line is null)
            {
                await output.FlushAsync(cancellationToken);
                return 0;
            }

            if (result is null)
            {
                await error.WriteLineAsync($"Line {number} is not a JSON object with an \"id\" and a string \"text\".");
                return 3;
            }

            if (result.Length > 0)
            {
                await output.WriteLineAsync(result);
            }
        }
    }

    // Null when the line is not what it should be.
    private static string? Redacted(string line, SensitiveTextScanner scanner, RedactionProfile profile)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("id", out JsonElement id)
                || !document.RootElement.TryGetProperty("text", out JsonElement textElement)
                || textElement.ValueKind != JsonValueKind.String)
            {
                return null;
            }

            return Written(id, textElement.GetString() ?? string.Empty, scanner, profile);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // GetString throws InvalidOperationException for an escape that is half a surrogate pair.
            return null;
        }
    }

    private static string Written(JsonElement id, string text, SensitiveTextScanner scanner, RedactionProfile profile)
    {
        List<Finding> findings = [];
        scanner.Scan(text, default, findings);
        using PlaceholderTable table = new();
        int replaced = 0;
        string redacted = table.Replace(text, findings, [profile], ref replaced) ?? text;

        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            writer.WritePropertyName("id");
            id.WriteTo(writer);
            writer.WriteString("redacted", redacted);
            writer.WriteStartArray("spans");
            int units = 0;
            int codePoints = 0;
            foreach (Finding finding in findings.Where(f => profile.Covers(f.Type)))
            {
                codePoints += CodePoints(text.AsSpan(units..finding.Start));
                int length = CodePoints(text.AsSpan(finding.Start, finding.Length));
                writer.WriteStartObject();
                writer.WriteNumber("start", codePoints);
                writer.WriteNumber("end", codePoints + length);
                writer.WriteString("type", finding.Type.ToString());
                writer.WriteNumber("score", ScoreOf(finding.Confidence));
                writer.WriteEndObject();
                units = finding.End;
                codePoints += length;
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static int CodePoints(ReadOnlySpan<char> text)
    {
        int count = 0;
        foreach (Rune _ in text.EnumerateRunes())
        {
            count++;
        }

        return count;
    }

    private static double ScoreOf(Confidence confidence) =>
        confidence switch
        {
            Confidence.High => 0.95,
            Confidence.Medium => 0.75,
            _ => 0.5,
        };
}
