using Microsoft.Extensions.Logging.Abstractions;
using PolicyRouter.Gateway.Secrets;

namespace PolicyRouter.Gateway.Tests.Secrets;

public sealed class SecretSourceTests
{
    [Fact]
    public async Task PathThatNoFileCanHave_IsASecretThatCannotBeHad_AndNothingElse()
    {
        SecretResolver secrets = new(null, TimeProvider.System, NullLogger<SecretResolver>.Instance);

        await Assert.ThrowsAsync<SecretUnavailableException>(() => secrets.GetAsync("file:bad\0path", refresh: false, CancellationToken.None).AsTask());
    }
}
