namespace PolicyRouter.Gateway.Wire;

/// <summary>Where in a body the reader is, as far as the place changes what a value means.</summary>
internal enum PromptScope
{
    /// <summary>Anywhere else: every string is text.</summary>
    Other,

    /// <summary>In an object whose members the caller names: schemas, arguments and input of tools. Every string and every name is text.</summary>
    FreeForm,
    Root,
    Messages,
    Message,

    /// <summary>The array of content parts of a message.</summary>
    Content,
    Part,

    /// <summary>The object in a part that holds an image, audio or a file.</summary>
    Media,
    Metadata,
    StreamOptions,
    ResponseFormat,
    Modalities,

    /// <summary>The array of texts to embed.</summary>
    Input,

    /// <summary>The array of tool definitions.</summary>
    Tools,
    Tool,

    /// <summary>The array of calls in a message of the assistant.</summary>
    ToolCalls,
    ToolCall,

    /// <summary>What a provider wrote beside a call, for itself to read again.</summary>
    CallNote,
}

/// <summary>One object or array that the reader is inside of.</summary>
internal sealed class PromptFrame
{
    // A set that grew larger is thrown away: clearing it would cost its size again for every small object that follows.
    private const int LargestKept = 64;

    private HashSet<string> _exact = new(StringComparer.Ordinal);
    private HashSet<string> _folded = new(StringComparer.OrdinalIgnoreCase);

    public PromptScope Scope { get; private set; }
    public bool IsArray { get; private set; }

    /// <summary>The last property name in an object; in an array the nearest name around it.</summary>
    public string Key { get; set; } = "";

    /// <summary>The name that the object stands under, or the one around the array.</summary>
    public string Outer { get; private set; } = "";

    /// <summary>
    /// What a value here is called. A schema says <c>"ssn": {"default": ...}</c>: words that only say what part a value plays leave
    /// the name to the object around them.
    /// </summary>
    public string Label =>
        Outer.Length > 0 && Key is ("default" or "const" or "enum" or "example" or "examples" or "value" or "values") ? Outer : Key;

    /// <summary>Offset of the name token of the current property.</summary>
    public int NameStart { get; set; }

    /// <summary>The role seen in a message, the first kind seen in a part.</summary>
    public string? Kind { get; set; }

    /// <summary>Encoded bytes in a part that had not said its kind yet: index of their position, the members they stand under, and whether nobody can read them.</summary>
    public (int At, string Outer, string Key, bool IsUnreadable)? BytesBeforeKind { get; set; }

    public void Open(PromptScope scope, bool isArray, string key, string outer)
    {
        Outer = outer;
        Scope = scope;
        IsArray = isArray;
        Key = key;
        Kind = null;
        BytesBeforeKind = null;
        Reset(ref _exact, StringComparer.Ordinal);
        Reset(ref _folded, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>
    /// False when the name was there before. Where the API fixes the names, one that differs only in case counts as the same:
    /// readers that fold case would take the other one's value.
    /// </summary>
    public bool IsNew(string name) => Scope is PromptScope.Other or PromptScope.FreeForm ? _exact.Add(name) : _folded.Add(name);

    private static void Reset(ref HashSet<string> names, StringComparer comparer)
    {
        if (names.Count > LargestKept)
        {
            names = new HashSet<string>(comparer);
        }
        else if (names.Count > 0)
        {
            names.Clear();
        }
    }
}
