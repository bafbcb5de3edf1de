namespace PolicyRouter.Redaction.Names;

/// <summary>The lists a word stands in.</summary>
[Flags]
internal enum WordLists : ushort
{
    None = 0,

    /// <summary>Given names of the United States census of 1990.</summary>
    Given = 1,

    /// <summary>Its frequent family names.</summary>
    Family = 2,

    /// <summary>Given names of other languages.</summary>
    OtherGiven = 4,

    /// <summary>Family names of other languages.</summary>
    OtherFamily = 8,

    /// <summary>Frequent English words.</summary>
    Word = 16,

    /// <summary>Function words of seven other languages.</summary>
    OtherWord = 32,

    /// <summary>The first or a later word in the name of a town of 15,000 people or more.</summary>
    Town = 64,

    /// <summary>Capitalised words that name nobody: languages, medicines, products, eponyms.</summary>
    Term = 128,

    /// <summary>Diagnoses, medicines, procedures and tests.</summary>
    Clinical = 256,
}
