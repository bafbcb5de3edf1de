using PolicyRouter.Audit.Events;

namespace PolicyRouter.Benchmarks.Appending;

/// <summary>Something that makes decisions durable.</summary>
internal interface IAppender : IAsyncDisposable
{
    public string Name { get; }

    /// <summary>Returns when the decision survives a crash.</summary>
    public Task AppendAsync(RequestDecided decision);
}
