using System.Net;
using System.Text;
using System.Text.Json;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Audit.Verifying;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>What an auditor can take away from the control plane, and check without trusting it.</summary>
public sealed class ProofTests
{
    [Fact]
    public async Task Decision_IsProvedToBeInTheLogThatASignedCheckpointCovers()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        var reply = await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise the chart."));
        await gateway.OutcomeOfAsync(reply.DecisionId);
        var events = await gateway.EventsOfAsync(reply.DecisionId);

        var answer = await gateway.ControlAsync($"/api/decisions/{reply.DecisionId}/proof", "auditor");

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        var proofs = answer.Json.GetProperty("events").EnumerateArray().ToList();
        Assert.Equal(events.Count, proofs.Count);
        foreach (var (proof, recorded) in proofs.Zip(events))
        {
            var leaf = TreeHash.Leaf(recorded.CanonicalJson.Span);
            var checkpoint = SignedCheckpoint.Parse(proof.GetProperty("checkpoint").GetString()!);
            Assert.True(checkpoint.IsSignedBy([await KeyAsync(gateway)]));
            Assert.Equal(leaf, proof.GetProperty("leafHash").GetBytesFromBase64());
            Assert.Equal(recorded.Index, proof.GetProperty("index").GetInt64());
            Assert.True(MerkleProof.IsIncluded(
                leaf, recorded.Index, checkpoint.Size, [.. proof.GetProperty("path").EnumerateArray().Select(static hash => hash.GetBytesFromBase64())], checkpoint.Root.Span));
        }
    }

    [Fact]
    public async Task Checkpoints_AreThoseThatAreKeptOutsideOfTheDatabase()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise the chart."));

        var answer = await gateway.ControlAsync("/api/checkpoints", "auditor");

        var note = Assert.Single(answer.Json.GetProperty("checkpoints").EnumerateArray()).GetProperty("note").GetString();
        Assert.Contains(note, CheckpointFolder.ReadAll(gateway.Stack.Home.CheckpointFolder).Select(static kept => kept.Note));
    }

    [Fact]
    public async Task Export_VerifiesWithThePublicKeyAlone_AndIsRecorded()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        await gateway.AskAsync(GatewayUnderTest.Chat("clinical-chat", "Summarise the chart."));

        var answer = await gateway.ControlAsync("/api/export?format=ndjson", "auditor");

        Assert.Equal("application/x-ndjson", answer.Headers["Content-Type"]);
        using MemoryStream stream = new(Encoding.UTF8.GetBytes(answer.Body));
        var report = await new LogVerifier([await KeyAsync(gateway)], CheckpointFolder.ReadAll(gateway.Stack.Home.CheckpointFolder)).VerifyExportAsync(stream, CancellationToken.None);
        Assert.Empty(report.Faults);
        var exported = answer.Body.Split('\n').Single(static line => line.Contains("\"history_exported\"", StringComparison.Ordinal));
        Assert.Equal("end-to-end", JsonDocument.Parse(exported).RootElement.GetProperty("reader").GetString());
        Assert.DoesNotContain("Summarise", answer.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/export")]
    [InlineData("/api/export?format=xml")]
    [InlineData("/api/export?format=csv&from=yesterday")]
    [InlineData("/api/export?format=csv&tenant=a")]
    public async Task WrongQuestion_IsRefused(string path)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        Assert.Equal(HttpStatusCode.BadRequest, (await gateway.ControlAsync(path, "auditor")).Status);
    }

    [Theory]
    [InlineData("/api/export?format=csv")]
    [InlineData("/api/checkpoints")]
    [InlineData("/api/decisions/01a2162b-0a8e-7ad1-818d-203e54dc9dbf/proof")]
    public async Task OnlyAuditors_AreAnswered(string path)
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        Assert.Equal(HttpStatusCode.Forbidden, (await gateway.ControlAsync(path, "operator")).Status);
        Assert.NotEqual(HttpStatusCode.Forbidden, (await gateway.ControlAsync(path, "auditor")).Status);
    }

    [Fact]
    public async Task DecisionThatDoesNotExist_HasNoProof()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await gateway.ControlAsync($"/api/decisions/{Guid.CreateVersion7()}/proof", "auditor")).Status);
    }

    private static async Task<CheckpointKey> KeyAsync(GatewayUnderTest gateway) =>
        CheckpointKey.FromPem(await File.ReadAllTextAsync(gateway.Stack.Home.CheckpointPublicKey));
}
