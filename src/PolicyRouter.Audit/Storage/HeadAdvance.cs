namespace PolicyRouter.Audit.Storage;

/// <summary>One step of a head: a batch of leaves.</summary>
/// <param name="Stack">The tree after it, as <see cref="Sealing.MerkleStack"/> keeps it.</param>
/// <param name="LeafHashes">Of the batch, one after the other.</param>
internal sealed record HeadAdvance(ShardHead From, ShardHead To, byte[] Stack, byte[] LeafHashes);
