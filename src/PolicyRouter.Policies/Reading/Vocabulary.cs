using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Reading;

/// <summary>
/// The names other files may refer to. A list is null while the file that defines it could not be read: then references to it are
/// not checked, so that one broken file does not bury its own problem under a hundred others.
/// </summary>
internal sealed class Vocabulary(ProblemLog log, PolicyLoadOptions options)
{
    public ProblemLog Log => log;
    public PolicyLoadOptions Options => options;
    public IReadOnlyList<string>? Classes { get; set; }
    public IReadOnlyList<string>? Zones { get; set; }
    public IReadOnlyList<string>? Purposes { get; set; }
    public IReadOnlyList<string>? Features { get; set; }
    public IReadOnlyList<string>? BusinessUnits { get; set; }

    /// <summary>Roles that somebody in <c>people</c> holds. Any name may be a role; one that nobody holds can never approve.</summary>
    public IReadOnlyList<string>? Roles { get; set; }

    /// <summary>Those of the host and of <c>redaction.yaml</c>.</summary>
    public IReadOnlyList<string>? RedactionProfiles { get; set; }
    public IReadOnlyList<string>? Deployments { get; set; }
    public IReadOnlyList<string>? Providers { get; set; }
    public IReadOnlyList<string>? Services { get; set; }
    public IReadOnlyList<string>? Models { get; set; }

    /// <summary>The words a phrase takes; null while they are not known, and for roles, which are not a closed list.</summary>
    public IReadOnlyList<string>? Known(Phrase phrase) => phrase.Source switch
    {
        WordSource.Fixed => phrase.Known,
        WordSource.Classes => Classes,
        WordSource.Zones => Zones,
        WordSource.Purposes => Purposes,
        WordSource.Features => Features,
        WordSource.BusinessUnits => BusinessUnits,
        _ => null,
    };

    /// <summary>Reports each word that is not on the list, and returns them all as text.</summary>
    public IReadOnlyList<string> Check(IReadOnlyList<ScalarNode> words, IReadOnlyList<string>? known, string kind, string what)
    {
        foreach (var word in words)
        {
            Check(word, known, kind, what);
        }

        return [.. words.Select(static word => word.Text)];
    }

    public void Check(ScalarNode word, IReadOnlyList<string>? known, string kind, string what)
    {
        if (known is not null && !known.Contains(word.Text))
        {
            log.UnknownWord(word, ProblemCodes.UnknownWord, $"unknown {kind} \"{word.Text}\" in {what}", known);
        }
    }

    /// <summary>An id is letters, digits, dots, dashes and underscores, and none of the words the language uses itself.</summary>
    public bool CheckName(ScalarNode id, string kind)
    {
        if (id.Text.Length <= 64 && char.IsAsciiLetterOrDigit(id.Text[0])
            && id.Text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
            && id.Text is not ("auto" or "any" or "unknown"))
        {
            return true;
        }

        log.Error(
            id, ProblemCodes.Name, $"\"{id.Text}\" cannot be the name of a {kind}",
            "up to 64 letters, digits, dots, dashes and underscores; not auto, any or unknown");
        return false;
    }

    /// <summary>Reports ids that stand twice; letter case does not make two ids different to a reader.</summary>
    public void CheckUnique(IEnumerable<ScalarNode> ids, string kind)
    {
        Dictionary<string, ScalarNode> seen = new(StringComparer.OrdinalIgnoreCase);
        foreach (var id in ids)
        {
            if (!seen.TryAdd(id.Text, id))
            {
                var first = seen[id.Text];
                log.Error(id, ProblemCodes.DuplicateId, $"the {kind} id \"{id.Text}\" is already used at {first.File.Name}:{first.Line}");
            }
        }
    }

    public void CheckCount(PolicyNode at, int count, int most, string kind)
    {
        if (count > most)
        {
            log.Error(at, ProblemCodes.Limit, $"{count} {kind}; a policy can have {most} at most");
        }
    }
}
