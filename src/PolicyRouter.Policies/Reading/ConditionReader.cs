using System.Globalization;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Reading;

/// <summary>Reads conditions: phrases of the closed list, each in a place where it may stand.</summary>
internal sealed class ConditionReader(Vocabulary words, string what, Effect effect, Place place)
{
    /// <summary>Reads a list of one-phrase maps.</summary>
    public List<(Condition Condition, ScalarNode At)> ReadList(PolicyNode? node)
    {
        using var effectOfErrors = words.Log.IfShipped(WithoutTheLine);
        List<(Condition, ScalarNode)> conditions = [];
        if (node is not ListNode list)
        {
            if (node is not null)
            {
                words.Log.Error(node, ProblemCodes.Shape, $"the conditions in {what} must be a list", "- phrase: value");
            }

            return conditions;
        }

        if (list.Items.Count == 0)
        {
            words.Log.Error(list, ProblemCodes.Shape, $"the list of conditions in {what} is empty", "leave the key out");
        }

        foreach (var item in list.Items)
        {
            if (item is not MapNode { Entries: [var entry] })
            {
                words.Log.Error(item, ProblemCodes.Shape, $"each condition in {what} must be one phrase and its value", "- phrase: value");
            }
            else if (Read(entry) is { } condition)
            {
                conditions.Add((condition, entry.Key));
            }
        }

        return conditions;
    }

    /// <summary>Null when it is none, which has then been reported.</summary>
    public Condition? Read(MapEntry entry)
    {
        if (Phrases.Named(entry.Key.Text) is not { } phrase)
        {
            words.Log.UnknownWord(
                entry.Key, ProblemCodes.UnknownWord, $"unknown phrase \"{entry.Key.Text}\" in {what}", Phrases.All.Select(static known => known.Name));
            return null;
        }

        var condition = Words(entry, phrase) is { } values ? phrase.Make(values) : null;
        if (condition is not null && Places.Objection(condition, effect, place) is { } objection)
        {
            words.Log.Error(entry.Key, ProblemCodes.Misplaced, $"\"{phrase.Name}\" may not stand in {what}", objection);
            return null;
        }

        return condition;
    }

    /// <summary>A line that nobody understands never holds.</summary>
    private string WithoutTheLine() => (place, effect) switch
    {
        (Place.NeverWhen or Place.NeverUnless, _) => "the claim would be about something else than it says",
        (Place.OnlyIf, _) => "the paper would hold for nothing, and what needs it would be denied",
        (Place.Prefer, _) => "nothing would be preferred",
        (Place.Unless, Effect.Permit) => "the exception could never hold, so more would be permitted than the rule says",
        (Place.Unless, Effect.Forbid) => "the exception could never hold, so more would be forbidden than the rule says",
        (Place.Unless, _) => "the exception could never hold, so the rule would apply more often than it says",
        (_, Effect.Permit) => "the condition could never hold, so the rule would permit nothing",
        (_, Effect.Forbid) => "the condition could never hold, so the rule would forbid nothing",
        _ => "the condition could never hold, so the rule would never apply",
    };

    private IReadOnlyList<string>? Words(MapEntry entry, Phrase phrase) => phrase.Value switch
    {
        PhraseValue.Words => List(entry, phrase),
        PhraseValue.Word => Word(entry, phrase) is { } word ? [word] : null,
        PhraseValue.Days => Days(entry) is { } days ? [days] : null,
        _ => True(entry) ? ["true"] : null,
    };

    private IReadOnlyList<string>? List(MapEntry entry, Phrase phrase)
    {
        if (entry.Value is ListNode { Items.Count: > 0 } list && list.Items.All(static item => item is ScalarNode { Text.Length: > 0 }))
        {
            return words.Check([.. list.Items.Cast<ScalarNode>()], words.Known(phrase), phrase.Noun, what);
        }

        words.Log.Error(entry.Value, ProblemCodes.Shape, $"\"{phrase.Name}\" in {what} takes a list of words", "[word, word]");
        return null;
    }

    private string? Word(MapEntry entry, Phrase phrase)
    {
        if (entry.Value is not ScalarNode { Text.Length: > 0 } word)
        {
            words.Log.Error(entry.Value, ProblemCodes.Shape, $"\"{phrase.Name}\" in {what} takes one word");
            return null;
        }

        words.Check(word, words.Known(phrase), phrase.Noun, what);
        return phrase.Source is not WordSource.Roles || words.CheckName(word, phrase.Noun) ? word.Text : null;
    }

    private string? Days(MapEntry entry)
    {
        if (entry.Value is ScalarNode text && int.TryParse(text.Text, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            return text.Text;
        }

        words.Log.Error(entry.Value, ProblemCodes.Shape, $"\"{entry.Key.Text}\" in {what} takes a number of days");
        return null;
    }

    private bool True(MapEntry entry)
    {
        if (entry.Value is ScalarNode { Text: "true" })
        {
            return true;
        }

        words.Log.Error(entry.Value, ProblemCodes.Shape, $"\"{entry.Key.Text}\" in {what} takes the word true; the language has no \"not\"", "true");
        return false;
    }
}
