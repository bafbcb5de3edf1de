using System.Globalization;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Reading;

/// <summary>Reads conditions: phrases of the closed list, each in a place where it may stand.</summary>
internal sealed class ConditionReader(Vocabulary words, string what, Effect effect, Place place)
{
    private static readonly string[] Phrases =
    [
        AgreementInForce.Name, DataIncludes.Name, DeploymentStatusIs.Name, EveryTransferIsCovered.Name, HostingIs.Name, PurposeIs.Name,
        RetentionAtMost.Name, SubjectsLiveIn.Name, TrainingIs.Name,
    ];

    /// <summary>Phrases of the language that this version does not evaluate.</summary>
    private static readonly string[] Later =
    [
        "approval held", "business unit is one of", "feature used is any of", "processing stays within", "provider reviews content is",
    ];

    /// <summary>Reads a list of one-phrase maps.</summary>
    public List<(Condition Condition, ScalarNode At)> ReadList(PolicyNode? node)
    {
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
        Condition? condition = entry.Key.Text switch
        {
            DataIncludes.Name => List(entry, words.Classes, "data class") is { } list ? new DataIncludes(list) : null,
            SubjectsLiveIn.Name => List(entry, words.Zones, "zone") is { } list ? new SubjectsLiveIn(list) : null,
            PurposeIs.Name => List(entry, words.Purposes, "purpose") is { } list ? new PurposeIs(list) : null,
            HostingIs.Name => List(entry, HostingIs.Known, "hosting") is { } list ? new HostingIs(list) : null,
            DeploymentStatusIs.Name => Word(entry, DeploymentStatusIs.Known, "deployment status") is { } word ? new DeploymentStatusIs(word) : null,
            TrainingIs.Name => Word(entry, TrainingIs.Known, "answer") is { } word ? new TrainingIs(word) : null,
            RetentionAtMost.Name => Days(entry) is { } days ? new RetentionAtMost(days) : null,
            AgreementInForce.Name => Word(entry, AgreementInForce.Known, "agreement type") is { } word ? new AgreementInForce(word) : null,
            EveryTransferIsCovered.Name => True(entry) ? new EveryTransferIsCovered() : null,
            _ => Unknown(entry.Key),
        };
        if (condition is not null && Places.Objection(condition, effect, place) is { } objection)
        {
            words.Log.Error(entry.Key, ProblemCodes.Misplaced, $"\"{condition.Phrase}\" may not stand in {what}", objection);
            return null;
        }

        return condition;
    }

    private Condition? Unknown(ScalarNode phrase)
    {
        if (phrase.Text == "processing includes unknown place")
        {
            words.Log.Error(phrase, ProblemCodes.Misplaced, $"\"{phrase.Text}\" may not stand in {what}", "it may stand in never-claims only");
        }
        else if (Later.Contains(phrase.Text))
        {
            words.Log.Error(phrase, ProblemCodes.NotSupportedYet, $"the phrase \"{phrase.Text}\" in {what} is not supported yet", "remove the condition");
        }
        else
        {
            words.Log.UnknownWord(phrase, ProblemCodes.UnknownWord, $"unknown phrase \"{phrase.Text}\" in {what}", Phrases);
        }

        return null;
    }

    private IReadOnlyList<string>? List(MapEntry entry, IReadOnlyList<string>? known, string kind)
    {
        if (entry.Value is ListNode { Items.Count: > 0 } list && list.Items.All(static item => item is ScalarNode { Text.Length: > 0 }))
        {
            return words.Check([.. list.Items.Cast<ScalarNode>()], known, kind, what);
        }

        words.Log.Error(entry.Value, ProblemCodes.Shape, $"\"{entry.Key.Text}\" in {what} takes a list of words", "[word, word]");
        return null;
    }

    private string? Word(MapEntry entry, IReadOnlyList<string> known, string kind)
    {
        if (entry.Value is not ScalarNode { Text.Length: > 0 } word)
        {
            words.Log.Error(entry.Value, ProblemCodes.Shape, $"\"{entry.Key.Text}\" in {what} takes one word");
            return null;
        }

        words.Check(word, known, kind, what);
        return word.Text;
    }

    private int? Days(MapEntry entry)
    {
        if (entry.Value is ScalarNode text && int.TryParse(text.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var days))
        {
            return days;
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
