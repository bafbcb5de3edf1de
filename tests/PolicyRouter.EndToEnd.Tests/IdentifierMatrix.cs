using System.Net;
using System.Text.Json.Nodes;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>Every place of an API's requests, at providers of both wires, streaming or not.</summary>
internal static class IdentifierMatrix
{
    private const string Digits = "536221847";

    /// <summary>The places from which the identifier reached a provider, and those that never reached one at all.</summary>
    /// <param name="places">The members of a body but for the model, each with 536-22-1847 in one place.</param>
    public static async Task<IReadOnlyList<string>> LeaksAsync(GatewayUnderTest gateway, string path, IEnumerable<(string Place, string Members)> places)
    {
        List<string> leaks = [];
        foreach (var (place, members) in places)
        {
            foreach (var (deployment, stream) in ((string, string)[])[("claude-anthropic", "false"), ("claude-anthropic", "true"), ("azure-gpt4o-eastus", "false"), ("azure-gpt4o-eastus", "true")])
            {
                var reply = await gateway.AskAtAsync(path, JsonNode.Parse($"{{\"model\":\"{deployment}\",\"stream\":{stream},{members}}}")!.AsObject());

                // A provider may refuse a strange request, or not be offered one that cannot be translated.
                Assert.NotEqual(HttpStatusCode.InternalServerError, reply.Status);
            }

            // At one of the two wires every place gets through to the provider.
            if (gateway.Fleet.Received.Count == 0 || gateway.Fleet.Received.Any(static sent => new string([.. sent.Text.Where(char.IsAsciiDigit)]).Contains(Digits, StringComparison.Ordinal)))
            {
                leaks.Add(place);
            }

            await gateway.Fleet.ResetAsync();
        }

        return leaks;
    }
}
