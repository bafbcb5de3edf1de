using Microsoft.Extensions.DependencyInjection;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Gateway.HandingOff;
using PolicyRouter.Gateway.Hosting;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Resilience;
using PolicyRouter.Gateway.Resilience.Probing;
using PolicyRouter.Gateway.Secrets;

namespace PolicyRouter.Gateway.Pipeline;

/// <summary>The parts of the request path.</summary>
internal static class PipelineServices
{
    public static IServiceCollection AddChatPipeline(this IServiceCollection services, ResilienceSettings resilience)
    {
        if (resilience.ProbeSeconds > 0)
        {
            services.AddSingleton(resilience).AddSingleton<DeploymentProbe>().AddHostedService<ProbeLoop>();
        }

        return services
            .AddSingleton<AzureTokens>()
            .AddSingleton<GoogleTokens>()
            .AddSingleton<ProviderCredentials>()
            .AddSingleton<ProviderSender>()
            .AddSingleton(new Chance(Random.Shared))
            .AddSingleton<HealthSignals>()
            .AddSingleton<HealthBoard>()
            .AddSingleton(static provider => DeploymentHealthReports.Of(provider.GetRequiredService<HealthBoard>()))
            .AddSingleton<AttemptPlanner>()
            .AddSingleton<PromptRedactor>()
            .AddSingleton<DecisionRecords>()
            .AddSingleton<AnswerChecks>()
            .AddSingleton<RequestTelemetry>()
            .AddSingleton<ClientRetries>()
            .AddSingleton<FailoverExecutor>()
            .AddSingleton<HandOffMetrics>()
            .AddSingleton<HandOffSender>()
            .AddSingleton<AppendFinding>(static provider => (finding, request) => provider.GetRequiredService<AuditLog>().AppendFinding(finding, request))
            .AddSingleton<HandOffDelivery>()
            .AddHostedService(static provider => provider.GetRequiredService<HandOffDelivery>())
            .AddSingleton<HandOffDesk>()
            .AddSingleton<ChatPipeline>();
    }
}
