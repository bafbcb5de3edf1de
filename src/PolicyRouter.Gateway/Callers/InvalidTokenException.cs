namespace PolicyRouter.Gateway.Callers;

/// <summary>A token was refused. The messages are fixed texts: nothing of a token ever reaches a log or an answer.</summary>
internal sealed class InvalidTokenException(string message) : Exception(message);

/// <summary>No signing key was ever fetched (or the last ones are too old): nobody can say whether a token is good.</summary>
internal sealed class IssuerUnavailableException() : Exception("The signing keys of the token issuer are not known.");
