namespace PolicyRouter.Audit.Exporting;

/// <summary>Writes history in one format, in constant memory.</summary>
internal interface IExportWriter
{
    public Task WriteAsync(HistorySnapshot history, Stream output, CancellationToken cancellationToken);
}
