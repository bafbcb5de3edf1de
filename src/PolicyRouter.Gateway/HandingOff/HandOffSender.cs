using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Secrets;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Gateway.HandingOff;

/// <summary>What became of one post.</summary>
/// <param name="Status">Of the answer; null when there was none.</param>
/// <param name="Failure">A stable code; null when the webhook took it.</param>
/// <param name="RetryAfter">The pause the webhook asked for.</param>
internal sealed record PostResult(int? Status, string? Failure, TimeSpan? RetryAfter = null)
{
    /// <summary>False when it was taken, and when the same post would get the same answer.</summary>
    public bool IsWorthAnother => Failure is not null && (Status is null or 401 or 403 or 404 or 408 or 425 or 429 or >= 500);
}

/// <summary>
/// Posts a hand-off once, in the form of Standard Webhooks: <c>webhook-id</c>, <c>webhook-timestamp</c>, and <c>webhook-signature</c> if the route names a key. Through the
/// same guarded connections as requests to providers: no redirect, no proxy, the address checked when the connection is made. Nothing of the answer is read but its head.
/// </summary>
internal sealed class HandOffSender(ProviderConnections connections, SecretResolver secrets, TimeProvider time)
{
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);
    private static readonly EndpointTimeouts Timeouts = new(ConnectTimeout, TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(15));

    /// <param name="isCredentialRefused">True when the post before was answered with 401: the key may have been rotated.</param>
    public async Task<PostResult> PostAsync(OutboundHandOff handOff, bool isCredentialRefused)
    {
        string? signature = null;
        var seconds = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        using AttemptClock clock = new(Timeouts, time);
        using var deadline = clock.Link(CancellationToken.None);
        try
        {
            if (handOff.To.Credential is { } reference)
            {
                // Without its key nothing is posted: a recipient that checks would refuse it, and one that does not could be fed by anybody.
                signature = WebhookSignature.Of(await secrets.GetAsync(reference, isCredentialRefused, deadline.Token), handOff.Id.ToString(), seconds, handOff.Body.Span);
            }
        }
        catch (Exception error) when (error is SecretUnavailableException or OperationCanceledException)
        {
            return new PostResult(null, "credential_unavailable");
        }

        using HttpRequestMessage request = new(HttpMethod.Post, handOff.To.Webhook)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ReadOnlyMemoryContent(handOff.Body),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("user-agent", "policyrouter");
        request.Headers.Add("webhook-id", handOff.Id.ToString());
        request.Headers.Add("webhook-timestamp", seconds);
        if (signature is not null)
        {
            request.Headers.Add("webhook-signature", signature);
        }

        try
        {
            using var response = await connections.For(handOff.To.Webhook, ConnectTimeout).SendAsync(request, deadline.Token);
            return (int)response.StatusCode switch
            {
                >= 200 and < 300 and var status => new PostResult(status, null),
                >= 300 and < 400 and var status => new PostResult(status, "redirect_refused"),
                var status => new PostResult(status, $"status_{status}", RetryHints.Read(response.Headers, time)),
            };
        }
        catch (Exception error) when (FailureOf.Sending(error, clock, CancellationToken.None) is { } failure)
        {
            return new PostResult(null, failure.Code);
        }
    }
}
