using System.Text.Json;
using PolicyRouter.Audit.Events;
using PolicyRouter.Policies.Replaying;

namespace PolicyRouter.Cli.Policy;

/// <summary>A replay for scripts: one JSON document, written request by request, so that a long history takes no memory.</summary>
internal sealed class ReplayJson : IReplayReport
{
    private readonly TextWriter _output;
    private bool _isFirst = true;

    public ReplayJson(TextWriter output, string policyVersion)
    {
        _output = output;
        _output.Write($"{{\"policyVersion\":\"{policyVersion}\",\"changes\":[");
    }

    public void Add(RequestDecided decided, ReplayedRequest replayed)
    {
        _output.Write(_isFirst ? "\n" : ",\n");
        _output.Write(JsonText.Write(writer => Write(writer, decided, replayed)));
        _isFirst = false;
    }

    public void End(ReplayTotals totals) => _output.WriteLine(
        $"],\"decided\":{totals.Decided},\"changed\":{totals.Changed},\"newlyAllowed\":{totals.NewlyAllowed},\"newlyDenied\":{totals.NewlyDenied},"
        + $"\"dutiesChanged\":{totals.DutiesChanged},\"leftWithNobody\":{totals.LeftWithNobody}}}");

    private static void Write(Utf8JsonWriter writer, RequestDecided decided, ReplayedRequest replayed)
    {
        writer.WriteStartObject();
        writer.WriteString("id", decided.Id);
        writer.WriteString("policyVersion", decided.PolicyVersion);
        writer.WriteBoolean("routeGone", replayed.IsRouteGone);
        JsonText.WriteList(writer, "newlyAllowed", replayed.NewlyAllowed);
        writer.WriteStartObject("newlyDenied");
        foreach (var denied in replayed.NewlyDenied)
        {
            JsonText.WriteList(writer, denied.Deployment, denied.Rules);
        }

        writer.WriteEndObject();
        JsonText.WriteList(writer, "dutiesChanged", replayed.DutiesChanged);
        writer.WriteBoolean("answerable", replayed.IsAnswerable);
        writer.WriteEndObject();
    }
}
