using Microsoft.AspNetCore.Http;
using PolicyRouter.Simulator.Serving;

namespace PolicyRouter.Simulator.Bedrock;

/// <summary>Bedrock's exceptions, by status and, in lower case, inside an event stream.</summary>
internal static class BedrockErrors
{
    private const string Validation = "ValidationException";

    public static readonly WireError NoKey = new(403, "AccessDeniedException", "Authentication failed: no API key was given.");

    public static readonly WireError WrongKey =
        new(403, "AccessDeniedException", "Authentication failed: Please make sure your API Key is valid.");

    public static readonly WireError NoOperation = new(404, "UnknownOperationException", "No operation has this path and method.");

    public static readonly WireError NoModel = new(404, "ResourceNotFoundException", "The model id does not exist in this region.");

    public static WireError Invalid(string message) => new(400, Validation, message);

    public static WireError For(int status) => status switch
    {
        403 => WrongKey,
        404 => NoModel,
        408 => new WireError(status, "ModelTimeoutException", "The model took too long to answer."),
        424 => new WireError(status, "ModelErrorException", "The model failed to process the request."),
        429 => new WireError(status, "ThrottlingException", "Too many requests, please wait before trying again."),
        503 or 529 => new WireError(status, "ServiceUnavailableException", "Bedrock is unable to process your request."),
        < 500 => new WireError(status, Validation, "The request was refused."),
        _ => new WireError(status, "InternalServerException", "The system encountered an unexpected error during processing."),
    };

    /// <summary>The same, under the name of the event stream's member for it.</summary>
    public static WireError InStream(int status)
    {
        var error = For(status);
        return error with
        {
            Type = status switch
            {
                408 => "modelTimeoutException",
                424 => "modelStreamErrorException",
                429 => "throttlingException",
                503 or 529 => "serviceUnavailableException",
                < 500 => "validationException",
                _ => "internalServerException",
            },
        };
    }

    /// <summary>Null if the bearer token is the API key.</summary>
    public static WireError? Authenticate(HttpRequest request, string? credential)
    {
        if (credential is null)
        {
            return null;
        }

        return Credentials.Bearer(request) is not { } given ? NoKey : Credentials.Match(given, credential) ? null : WrongKey;
    }
}
