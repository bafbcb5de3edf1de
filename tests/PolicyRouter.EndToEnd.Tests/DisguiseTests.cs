using System.Net;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>A social security number in disguise does not reach a provider, raises the class of the request, and comes back as it was written.</summary>
public class DisguiseTests
{
    private static readonly string[] Disguises =
    [
        "\uFF15\uFF13\uFF16-\uFF12\uFF12-\uFF11\uFF18\uFF14\uFF17",
        "\u0665\u0663\u0666-\u0662\u0662-\u0661\u0668\u0664\u0667",
        "5\u200B3\u200B6-2\u200B2-1\u200B8\u200B4\u200B7",
        "\U0001D7D3\U0001D7D1\U0001D7D4-\U0001D7D0\U0001D7D0-\U0001D7CF\U0001D7D6\U0001D7D2\U0001D7D5",
        "&#53;36-22-1847",
        "%353%36-22-1847",
        "**536**-22-1847",
        "536-22-\n1847",
        "5 3 6 2 2 1 8 4 7",
        "five three six two two one eight four seven",
        "U1NOIDUzNi0yMi0xODQ3",
        "53534E203533362D32322D31383437",
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ANumberInDisguise_IsHiddenFromTheProvider_AndRestoredAsItWasWritten(bool stream)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        foreach (var disguise in Disguises)
        {
            var reply = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", $"Repeat this: {disguise} and no more.", stream), purpose: "payment");

            Assert.Equal(HttpStatusCode.OK, reply.Status);
            Assert.Matches("Repeat this: [*]*(SSN_[A-Z0-9]+_1) and no more\\.", gateway.Fleet.Received[^1].Text);
            Assert.Contains(disguise, stream ? reply.StreamedContent : reply.Content, StringComparison.Ordinal);
        }

        Assert.Equal(Disguises.Length, gateway.Fleet.Received.Count);
    }

    [Fact]
    public async Task ANumberInDisguise_RaisesTheClass_SoThatAPublicRouteIsClosed()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        foreach (var disguise in Disguises)
        {
            var reply = await gateway.AskAsync(GatewayUnderTest.Chat("groq-llama", $"Repeat this: {disguise} and no more."), "public", subjects: "us", purpose: "customer-service");

            Assert.True(reply.Status is HttpStatusCode.Forbidden, disguise);
        }

        Assert.Empty(gateway.Fleet.Received);
    }
}
