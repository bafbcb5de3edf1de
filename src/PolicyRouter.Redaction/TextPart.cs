namespace PolicyRouter.Redaction;

/// <summary>One of the texts that a reader sees as one, with what was found in it.</summary>
public readonly record struct TextPart(string Text, List<Finding> Findings);
