using System.Globalization;
using System.Text;
using PolicyRouter.Policies.Printing;

namespace PolicyRouter.Reports.Incidents;

/// <summary>Rows of bars over time as an SVG picture. Failed parts are striped and hang from above, so that colour is not needed to tell them.</summary>
public static class ReportChart
{
    private const int LabelWidth = 190;
    private const int BarsWidth = 720;
    private const int RowHeight = 34;
    private const int BarHeight = 26;
    private const int AxisHeight = 22;

    // A single lost request among thousands must still be seen.
    private const double LeastVisible = 2;

    /// <param name="number">Of the chart in its page: makes its ids unique.</param>
    public static string Svg(Chart chart, int number)
    {
        var height = (chart.Rows.Count * RowHeight) + AxisHeight;
        StringBuilder text = new();
        Add(text, $"<figure><figcaption>{PrintedPage.Html(chart.Title)}</figcaption><svg role=\"img\" aria-labelledby=\"c{number}t c{number}d\" viewBox=\"0 0 {LabelWidth + BarsWidth} {height}\" width=\"{LabelWidth + BarsWidth}\" height=\"{height}\" xmlns=\"http://www.w3.org/2000/svg\">");
        Add(text, $"<title id=\"c{number}t\">{PrintedPage.Html(chart.Title)}</title><desc id=\"c{number}d\">{PrintedPage.Html(chart.Description)}</desc>");
        if (number == 1)
        {
            Add(text, $"<defs><pattern id=\"stripes\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><rect class=\"ground\" width=\"6\" height=\"6\"/><line class=\"stripe\" x1=\"0\" y1=\"0\" x2=\"0\" y2=\"6\"/></pattern></defs>");
        }

        for (var row = 0; row < chart.Rows.Count; row++)
        {
            Write(text, chart.Rows[row], row * RowHeight);
        }

        Add(text, $"<text class=\"axis\" x=\"{LabelWidth}\" y=\"{height - 6}\">{PrintedPage.Html(chart.Axis.From)} UTC</text><text class=\"axis\" x=\"{LabelWidth + BarsWidth}\" y=\"{height - 6}\" text-anchor=\"end\">{PrintedPage.Html(chart.Axis.To)} UTC</text><text class=\"axis\" x=\"0\" y=\"{height - 6}\">bars of {PrintedPage.Html(chart.Axis.Interval)}</text>");
        Add(text, $"</svg></figure><p class=\"facts\">{PrintedPage.Html(chart.Description)}</p>");
        return text.ToString();
    }

    private static void Write(StringBuilder text, ChartRow row, int top)
    {
        Add(text, $"<text class=\"label\" x=\"0\" y=\"{top + 18}\">{PrintedPage.Html(Short(row.Label))}<title>{PrintedPage.Html(row.Label)}</title></text>");
        var width = BarsWidth / (double)row.Intervals.Count;
        for (var interval = 0; interval < row.Intervals.Count; interval++)
        {
            var (answered, failed) = row.Intervals[interval];
            if (answered + failed == 0)
            {
                continue;
            }

            var bad = failed == 0 ? 0
                : answered == 0 ? BarHeight
                : Math.Clamp(BarHeight * failed / (double)(answered + failed), LeastVisible, BarHeight - LeastVisible);
            var (left, bar) = (LabelWidth + (interval * width), Math.Max(1, width - 1));
            if (bad < BarHeight)
            {
                Add(text, $"<rect class=\"answered\" x=\"{left:0.##}\" y=\"{top + 2 + bad:0.##}\" width=\"{bar:0.##}\" height=\"{BarHeight - bad:0.##}\"/>");
            }

            if (bad > 0)
            {
                Add(text, $"<rect class=\"failed\" x=\"{left:0.##}\" y=\"{top + 2}\" width=\"{bar:0.##}\" height=\"{bad:0.##}\"/>");
            }
        }

        Add(text, $"<rect class=\"frame\" x=\"{LabelWidth}\" y=\"{top + 2}\" width=\"{BarsWidth}\" height=\"{BarHeight}\"/>");
    }

    private static string Short(string label)
    {
        const int Most = 28;
        var elements = StringInfo.ParseCombiningCharacters(label);
        return elements.Length <= Most ? label : label[..elements[Most - 1]] + "…";
    }

    private static void Add(StringBuilder text, FormattableString markup) => text.Append(markup.ToString(CultureInfo.InvariantCulture));
}
