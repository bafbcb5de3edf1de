using Azure.Core;
using Azure.Identity;

namespace PolicyRouter.Gateway.Secrets;

/// <summary>Tokens of the gateway's own identity at Entra ID, for Azure OpenAI. Kept and renewed by Azure.Identity.</summary>
internal sealed class AzureTokens(TokenCredential identity)
{
    private static readonly TokenRequestContext Scope = new(["https://cognitiveservices.azure.com/.default"]);

    /// <exception cref="SecretUnavailableException">There is no identity, or its service does not answer.</exception>
    public async Task<string> GetAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await identity.GetTokenAsync(Scope, cancellationToken)).Token;
        }
        catch (Exception error) when (error is AuthenticationFailedException or IOException or HttpRequestException)
        {
            throw new SecretUnavailableException("identity:azure has no token for Azure OpenAI.", error);
        }
    }
}
