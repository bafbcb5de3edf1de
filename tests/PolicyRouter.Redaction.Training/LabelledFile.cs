using System.Text.Json;
using PolicyRouter.Redaction.Names;

namespace PolicyRouter.Redaction.Training;

/// <summary>
/// Sentences labelled by people, one JSON object a line: <c>{"text","spans":[{"start","end","type"}]}</c>, offsets in Unicode code points, the end exclusive, types
/// <c>PERSON</c>, <c>LOCATION</c> and <c>ORGANIZATION</c>.
/// </summary>
internal static class LabelledFile
{
    /// <exception cref="InvalidDataException">A line is not of this form.</exception>
    public static IEnumerable<Sentence> Read(string path)
    {
        foreach (string line in File.ReadLines(path))
        {
            using var json = JsonDocument.Parse(line);
            string text = json.RootElement.GetProperty("text").GetString()!;
            List<(int, int, NameTag)> spans = [];
            foreach (JsonElement span in json.RootElement.GetProperty("spans").EnumerateArray())
            {
                int start = CodeUnits(text, span.GetProperty("start").GetInt32());
                int end = CodeUnits(text, span.GetProperty("end").GetInt32());
                spans.Add((start, end - start, TagOf(span.GetProperty("type").GetString()!)));
            }

            yield return new Sentence(text, spans);
        }
    }

    private static NameTag TagOf(string type) => type switch
    {
        "PERSON" => NameTag.Person,
        "LOCATION" => NameTag.Place,
        "ORGANIZATION" => NameTag.Organisation,
        _ => throw new InvalidDataException($"'{type}' is no type of span."),
    };

    private static int CodeUnits(string text, int codePoints)
    {
        int at = 0;
        for (int i = 0; i < codePoints; i++)
        {
            at += char.IsHighSurrogate(text[at]) && at + 1 < text.Length ? 2 : 1;
        }

        return at;
    }
}
