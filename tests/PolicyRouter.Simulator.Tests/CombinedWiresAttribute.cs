using System.Reflection;
using Xunit.Sdk;

namespace PolicyRouter.Simulator.Tests;

/// <summary>
/// The wires of providers' own APIs, times every value. Those of the cloud platforms have other shapes, and tests of their own.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CombinedWiresAttribute(params int[] values) : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) =>
        from wire in new[] { ProviderWire.OpenAi, ProviderWire.AzureOpenAi, ProviderWire.Anthropic }
        from row in values.Length == 0 ? [[wire]] : values.Select(value => new object[] { wire, value })
        select row;
}
