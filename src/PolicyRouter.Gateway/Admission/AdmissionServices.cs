using Microsoft.Extensions.DependencyInjection;

namespace PolicyRouter.Gateway.Admission;

/// <summary>The parts that decide whether a request comes in.</summary>
internal static class AdmissionServices
{
    public static IServiceCollection AddAdmission(this IServiceCollection services) => services
        .AddSingleton<AdmissionLimits>()
        .AddSingleton<AdmissionMetrics>()
        .AddSingleton<AdmissionDesk>()
        .AddSingleton<DeploymentPlaces>();
}
