namespace PolicyRouter.Gateway.Secrets;

/// <summary>A secret cannot be had. The message names the reference, never a value.</summary>
public sealed class SecretUnavailableException : Exception
{
    public SecretUnavailableException(string message) : base(message)
    {
    }

    public SecretUnavailableException(string message, Exception inner) : base(message, inner)
    {
    }
}
