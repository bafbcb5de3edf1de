using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Policies.Reading;

/// <summary>Reads <c>redaction.yaml</c>: what is removed from a prompt beyond what every build finds, and how.</summary>
internal static class RedactionReader
{
    private const int MostTexts = 1_000;
    private const int ShortestText = 3;
    private const int LongestText = 200;

    /// <summary>Also makes the names of the profiles known, which needs the file to be readable; without one there are those of the host.</summary>
    public static PolicyModel Read(PolicyNode? root, bool isThere, PolicyModel model, Vocabulary words)
    {
        if (MapReader.Of(root, "redaction.yaml", words.Log) is not { } file)
        {
            words.RedactionProfiles = isThere ? null : [.. words.Options.RedactionProfiles];
            return model;
        }

        using var effectOfErrors = words.Log.IfShipped("what this file adds would not be redacted");
        file.OneOf("format", ["policyrouter/redaction/v1"]);
        List<(ScalarNode Id, OwnProfile? Profile)> profiles = [.. file.List("profiles", required: false).Select(node => ReadProfile(node, words)).OfType<(ScalarNode, OwnProfile?)>()];
        words.CheckUnique(profiles.Select(static profile => profile.Id), "redaction profile");
        words.RedactionProfiles = [.. words.Options.RedactionProfiles.Union(profiles.Select(static profile => profile.Id.Text))];
        List<(ScalarNode Text, ListedText Listed)> always = [.. file.List("always redact", required: false).Select(node => ReadText(node, words)).OfType<(ScalarNode, ListedText)>()];
        var never = file.Words("never redact", required: false);
        foreach (var text in never)
        {
            CheckText(text, words);
            if (always.Exists(entry => entry.Listed.Text.Equals(text.Text, StringComparison.OrdinalIgnoreCase)))
            {
                words.Log.Error(text, ProblemCodes.Contradiction, $"\"{text.Text}\" is always redacted and never redacted");
            }
        }

        words.CheckUnique(always.Select(static entry => entry.Text), "text");
        words.CheckCount(file.Node, always.Count + never.Count, MostTexts, "texts in redaction.yaml");
        file.Close();
        return model with
        {
            Redaction = new([.. profiles.Select(static profile => profile.Profile).OfType<OwnProfile>()], [.. always.Select(static entry => entry.Listed)], [.. never.Select(static text => text.Text)]),
        };
    }

    private static (ScalarNode Id, OwnProfile? Profile)? ReadProfile(PolicyNode node, Vocabulary words)
    {
        if (MapReader.Of(node, "redaction profile", words.Log) is not { } entry)
        {
            return null;
        }

        var id = entry.Text("id");
        entry.What = $"redaction profile {id?.Text}";
        var basis = entry.OneOf("based on", words.Options.RedactionProfiles);
        var least = entry.OneOf("confidence at least", RedactionWords.Confidences, required: false);
        Dictionary<string, string> replace = new(StringComparer.Ordinal);
        foreach (var line in entry.List("replace", required: false))
        {
            ReadReplacement(line, entry.What, replace, words);
        }

        entry.Close();
        if (id is null || !words.CheckName(id, "redaction profile"))
        {
            return null;
        }

        if (words.Options.RedactionProfiles.Contains(id.Text))
        {
            words.Log.Error(id, ProblemCodes.DuplicateId, $"{id.Text} is a profile that every gateway has; a changed one needs a name of its own");
        }

        return (id, basis is null ? null : new(id.Text, basis.Text, least?.Text ?? RedactionWords.Confidences[0], replace));
    }

    private static void ReadReplacement(PolicyNode node, string what, Dictionary<string, string> replace, Vocabulary words)
    {
        if (MapReader.Of(node, $"\"replace\" of {what}", words.Log) is not { } line)
        {
            return;
        }

        var kinds = line.Words("kinds", single: true);
        words.Check(kinds, RedactionWords.Kinds, "kind of value", what);
        var method = line.OneOf("by", RedactionWords.Methods);
        line.Close();
        foreach (var kind in kinds.Where(_ => method is not null))
        {
            if (!replace.TryAdd(kind.Text, method!.Text))
            {
                words.Log.Error(kind, ProblemCodes.DuplicateId, $"{what} says twice what stands for {kind.Text}");
            }
        }
    }

    private static (ScalarNode Text, ListedText Listed)? ReadText(PolicyNode node, Vocabulary words)
    {
        if (MapReader.Of(node, "\"always redact\"", words.Log) is not { } entry)
        {
            return null;
        }

        var text = entry.Text("text");
        var kind = entry.OneOf("as", RedactionWords.Kinds);
        entry.Close();
        return text is null || kind is null || !CheckText(text, words) ? null : (text, new(text.Text, kind.Text));
    }

    /// <summary>One or two characters stand everywhere.</summary>
    private static bool CheckText(ScalarNode text, Vocabulary words)
    {
        if (text.Text.Trim().Length is >= ShortestText and <= LongestText)
        {
            return true;
        }

        words.Log.Error(text, ProblemCodes.Shape, $"a text of redaction.yaml has {ShortestText} to {LongestText} characters");
        return false;
    }
}
