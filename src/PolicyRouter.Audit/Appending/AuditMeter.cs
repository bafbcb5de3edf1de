using System.Diagnostics.Metrics;

namespace PolicyRouter.Audit.Appending;

/// <summary>What the log counts about itself, tagged with the shard.</summary>
internal static class AuditMeter
{
    public const string Name = "PolicyRouter.Audit";

    private static readonly Meter Meter = new(Name);

    public static readonly Counter<long> ReadBack = Meter.CreateCounter<long>(
        "policyrouter.audit.read_back.events", "{event}", "Events read back after their commit and found as they were written.");

    public static readonly Counter<long> Mismatches = Meter.CreateCounter<long>(
        "policyrouter.audit.read_back.mismatches", "{event}", "Times that the database gave back another log than was written. Anything above zero is an alarm.");

    public static readonly Gauge<double> ClockApart = Meter.CreateGauge<double>(
        "policyrouter.audit.clock.apart", "s", "How far this machine's clock is ahead of the database's, by the last look. Beyond 2, either way, somebody should look.");

    public static readonly Counter<long> Published = Meter.CreateCounter<long>(
        "policyrouter.audit.checkpoints.published", "{checkpoint}", "Checkpoints that every place has.");

    public static readonly Counter<long> Unpublished = Meter.CreateCounter<long>(
        "policyrouter.audit.checkpoints.failed", "{checkpoint}", "Times that a place did not take a checkpoint.");

    public static readonly Gauge<long> ProjectionLag = Meter.CreateGauge<long>(
        "policyrouter.audit.projection.lag", "{event}", "Recorded events that a projection has yet to count; 100,000 stands for so many or more.");

    public static readonly Gauge<int> ProjectionLeader = Meter.CreateGauge<int>(
        "policyrouter.audit.projection.leader", null, "1 while this node keeps the projections; over all nodes the sum is 1.");
}
