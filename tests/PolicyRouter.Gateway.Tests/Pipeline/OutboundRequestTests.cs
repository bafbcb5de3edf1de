using System.Reflection;
using Microsoft.Extensions.Logging.Abstractions;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Gateway.Pipeline;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Tests.Wire;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Testing;

namespace PolicyRouter.Gateway.Tests.Pipeline;

/// <summary>Attacks on the one way out: proofs that do not belong together, used twice, or made by somebody else.</summary>
public sealed class OutboundRequestTests : IAsyncLifetime
{
    private const string Hash = "hmac-sha256:k:aa";

    private readonly IReadOnlyList<PermittedDeployment> _targets = ShippedPolicies.ClinicalTargets();
    private AuditLog _log = null!;

    public async Task InitializeAsync() => _log = await AuditLog.OpenAsync(
        new AuditLogOptions { ConnectionString = await PostgresFixture.CreateDatabaseAsync(), Shard = "outbound", Deadline = TimeSpan.FromSeconds(20) },
        TimeProvider.System,
        NullLoggerFactory.Instance,
        CancellationToken.None);

    public async Task DisposeAsync() => await _log.DisposeAsync();

    [Fact]
    public async Task ProofsThatBelongTogether_MakeOneSend()
    {
        var id = Guid.CreateVersion7();
        var outbound = OutboundRequest.Create(_targets[0], Prompt(id, _targets[0]), await ReceiptAsync(id, _targets[0]));

        Assert.Equal(_targets[0].Deployment, outbound.Deployment);
        Assert.Equal("{}"u8.ToArray(), outbound.TakeBody().ToArray());
        Assert.Throws<InvalidOperationException>(() => outbound.TakeBody());
    }

    [Fact]
    public async Task ReceiptForAnotherDeployment_SendsNothing()
    {
        var id = Guid.CreateVersion7();
        var receipt = await ReceiptAsync(id, _targets[0]);

        Assert.Throws<InvalidOperationException>(() => OutboundRequest.Create(_targets[1], Prompt(id, _targets[1]), receipt));
    }

    [Fact]
    public async Task PromptRedactedForAnotherDeployment_SendsNothing()
    {
        var id = Guid.CreateVersion7();
        var receipt = await ReceiptAsync(id, _targets[1]);

        Assert.Throws<InvalidOperationException>(() => OutboundRequest.Create(_targets[1], Prompt(id, _targets[0]), receipt));
    }

    [Fact]
    public async Task PermitOfAnotherDecision_SendsNothing()
    {
        var id = Guid.CreateVersion7();
        var other = ShippedPolicies.ClinicalTargets()[0];
        var receipt = await ReceiptAsync(id, _targets[0]);

        Assert.Throws<InvalidOperationException>(() => OutboundRequest.Create(other, Prompt(id, _targets[0]), receipt));
    }

    [Fact]
    public async Task ReceiptOfAnotherRequest_SendsNothing()
    {
        var receipt = await ReceiptAsync(Guid.CreateVersion7(), _targets[0]);

        Assert.Throws<InvalidOperationException>(() => OutboundRequest.Create(_targets[0], Prompt(Guid.CreateVersion7(), _targets[0]), receipt));
    }

    [Fact]
    public async Task ReceiptForAnotherBody_SendsNothing()
    {
        var id = Guid.CreateVersion7();
        var receipt = await ReceiptAsync(id, _targets[0]);

        Assert.Throws<InvalidOperationException>(() => OutboundRequest.Create(_targets[0], Prompt(id, _targets[0], "hmac-sha256:k:bb"), receipt));
    }

    [Fact]
    public async Task ReceiptUnderAnotherPolicy_SendsNothing()
    {
        var id = Guid.CreateVersion7();
        var receipt = await ReceiptAsync(id, _targets[0], policy: "sha256:" + new string('0', 64));

        Assert.Throws<InvalidOperationException>(() => OutboundRequest.Create(_targets[0], Prompt(id, _targets[0]), receipt));
    }

