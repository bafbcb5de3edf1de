namespace PolicyRouter.Audit.Reading;

/// <summary>The policy that one shard decided by at some time, by its last <c>policy_activated</c> before. Whether the node ran at that very moment, the event does not say.</summary>
/// <param name="Shard">The log that recorded it: one per gateway, through all of its restarts.</param>
/// <param name="Node">Machine and process that activated it.</param>
/// <param name="Since">When it came into force there.</param>
public sealed record PolicyInForce(string Shard, string Node, string PolicyVersion, DateTimeOffset Since);
