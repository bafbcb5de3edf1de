using System.Reflection;
using Xunit.Sdk;

namespace PolicyRouter.Simulator.Tests;

/// <summary>Every wire, times every value.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CombinedWiresAttribute(params int[] values) : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) =>
        from wire in Enum.GetValues<ProviderWire>()
        from row in values.Length == 0 ? [[wire]] : values.Select(value => new object[] { wire, value })
        select row;
}
