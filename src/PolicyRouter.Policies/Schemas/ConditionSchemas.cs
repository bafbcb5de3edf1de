using System.Text.Json.Nodes;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Schemas;

/// <summary>The phrases that may stand in one place, from the classes that read and evaluate them.</summary>
internal static class ConditionSchemas
{
    /// <summary>A list of conditions, each a map of one phrase.</summary>
    public static JsonObject List(string description, Place place, params Effect[] effects) =>
        SchemaParts.List(description, One("One condition: a phrase and its value.", place, effects));

    /// <summary>One phrase and its value.</summary>
    public static JsonObject One(string description, Place place, params Effect[] effects)
    {
        var map = Any(description, place, effects);
        (map["minProperties"], map["maxProperties"]) = (1, 1);
        return map;
    }

    /// <summary>Any number of phrases, each once.</summary>
    public static JsonObject Any(string description, Place place, params Effect[] effects)
    {
        JsonObject phrases = [];
        foreach (var phrase in Phrases.All.Where(phrase => effects.Any(effect => MayStand(phrase, effect, place))))
        {
            phrases[phrase.Name] = Of(phrase);
        }

        return new() { ["description"] = description, ["type"] = "object", ["properties"] = phrases, ["additionalProperties"] = false };
    }

    private static bool MayStand(Phrase phrase, Effect effect, Place place) => Places.Objection(phrase.Make([Sample(phrase)]), effect, place) is null;

    private static string Sample(Phrase phrase) => phrase.Value switch
    {
        PhraseValue.Days => "0",
        PhraseValue.True => "true",
        _ => phrase.Known.Count > 0 ? phrase.Known[0] : "word",
    };

    private static JsonObject Of(Phrase phrase) => phrase.Value switch
    {
        PhraseValue.Words => SchemaParts.List(phrase.Description, Word(phrase)),
        PhraseValue.Word => Described(Word(phrase), phrase.Description),
        PhraseValue.Days => SchemaParts.Integer(phrase.Description, 0, int.MaxValue),
        _ => new() { ["description"] = phrase.Description, ["const"] = true },
    };

    private static JsonObject Word(Phrase phrase) =>
        phrase.Known.Count > 0 ? SchemaParts.OneOf($"A {phrase.Noun}.", phrase.Known) : SchemaParts.Text($"A {phrase.Noun}.");

    private static JsonObject Described(JsonObject schema, string description)
    {
        schema["description"] = description;
        return schema;
    }
}
