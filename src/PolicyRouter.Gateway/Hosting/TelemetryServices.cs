using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using PolicyRouter.Gateway.Pipeline;

namespace PolicyRouter.Gateway.Hosting;

/// <summary>
/// Metrics for Prometheus (<c>/metrics</c> of the control plane) and, where a collector is named, metrics and traces by OTLP. Whatever becomes of the collector, requests
/// do not wait for it: what does not fit into the bounded queue is dropped.
/// </summary>
internal static class TelemetryServices
{
    private static readonly TimeSpan CollectorTimeout = TimeSpan.FromSeconds(5);

    public static void AddTelemetry(this IServiceCollection services, TelemetrySettings settings, string node)
    {
        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(
                "policyrouter", serviceVersion: typeof(TelemetryServices).Assembly.GetName().Version?.ToString(3), autoGenerateServiceInstanceId: false, serviceInstanceId: node))
            .WithMetrics(metrics =>
            {
                // Cardinality is bounded twice: by closed sets of labels, and here.
                metrics.AddMeter("PolicyRouter.*", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime", "Npgsql")
                    .AddPrometheusExporter();
                if (settings.OtlpEndpoint is { } endpoint)
                {
                    metrics.AddOtlpExporter(options => Configure(options, endpoint, "v1/metrics"));
                }
            });
        services.AddSingleton<DistributedContextPropagator, TraceIdPropagator>();
        if (settings.OtlpEndpoint is { } collector)
        {
            // Whether a request is traced is for the operator to say, not for its caller.
            telemetry.WithTracing(traces => traces
                .SetSampler(new AlwaysOnSampler())
                .AddSource(RequestTelemetry.Name, "Microsoft.AspNetCore")
                .AddOtlpExporter(options => Configure(options, collector, "v1/traces")));
        }
    }

    private static void Configure(OtlpExporterOptions options, string endpoint, string path)
    {
        options.Protocol = OtlpExportProtocol.HttpProtobuf;
        options.Endpoint = new Uri($"{endpoint.TrimEnd('/')}/{path}");
        options.TimeoutMilliseconds = (int)CollectorTimeout.TotalMilliseconds;
    }
}
