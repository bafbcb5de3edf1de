using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using PolicyRouter.WebConsole.Gateways;
using PolicyRouter.WebConsole.Reading;

namespace PolicyRouter.WebConsole.Integrity;

/// <summary><c>POST /integrity/verify</c>: recomputes the whole log, recorded as a read of it.</summary>
internal static class VerifyEndpoint
{
    // The form has no field of its own; asking for one has its antiforgery field checked.
    public static async Task<IResult> HandleAsync([FromForm] string? nothing, HttpContext http, ReaderHistory history, LogVerification verification)
    {
        try
        {
            await history.RecordVerificationAsync(http.RequestAborted);
        }
        catch (GatewayRefusedException)
        {
            return Results.LocalRedirect("/integrity?verification=refused");
        }

        verification.Start(history.Reader.Name);
        return Results.LocalRedirect("/integrity#verification");
    }
}
