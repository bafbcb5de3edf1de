using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using PolicyRouter.Gateway.Callers;

namespace PolicyRouter.Gateway.Tests.Callers;

/// <summary>Documents of an issuer that never end, or that point where nothing may be fetched from.</summary>
public sealed class IssuerDocumentTests
{
    private static readonly TimeSpan GenerousWait = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("/.well-known/openid-configuration")]
    [InlineData("/keys")]
    public async Task DocumentThatDrips_IsGivenUpAfterFiveSeconds(string path)
    {
        FakeTimeProvider time = new();
        using SemaphoreSlim drip = new(0);
        using SemaphoreSlim dripped = new(0);
        TaskCompletionSource left = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var issuer = await TestIssuer.StartAsync();
        issuer.Instead = async http =>
        {
            if (http.Request.Path != path)
            {
                await MetadataAsync(http, issuer, issuer.Url + "/keys");
                return;
            }

            http.RequestAborted.Register(left.SetResult);
            while (true)
            {
                await http.Response.WriteAsync("{", http.RequestAborted);
                await http.Response.Body.FlushAsync(http.RequestAborted);
                dripped.Release();
                await drip.WaitAsync(http.RequestAborted);
            }
        };
        using IssuerDocuments documents = new(new Uri(issuer.Url), allowHttpOnLoopback: true, time);

        var fetching = documents.FetchAsync(CancellationToken.None);
        for (var second = 0; second < 5; second++)
        {
            Assert.True(await dripped.WaitAsync(GenerousWait));
            Assert.False(fetching.IsCompleted);
            time.Advance(TimeSpan.FromSeconds(1));
            drip.Release();
        }

        var error = await Assert.ThrowsAsync<IssuerDocumentException>(() => fetching.WaitAsync(GenerousWait));
        Assert.Equal("no complete answer within 5 seconds", error.Message);
        await left.Task.WaitAsync(GenerousWait);
    }

    [Theory]
    [InlineData("http://keys.example/keys")]
    [InlineData("http://169.254.169.254/keys")]
    [InlineData("ftp://127.0.0.1/keys")]
    [InlineData("file:///etc/passwd")]
    [InlineData("//keys.example/keys")]
    [InlineData("/keys")]
    [InlineData("")]
    [InlineData(null)]
    public async Task KeysThatAreElsewhereThanAtAnHttpsAddress_AreNotFetched(string? address)
    {
        await using var issuer = await TestIssuer.StartAsync();
        issuer.Instead = http => MetadataAsync(http, issuer, address);
        using IssuerDocuments documents = new(new Uri(issuer.Url), allowHttpOnLoopback: true, TimeProvider.System);

        var error = await Assert.ThrowsAsync<IssuerDocumentException>(() => documents.FetchAsync(CancellationToken.None));

        Assert.Contains(error.Message, (string[])["an address of the issuer is not https", "the metadata has no usable jwks_uri"]);
        Assert.Equal(0, issuer.KeySetReads);
    }

    private static Task MetadataAsync(HttpContext http, TestIssuer issuer, string? keys) =>
        http.Response.WriteAsJsonAsync(new { issuer = issuer.Url, jwks_uri = keys });
}
