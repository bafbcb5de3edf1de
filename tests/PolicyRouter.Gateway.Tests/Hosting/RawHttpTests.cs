namespace PolicyRouter.Gateway.Tests.Hosting;

/// <summary>Requests that two parsers could read differently, as bytes on a socket.</summary>
public sealed class RawHttpTests
{
    [Theory]
    [InlineData("underscore in a name", "X_Auth_User: admin\r\n", 400)]
    [InlineData("two content types", "Content-Type: application/json\r\nContent-Type: text/plain\r\n", 400)]
    [InlineData("two authorizations", "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n", 401)]
    [InlineData("length and chunked", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400)]
    [InlineData("two hosts", "Host: other\r\n", 400)]
    [InlineData("two lengths", "Content-Length: 5\r\nContent-Length: 6\r\n", 400)]
    [InlineData("space before the colon", "X-Name : value\r\n", 400)]
    [InlineData("folded line", "X-Name: a\r\n b\r\n", 400)]
    [InlineData("NUL", "X-Name: a\0b\r\n", 400)]
    [InlineData("empty name", ": value\r\n", 400)]
    [InlineData("packed body", "Content-Encoding: gzip\r\nContent-Length: 0\r\n", 400)]
    [InlineData("body packed twice", "Content-Encoding: identity\r\nContent-Encoding: br\r\nContent-Length: 0\r\n", 400)]
    [InlineData("body over the limit", "Content-Length: 4097\r\n", 413)]
    public async Task AmbiguousRequest_IsRefused(string what, string headers, int status)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        var answer = await GatewayUnderTest.RawAsync(gateway.Data, $"POST /v1/models HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n{headers}\r\n");

        Assert.True(answer.StartsWith($"HTTP/1.1 {status} ", StringComparison.Ordinal), $"{what}: {answer}");
    }

    [Fact]
    public async Task BodyOverTheLimit_IsRefusedInTheCallersErrorShape_BeforeAByteOfItIsSent()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        var answer = await GatewayUnderTest.RawAsync(
            gateway.Data, "POST /v1/models HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\nContent-Length: 5000\r\n\r\n");

        Assert.Contains("\"code\":\"request_too_large\"", answer, StringComparison.Ordinal);
        Assert.Contains("X-Decision-Id: ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TokenInTheAddress_Is401_AndDoesNotComeBack()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var token = gateway.Token("app");

        var answer = await GatewayUnderTest.RawAsync(
            gateway.Data, $"GET /v1/models?access_token={token} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 401 ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain(token, answer, StringComparison.Ordinal);
    }
}
