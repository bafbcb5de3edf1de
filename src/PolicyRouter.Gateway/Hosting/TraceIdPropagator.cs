using System.Diagnostics;

namespace PolicyRouter.Gateway.Hosting;

/// <summary>
/// Takes from a caller the trace that a request belongs to (W3C Trace Context, <c>traceparent</c>), and nothing else: <c>tracestate</c> and baggage are free text, which a collector would keep.
/// </summary>
internal sealed class TraceIdPropagator : DistributedContextPropagator
{
    private static readonly DistributedContextPropagator W3C = CreateW3CPropagator();

    public override IReadOnlyCollection<string> Fields { get; } = ["traceparent"];

    /// <summary>Nothing of a trace goes further; who calls a provider adds no header.</summary>
    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter)
    {
    }

    public override void ExtractTraceIdAndState(object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState)
    {
        W3C.ExtractTraceIdAndState(carrier, getter, out traceId, out _);
        traceState = null;
    }

    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) => null;
}
