namespace PolicyRouter.Policies.Proving;

/// <summary>A dimension has more values than can be enumerated in reasonable time. Nothing has been proved then, and nothing disproved.</summary>
public sealed class TooLargeException : Exception
{
    public TooLargeException(string dimension, long size, long most)
        : base($"{dimension}: {size} distinct values, {most} at most")
    {
    }

    public TooLargeException(string message)
        : base(message)
    {
    }

    public TooLargeException()
    {
    }

    public TooLargeException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
