namespace PolicyRouter.Reports.Incidents;

/// <summary>A report as sections of plain text, tables and charts, from which Markdown and HTML are written. Nothing in it is escaped yet.</summary>
public sealed record ReportDocument(string Title, IReadOnlyList<string> Lead, IReadOnlyList<ReportSection> Sections);

public sealed record ReportSection(string Heading, IReadOnlyList<ReportPart> Parts);

public abstract record ReportPart;

public sealed record Paragraph(string Text) : ReportPart;

/// <param name="Heads">One per column.</param>
/// <param name="Numbers">Columns from this one on hold numbers.</param>
/// <param name="Shares">A share, 0 to 1, per row that Markdown draws as a bar behind it; null for none.</param>
public sealed record Table(string Caption, IReadOnlyList<string> Heads, IReadOnlyList<IReadOnlyList<string>> Rows, int Numbers = int.MaxValue, IReadOnlyList<double?>? Shares = null) : ReportPart;

/// <summary>A chart; its figures always stand in a table, too, so that Markdown can leave it out.</summary>
/// <param name="Description">What it shows, for who cannot see it.</param>
public sealed record Chart(string Title, string Description, ReportPeriodAxis Axis, IReadOnlyList<ChartRow> Rows) : ReportPart;

/// <summary>One row of bars, an interval each: how much of it failed.</summary>
public sealed record ChartRow(string Label, IReadOnlyList<(long Answered, long Failed)> Intervals);

/// <summary>The time axis of a chart.</summary>
public sealed record ReportPeriodAxis(string From, string To, string Interval);