    [Fact]
    public async Task ReceiptOfARefusal_SendsNothing()
    {
        var id = Guid.CreateVersion7();
        var receipt = await _log.AppendAsync(Decided(id, _targets[0]) with { Outcome = "deny", AuthorizedDeployment = null, SentHash = null }, CancellationToken.None);

        Assert.Throws<InvalidOperationException>(() => OutboundRequest.Create(_targets[0], Prompt(id, _targets[0]), receipt));
    }

    [Fact]
    public async Task ReceiptUsedTwice_SendsOnce()
    {
        var id = Guid.CreateVersion7();
        var receipt = await ReceiptAsync(id, _targets[0]);
        var prompt = Prompt(id, _targets[0]);
        _ = OutboundRequest.Create(_targets[0], prompt, receipt);

        Assert.Throws<InvalidOperationException>(() => OutboundRequest.Create(_targets[0], prompt, receipt));
    }

    [Fact]
    public async Task ReceiptForASuspendedDeployment_SendsNothing()
    {
        var id = Guid.CreateVersion7();
        await _log.AppendAsync(
            new DeploymentSuspended
            {
                Id = Guid.CreateVersion7(), At = DateTimeOffset.UtcNow, Deployment = _targets[0].Deployment.Id, By = "operator-1", Reason = "Ticket 1", Node = "node-1",
            },
            CancellationToken.None);
        var receipt = await ReceiptAsync(id, _targets[0]);

        Assert.Throws<InvalidOperationException>(() => OutboundRequest.Create(_targets[0], Prompt(id, _targets[0]), receipt));
    }

    [Theory]
    [InlineData(typeof(PermittedDeployment))]
    [InlineData(typeof(AuditReceipt))]
    [InlineData(typeof(RedactedPrompt))]
    [InlineData(typeof(OutboundRequest))]
    public void Proofs_HaveNoPublicConstructor(Type proof)
    {
        Assert.Empty(proof.GetConstructors(BindingFlags.Public | BindingFlags.Instance));
        Assert.True(proof.IsSealed);
    }

    [Fact]
    public void ProviderSenders_TakeOutboundRequestsOnly()
    {
        var sends = typeof(ProviderSender).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly);

        // Besides it only how long they may take, and when to stop.
        Assert.All(sends, static send => Assert.Equal(
            [typeof(OutboundRequest), typeof(TimeSpan?), typeof(CancellationToken)], send.GetParameters().Select(static parameter => parameter.ParameterType)));
    }

    private static RedactedPrompt Prompt(Guid id, PermittedDeployment target, string hash = Hash) => new(id, target, Prompts.Read(Prompts.With("")), "{}"u8.ToArray(), 0, hash);

    private Task<AuditReceipt> ReceiptAsync(Guid id, PermittedDeployment target, string? policy = null) =>
        _log.AppendAsync(Decided(id, target) with { PolicyVersion = policy ?? target.PolicyVersion }, CancellationToken.None);

    private static RequestDecided Decided(Guid id, PermittedDeployment target) => new()
    {
        Id = id,
        At = TimeProvider.System.GetUtcNow(),
        Outcome = "permit",
        RefusalCode = null,
        App = "app",
        Tenant = "",
        PolicyVersion = target.PolicyVersion,
        Day = "2026-11-25",
        Route = "clinical-chat",
        Wire = "openai-chat",
        Streaming = false,
        FloorClasses = [],
        DeclaredClasses = ["phi"],
        DetectedClasses = [],
        FinalClasses = ["phi"],
        Subjects = ["us"],
        Purpose = "treatment",
        Features = ["chat"],
        FindingCounts = new Dictionary<string, int>(),
        Plan = [target.Deployment.Id],
        PlanReason = "listed",
        Denied = [],
        Duties = [],
        AuthorizedDeployment = target.Deployment.Id,
        Redactions = 0,
        PromptBytes = 2,
        PromptHash = Hash,
        SentHash = Hash,
        Node = "test",
    };
}
