namespace PolicyRouter.Redaction.Replacement;

/// <summary>Where restored text will stand.</summary>
public enum RestoreContext
{
    /// <summary>Plain text: the value as it was.</summary>
    Text,

    /// <summary>Inside JSON that is itself carried in a string (tool-call arguments): the value escaped as JSON string content.</summary>
    JsonString,
}
