namespace PolicyRouter.Benchmarks.Outages;

/// <summary>A way of getting an answer in spite of an outage.</summary>
internal interface IOutageContender : IAsyncDisposable
{
    public Task<AnswerEnd> AskAsync(ReplayedRequest request);
}
