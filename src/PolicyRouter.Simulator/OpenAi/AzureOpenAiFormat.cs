using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using PolicyRouter.Simulator.Answers;
using PolicyRouter.Simulator.Serving;

namespace PolicyRouter.Simulator.OpenAi;

/// <summary>
/// Azure OpenAI: the deployment stands in the path and needs a dated <c>api-version</c>, or, on the v1 path, in the body's <c>model</c>.
/// </summary>
internal sealed class AzureOpenAiFormat(ProviderProfile profile) : OpenAiFormat(profile)
{
    private const string ClassicPrefix = "/openai/deployments/";
    private const string V1Prefix = "/openai/v1/";

    private static readonly WireError NotFound = new(404, InvalidRequest, "Resource not found", "404");
    private static readonly WireError NoDeployment =
        new(404, InvalidRequest, "The API deployment for this resource does not exist.", "DeploymentNotFound");

    private static readonly WireError Denied =
        new(401, InvalidRequest, "Access denied due to invalid subscription key or wrong API endpoint.", "401");

    protected override bool HasContentFilter => true;

    public override (WireEndpoint Endpoint, WireError? Error) Route(HttpRequest request)
    {
        var path = request.Path.Value ?? "";
        if (path.StartsWith(ClassicPrefix, StringComparison.Ordinal))
        {
            var rest = path.AsSpan(ClassicPrefix.Length);
            var slash = rest.IndexOf('/');
            if (slash < 0 || !request.Query.ContainsKey("api-version"))
            {
                return (WireEndpoint.None, NotFound);
            }

            if (!rest[..slash].SequenceEqual(Profile.Model))
            {
                return (WireEndpoint.None, NoDeployment);
            }
        }
        else if (!path.StartsWith(V1Prefix, StringComparison.Ordinal))
        {
            return (WireEndpoint.None, NotFound);
        }

        var endpoint = EndpointOf(path);
        return endpoint is WireEndpoint.None ? (endpoint, NotFound) : (endpoint, CheckMethod(request, endpoint));
    }

    public override WireError? Authenticate(HttpRequest request)
    {
        if (Profile.Credential is not { } credential)
        {
            return null;
        }

        var given = request.Headers["api-key"] is [{ } key] ? key : Credentials.Bearer(request);
        return given is not null && Credentials.Match(given, credential) ? null : Denied;
    }

    public override WireError ErrorFor(int status) => status switch
    {
        401 => Denied,
        403 => new WireError(status, InvalidRequest, "Access denied due to Virtual Network/Firewall rules.", "403"),
        429 => new WireError(status, InvalidRequest, "Requests have exceeded the call rate limit of your current pricing tier.", "429"),
        _ => new WireError(status, "server_error", "The service is temporarily unable to process your request.", status.ToString(CultureInfo.InvariantCulture)),
    };

    public override void AddHeaders(IHeaderDictionary headers, string requestId, long elapsedMs)
    {
        headers["x-request-id"] = requestId;
        headers["apim-request-id"] = requestId;
        headers["x-ms-region"] = Profile.Region;
    }

    public override void AddRetryAfter(IHeaderDictionary headers, TimeSpan delay)
    {
        base.AddRetryAfter(headers, delay);
        headers["retry-after-ms"] = ((long)delay.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Azure's own service errors have a code and a message, and no type or parameter.</summary>
    public override void WriteError(Utf8JsonWriter json, WireError error, string requestId)
    {
        if (error.Code is null || error.Param is not null)
        {
            base.WriteError(json, error, requestId);
            return;
        }

        json.WriteStartObject();
        json.WriteStartObject("error"u8);
        json.WriteString("code"u8, error.Code);
        json.WriteString("message"u8, error.Message);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>The path has named the deployment already: a model in the body may be missing, but not another one.</summary>
    protected override WireError? CheckModel(JsonElement body) =>
        body.Text("model"u8) is { } model && model != Profile.Model ? NoDeployment : null;
}
