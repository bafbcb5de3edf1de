using System.Text;
using System.Text.RegularExpressions;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Reading;

namespace PolicyRouter.WebConsole.Reading;

/// <summary>
/// Texts of the log as they may be shown: characters that turn the direction of writing would make what stands beside them read otherwise, and are
/// shown as the sign for an unknown character. What is exported stays as it is.
/// </summary>
internal static partial class ShownText
{
    private const char Unknown = '\uFFFD';

    public static string Of(string text) => Turning().Replace(text, "\uFFFD");

    public static DecisionSummary Of(DecisionSummary decision) => decision with
    {
        App = Of(decision.App),
        Tenant = Of(decision.Tenant),
        Route = Of(decision.Route),
        Outcome = Of(decision.Outcome),
        RefusalCode = decision.RefusalCode is { } code ? Of(code) : null,
        Classes = [.. decision.Classes.Select(Of)],
        AuthorizedDeployments = [.. decision.AuthorizedDeployments.Select(Of)],
        End = decision.End is { } end ? Of(end) : null,
    };

    public static RecordedEvent Of(RecordedEvent recorded) => recorded with { CanonicalJson = Of(recorded.CanonicalJson) };

    public static AuditEvent Of(AuditEvent entry) => CanonicalJsonReader.Read(Of(CanonicalJson.Write(entry)));

    private static ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> json)
    {
        var text = Encoding.UTF8.GetString(json.Span);
        return Turning().IsMatch(text) || Escaped().IsMatch(text) ? Encoding.UTF8.GetBytes(Escaped().Replace(Of(text), Unknown.ToString())) : json;
    }

    [GeneratedRegex("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]", RegexOptions.None, 1_000)]
    private static partial Regex Turning();

    /// <summary>The same as JSON may write them.</summary>
    [GeneratedRegex(@"\\u(061c|200[ef]|202[a-e]|206[6-9])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1_000)]
    private static partial Regex Escaped();
}
