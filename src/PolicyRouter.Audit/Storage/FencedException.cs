namespace PolicyRouter.Audit.Storage;

/// <summary>The head moved under this writer: another one took the shard, or the database went back in time.</summary>
internal sealed class FencedException(string message) : Exception(message);
