namespace PolicyRouter.Audit.Reading.Searching;

/// <summary>A search that cannot be read. The message says what is wrong and what was probably meant; it is fit for the person who wrote it.</summary>
public sealed class SearchException(string message) : FormatException(message);
