using System.Text.Json;
using Microsoft.AspNetCore.Http;
using PolicyRouter.Simulator.Serving;

namespace PolicyRouter.Simulator.Vertex;

/// <summary>What Google's front end does for the models of every publisher: access tokens, and errors in Google's shape.</summary>
internal abstract class VertexFormat(ProviderProfile profile, string publisher) : WireFormat(profile)
{
    public override WireError InvalidJson { get; } = GoogleErrors.Invalid("Invalid JSON payload received.");

    public override (WireEndpoint Endpoint, WireError? Error) Route(HttpRequest request) =>
        HttpMethods.IsPost(request.Method) && VertexPath.Of(request, publisher) is { } path
            ? Route(request, path)
            : (WireEndpoint.None, GoogleErrors.NotFound);

    public override WireError? Authenticate(HttpRequest request)
    {
        if (Profile.Credential is not { } credential)
        {
            return null;
        }

        return Credentials.Bearer(request) is not { } given
            ? GoogleErrors.NoToken
            : Credentials.Match(given, credential) ? null : GoogleErrors.WrongToken;
    }

    public override WireError ErrorFor(int status) => GoogleErrors.For(status);

    public override void AddHeaders(IHeaderDictionary headers, string requestId, long elapsedMs) =>
        headers["x-vertex-ai-received-request-id"] = requestId;

    public override void WriteError(Utf8JsonWriter json, WireError error, string requestId) => GoogleErrors.Write(json, error);

    protected abstract (WireEndpoint Endpoint, WireError? Error) Route(HttpRequest request, VertexPath path);

    /// <summary>The method that the path of a request asks for; empty if it is none of this publisher's.</summary>
    protected string MethodOf(HttpRequest request) => VertexPath.Of(request, publisher)?.Method ?? "";
}
