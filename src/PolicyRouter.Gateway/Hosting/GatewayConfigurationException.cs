namespace PolicyRouter.Gateway.Hosting;

/// <summary>The configuration is invalid; every fault at once. Nothing was started.</summary>
public sealed class GatewayConfigurationException(IReadOnlyList<string> faults) : Exception(string.Join(Environment.NewLine, faults))
{
    public IReadOnlyList<string> Faults { get; } = faults;
}
