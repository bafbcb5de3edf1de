using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace PolicyRouter.Gateway.Hosting;

/// <summary>The response headers of every data-plane answer, refusals included.</summary>
internal sealed record DataPlaneHeaders
{
    private static readonly object RequestIdKey = new();

    public string? PolicyVersion { get; init; }

    /// <summary>Final classes; null, written as <c>unclassified</c>, when the request was refused before they were known.</summary>
    public IReadOnlyList<string>? DataClasses { get; init; }

    /// <summary>The deployment that answered; null when none did.</summary>
    public string? Deployment { get; init; }
    public int Attempts { get; init; }
    public int Redactions { get; init; }

    /// <summary>Time not spent waiting for providers.</summary>
    public TimeSpan Overhead { get; init; }

    /// <summary>The id of a request, given when it arrives (UUIDv7): its decision id and its <c>x-request-id</c>.</summary>
    public static Guid RequestIdOf(HttpContext http)
    {
        if (http.Items.TryGetValue(RequestIdKey, out var known) && known is Guid id)
        {
            return id;
        }

        id = Guid.CreateVersion7(http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow());
        http.Items[RequestIdKey] = id;
        return id;
    }

    public static void Write(HttpResponse response, DataPlaneHeaders values)
    {
        var headers = response.Headers;
        var id = RequestIdOf(response.HttpContext).ToString();
        headers["x-request-id"] = id;
        if (IsAnthropic(response.HttpContext.Request))
        {
            // Its client libraries read this name, also of errors.
            headers["request-id"] = id;
        }

        headers["X-Decision-Id"] = id;
        headers["X-Attempts"] = values.Attempts.ToString(CultureInfo.InvariantCulture);
        headers["X-Redactions"] = values.Redactions.ToString(CultureInfo.InvariantCulture);
        headers["X-Gateway-Overhead-Ms"] = values.Overhead.TotalMilliseconds.ToString("0.###", CultureInfo.InvariantCulture);
        Set(headers, "X-Policy-Version", values.PolicyVersion);
        Set(headers, "X-Data-Class", values.DataClasses is { } classes ? string.Join(", ", classes) : "unclassified");
        Set(headers, "X-Deployment", values.Deployment);
    }

    private static bool IsAnthropic(HttpRequest request) => request.Path.StartsWithSegments("/v1/messages", StringComparison.Ordinal) || request.Headers.ContainsKey("anthropic-version");

    private static void Set(IHeaderDictionary headers, string name, string? value)
    {
        if (value is { Length: > 0 })
        {
            headers[name] = value;
        }
    }
}
