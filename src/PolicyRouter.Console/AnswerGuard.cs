using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace PolicyRouter.WebConsole;

/// <summary>The first middleware: the headers that every answer has, and a sentence without detail for a failure that nothing else caught.</summary>
internal sealed partial class AnswerGuard(RequestDelegate next, ILogger<AnswerGuard> logger)
{
    public async Task InvokeAsync(HttpContext http)
    {
        Protect(http.Response.Headers);
        try
        {
            await next(http);
        }
        catch (BadHttpRequestException unreadable) when (!http.Response.HasStarted)
        {
            await AnswerAsync(http, unreadable.StatusCode, "The request could not be read.");
        }
        catch (Exception failure) when (!http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested)
        {
            // The edge: whatever it is, the reader learns no detail, and neither does the server's own log, which would quote it.
            var id = Activity.Current?.TraceId.ToString() ?? http.TraceIdentifier;
            LogFailure(logger, id, failure.GetType().Name);
            await AnswerAsync(http, StatusCodes.Status500InternalServerError, $"This cannot be shown now. Try again in a moment; whoever runs this console finds the cause under {id}.");
        }
    }

    private static Task AnswerAsync(HttpContext http, int status, string text)
    {
        http.Response.Clear();
        Protect(http.Response.Headers);
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync(text);
    }

    private static void Protect(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
    }

    [LoggerMessage(6001, LogLevel.Error, "Request {RequestId} failed: {ExceptionType}")]
    private static partial void LogFailure(ILogger logger, string requestId, string exceptionType);
}
