using System.Net;
using PolicyRouter.Gateway.Tests.Hosting;
using PolicyRouter.Testing;

namespace PolicyRouter.Gateway.Tests.Control;

public sealed class ControlPlaneDocumentTests
{
    private static readonly string File = Path.Combine(Repository.Root, "docs", "openapi.json");

    /// <summary>With <c>POLICYROUTER_OPENAPI=write</c> the file is written; else it must be what the gateway says of itself.</summary>
    [Fact]
    public async Task Description_IsTheOneInTheDocs()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        using var answer = await gateway.GetAsync(gateway.Control, "/openapi/v1.json", null);
        var text = (await answer.Content.ReadAsStringAsync()).ReplaceLineEndings("\n") + "\n";

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        if (Environment.GetEnvironmentVariable("POLICYROUTER_OPENAPI") == "write")
        {
            await System.IO.File.WriteAllTextAsync(File, text);
        }

        Assert.Equal(await System.IO.File.ReadAllTextAsync(File), text);
    }

    [Fact]
    public async Task Description_IsOfTheControlPlane_AndOnItOnly()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        using var elsewhere = await gateway.GetAsync(gateway.Data, "/openapi/v1.json", null);
        var text = await System.IO.File.ReadAllTextAsync(File);

        Assert.Equal(HttpStatusCode.NotFound, elsewhere.StatusCode);
        Assert.DoesNotContain("/v1/chat", text, StringComparison.Ordinal);
        foreach (var path in new[] { "/api/decisions", "/api/decisions/{id}/proof", "/api/policy/versions/{hash}", "/api/policy/evaluate", "/api/policy/impact", "/api/deployments/{id}/suspend", "/livez" })
        {
            Assert.Contains($"\"{path}\"", text, StringComparison.Ordinal);
        }
    }
}
