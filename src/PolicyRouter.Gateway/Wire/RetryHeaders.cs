using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace PolicyRouter.Gateway.Wire;

/// <summary>
/// What an error says about trying again: <c>retry-after</c> in whole seconds (RFC 9110, section 10.2.3), rounded up, and the same exactly as <c>retry-after-ms</c>, which OpenAI's
/// and Anthropic's client libraries read first.
/// </summary>
internal static class RetryHeaders
{
    public static void Write(HttpResponse response, GatewayError error)
    {
        if (error.RetryAfter is not { } pause)
        {
            return;
        }

        var milliseconds = Math.Ceiling(Math.Max(0, pause.TotalMilliseconds));
        response.Headers.RetryAfter = ((long)Math.Ceiling(milliseconds / 1_000)).ToString(CultureInfo.InvariantCulture);
        response.Headers["retry-after-ms"] = ((long)milliseconds).ToString(CultureInfo.InvariantCulture);
    }
}
