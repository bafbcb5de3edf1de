using System.Text.Json;
using PolicyRouter.Simulator.Serving;

namespace PolicyRouter.Simulator.Vertex;

/// <summary>Google's errors: the type is the name of a canonical status.</summary>
internal static class GoogleErrors
{
    public static readonly WireError NoToken = new(
        401,
        "UNAUTHENTICATED",
        "Request is missing required authentication credential. Expected OAuth 2 access token.");

    public static readonly WireError WrongToken = new(
        401, "UNAUTHENTICATED", "Request had invalid authentication credentials. Expected OAuth 2 access token.");

    public static readonly WireError NotFound = new(404, "NOT_FOUND", "The requested URL was not found on this server.");

    public static readonly WireError NoModel =
        new(404, "NOT_FOUND", "Publisher Model was not found or your project does not have access to it.");

    public static WireError Invalid(string message) => new(400, "INVALID_ARGUMENT", message);

    /// <summary>The refusal of a member that the message does not have; the real one also repeats its name.</summary>
    public static WireError UnknownName(string? at = null) =>
        Invalid($"Invalid JSON payload received. Unknown name{(at is null ? "" : $" at '{at}'")}: Cannot find field.");

    public static WireError For(int status) => status switch
    {
        401 => WrongToken,
        403 => new WireError(status, "PERMISSION_DENIED", "Permission 'aiplatform.endpoints.predict' denied on resource."),
        404 => NoModel,
        429 => new WireError(status, "RESOURCE_EXHAUSTED", "Resource exhausted. Please try again later."),
        503 or 529 => new WireError(status, "UNAVAILABLE", "The service is currently unavailable."),
        504 => new WireError(status, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete."),
        < 500 => new WireError(status, "INVALID_ARGUMENT", "Request contains an invalid argument."),
        _ => new WireError(status, "INTERNAL", "Internal error encountered."),
    };

    /// <summary>Whether an error is Google's own and not one that a publisher's model gave: only Google's types are in capitals.</summary>
    public static bool IsGoogles(WireError error) => char.IsAsciiLetterUpper(error.Type[0]);

    public static void Write(Utf8JsonWriter json, WireError error)
    {
        json.WriteStartObject();
        json.WriteStartObject("error"u8);
        json.WriteNumber("code"u8, error.Status);
        json.WriteString("message"u8, error.Message);
        json.WriteString("status"u8, error.Type);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
