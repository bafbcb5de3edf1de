namespace PolicyRouter.Audit.Exporting;

/// <summary>What history can be taken out as.</summary>
public enum ExportFormat
{
    /// <summary>The exact bytes of every event, with what proves offline that they are what was recorded and that none is left out.</summary>
    Ndjson,

    /// <summary>For spreadsheets; proves nothing.</summary>
    Csv,

    /// <summary>For analysis; proves nothing.</summary>
    Parquet,
}
