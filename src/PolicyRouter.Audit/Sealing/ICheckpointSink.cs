namespace PolicyRouter.Audit.Sealing;

/// <summary>A place where checkpoints are kept: whoever changes the log would have to change them there, too.</summary>
internal interface ICheckpointSink
{
    /// <summary>Durable when it returns.</summary>
    public Task KeepAsync(SignedCheckpoint checkpoint, CancellationToken cancellationToken);
}
