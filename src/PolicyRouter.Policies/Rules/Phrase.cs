namespace PolicyRouter.Policies.Rules;

/// <summary>What stands after the colon of a phrase.</summary>
internal enum PhraseValue
{
    /// <summary>A list of words.</summary>
    Words,

    /// <summary>One word.</summary>
    Word,

    /// <summary>A whole number of days.</summary>
    Days,

    /// <summary>The word <c>true</c>: the language has no "not".</summary>
    True,
}

/// <summary>Which words a phrase takes: a fixed list of the language, or one that the policy's own files define.</summary>
internal enum WordSource
{
    Fixed,
    Classes,
    Zones,
    Purposes,
    Features,
    BusinessUnits,
    Roles,
}

/// <summary>
/// One phrase of the closed list. Each condition class declares its own beside its evaluation, and reading, the schemas for editors and the
/// printed document all follow from it.
/// </summary>
internal sealed record Phrase
{
    /// <summary>As legal staff write it, before the colon.</summary>
    public required string Name { get; init; }
    public required PhraseValue Value { get; init; }

    /// <summary>What one word is called in messages: <c>data class</c>.</summary>
    public string Noun { get; init; } = "word";
    public WordSource Source { get; init; } = WordSource.Fixed;

    /// <summary>The words of a <see cref="WordSource.Fixed"/> list.</summary>
    public IReadOnlyList<string> Known { get; init; } = [];

    /// <summary>One or two sentences for the person who edits the file.</summary>
    public required string Description { get; init; }

    /// <summary>Makes the condition from its words; a number of days and <c>true</c> come as the one word they are.</summary>
    public required Func<IReadOnlyList<string>, Condition> Make { get; init; }
}

/// <summary>The closed list. A further phrase is a change of this program with its tests, not of a policy.</summary>
internal static class Phrases
{
    /// <summary>In ordinal order of the names.</summary>
    public static IReadOnlyList<Phrase> All { get; } =
    [
        AgreementInForce.Definition, ApprovalHeld.Definition, BusinessUnitIs.Definition, DataIncludes.Definition, DeploymentStatusIs.Definition,
        EveryTransferIsCovered.Definition, FeatureUsed.Definition, HostingIs.Definition, ProcessingIncludesUnknownPlace.Definition,
        ProcessingStaysWithin.Definition, ProviderReviewsContent.Definition, PurposeIs.Definition, RetentionAtMost.Definition,
        SubjectsLiveIn.Definition, TrainingIs.Definition,
    ];

    public static Phrase? Named(string name) => All.FirstOrDefault(phrase => phrase.Name == name);
}
