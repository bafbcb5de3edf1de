using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Events;
using PolicyRouter.Gateway.Pipeline;
using PolicyRouter.Gateway.Snapshots;
using PolicyRouter.Policies.Reading;

namespace PolicyRouter.Gateway.Tests.Snapshots;

public sealed class PolicySourceTests
{
    private static readonly Problem Fault = new("policies/rules/core.yaml", 14, 3, "PR012", Severity.Error, "text of the file", 4, "secret line", null);

    [Fact]
    public async Task RefusedFolder_IsRecordedOnce_ByPlaceAndCodeWithoutItsText()
    {
        List<AuditEvent> recorded = [];
        using PolicySource source = Source(() => new PolicyLoadResult.Refused([Fault]), recorded.Add);

        Assert.False(await source.ReloadAsync(CancellationToken.None));
        Assert.False(await source.ReloadAsync(CancellationToken.None));

        var rejected = Assert.IsType<PolicyRejected>(Assert.Single(recorded));
        Assert.Equal(["policies/rules/core.yaml:14:3 PR012"], rejected.Problems);
        Assert.Equal(rejected.Problems, source.Refused);
        Assert.Null(source.Active);
    }

    [Fact]
    public async Task RefusalThatCannotBeRecorded_IsTriedAgain()
    {
        var isDown = true;
        List<AuditEvent> recorded = [];
        using PolicySource source = Source(
            () => new PolicyLoadResult.Refused([Fault]),
            entry =>
            {
                if (isDown)
                {
                    throw new AuditUnavailableException("down");
                }

                recorded.Add(entry);
            });

        Assert.False(await source.ReloadAsync(CancellationToken.None));
        isDown = false;
        Assert.False(await source.ReloadAsync(CancellationToken.None));

        Assert.Single(recorded);
    }

    private static PolicySource Source(Func<PolicyLoadResult> load, Action<AuditEvent> append) => new(
        load,
        (entry, _) =>
        {
            append(entry);
            return Task.CompletedTask;
        },
        new NodeName("node"),
        new FakeTimeProvider(),
        NullLogger<PolicySource>.Instance);
}
