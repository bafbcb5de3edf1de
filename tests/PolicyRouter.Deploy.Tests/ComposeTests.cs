using PolicyRouter.Testing;
using YamlDotNet.Serialization;

namespace PolicyRouter.Deploy.Tests;

/// <summary>Every container of <c>compose.yaml</c> is as locked down as the pods are.</summary>
public sealed class ComposeTests
{
    public static TheoryData<string> Services() => [.. Read().Keys.Select(static name => (string)name)];

    [Theory]
    [MemberData(nameof(Services))]
    public void Service_RunsWithoutRights_OnAReadOnlyRoot(string name)
    {
        var service = (Dictionary<object, object>)Read()[name];

        Assert.Matches("^[1-9][0-9]*:[1-9][0-9]*$", (string)service["user"]);
        Assert.Equal("true", service["read_only"]);
        Assert.Equal(["ALL"], (List<object>)service["cap_drop"]);
        Assert.Equal(["no-new-privileges:true"], (List<object>)service["security_opt"]);
        // No dump of a process that holds prompts lies on a disk.
        Assert.Equal("0", ((Dictionary<object, object>)service["ulimits"])["core"]);
        if (service.TryGetValue("build", out var build))
        {
            Assert.Equal("0", ((Dictionary<object, object>)service["environment"])["DOTNET_EnableDiagnostics"]);
            Assert.True(File.Exists(Path.Combine(Repository.Root, (string)((Dictionary<object, object>)build)["dockerfile"])));
        }

        Assert.False(service.ContainsKey("cap_add") || service.ContainsKey("privileged") || service.ContainsKey("network_mode") || service.ContainsKey("pid"));
        if (service.TryGetValue("ports", out var ports))
        {
            Assert.All((List<object>)ports, static port => Assert.StartsWith("127.0.0.1:", (string)port));
        }
    }

    private static Dictionary<object, object> Read()
    {
        var root = (Dictionary<object, object>)new DeserializerBuilder().Build().Deserialize(File.ReadAllText(Path.Combine(Repository.Root, "compose.yaml")))!;
        return (Dictionary<object, object>)root["services"];
    }
}
