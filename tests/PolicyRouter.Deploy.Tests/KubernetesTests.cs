using k8s;
using k8s.Models;
using PolicyRouter.Testing;

namespace PolicyRouter.Deploy.Tests;

/// <summary>The Kubernetes manifests are valid by two checkers that share no code, and as locked down as docs/deploy/README.md says.</summary>
public sealed class KubernetesTests
{
    private const int User = 1654;
    private const string Secrets = "apiVersion: external-secrets.io/v1";

    public static TheoryData<string> Overlays() =>
        [.. Directory.EnumerateDirectories(Path.Combine(Rendered.Deploy, "kubernetes", "overlays")).Select(static folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];

    [SkippableTheory]
    [MemberData(nameof(Overlays))]
    public async Task Objects_AreValid_ByTheSchemasOfTheApi(string overlay)
    {
        var objects = await Rendered.OverlayAsync(overlay);
        var packages = await NodePackages.InstallAsync(Path.Combine(Repository.Root, "tests", "PolicyRouter.Deploy.Tests", "validator"));
        Skip.If(packages.Missing is not null, packages.Missing);

        var (code, output, error) = await Rendered.RunAsync("node", [Path.Combine(packages.Scripts, "validate.mjs")], objects);

        Assert.True(code == 0, error);
        Assert.Equal($"{Documents(objects).Count(static document => !IsForeign(document))} objects are valid", output.Trim());
    }

    [SkippableTheory]
    [MemberData(nameof(Overlays))]
    public async Task Pods_RunWithoutRights_OnAReadOnlyRoot(string overlay)
    {
        var pods = (await ObjectsAsync(overlay)).Select(PodOf).OfType<V1PodSpec>().ToList();

        Assert.Equal(2, pods.Count);
        Assert.All(pods, static pod =>
        {
            Assert.True(pod.SecurityContext is { RunAsNonRoot: true, RunAsUser: User, RunAsGroup: User, SeccompProfile.Type: "RuntimeDefault" });
            Assert.False(pod.AutomountServiceAccountToken);
            Assert.True(pod is { HostNetwork: null or false, HostPID: null or false, HostIPC: null or false });
            Assert.DoesNotContain(pod.Volumes, static volume => volume.HostPath is not null);
        });
        Assert.All(pods.SelectMany(static pod => pod.Containers), static container =>
        {
            Assert.True(container.SecurityContext is { AllowPrivilegeEscalation: false, Privileged: false, ReadOnlyRootFilesystem: true });
            Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
            Assert.Null(container.SecurityContext.Capabilities.Add);
            Assert.NotNull(container.Resources.Limits["memory"]);
            Assert.Contains("@sha256:", container.Image, StringComparison.Ordinal);
            Assert.Equal("0", container.Env.Single(static entry => entry.Name == "DOTNET_EnableDiagnostics").Value);
            Assert.True(container is { LivenessProbe.HttpGet.Path: "/livez", StartupProbe: not null, ReadinessProbe: not null });
        });
    }

    [SkippableTheory]
    [MemberData(nameof(Overlays))]
    public async Task Gateways_AreProbed_SpreadAndDrained(string overlay)
    {
        var objects = await ObjectsAsync(overlay);
        var gateway = objects.OfType<V1StatefulSet>().Single();
        var pod = gateway.Spec.Template.Spec;
        var container = pod.Containers.Single();

        Assert.Equal(("/startupz", "/readyz"), (container.StartupProbe.HttpGet.Path, container.ReadinessProbe.HttpGet.Path));
        Assert.Contains(pod.TopologySpreadConstraints, static spread => spread is { TopologyKey: "topology.kubernetes.io/zone", MaxSkew: 1, WhenUnsatisfiable: "DoNotSchedule" });
        // The defaults of Limits:DrainSeconds and Limits:ShutdownSeconds, which the manifests leave as they are.
        Assert.True(pod.TerminationGracePeriodSeconds > 10 + 330);
        Assert.DoesNotContain(objects.OfType<V1ConfigMap>().SelectMany(static map => map.Data.Keys), static key => key.Contains("__Limits__", StringComparison.Ordinal));

        var budget = objects.OfType<V1PodDisruptionBudget>().Single();
        Assert.Equal(gateway.Spec.Selector.MatchLabels, budget.Spec.Selector.MatchLabels);
        Assert.True(gateway.Spec.Replicas > 1 && budget.Spec.MaxUnavailable == "1");
    }

    [SkippableTheory]
    [MemberData(nameof(Overlays))]
    public async Task Network_LetsOutWhatIsNamed_AndNothingElse(string overlay)
    {
        var policies = (await ObjectsAsync(overlay)).OfType<V1NetworkPolicy>().ToList();

        Assert.Contains(policies, static policy =>
            policy.Spec is { PodSelector.MatchLabels: null, Ingress: null, Egress: null } && policy.Spec.PolicyTypes.ToHashSet().SetEquals(["Ingress", "Egress"]));
        Assert.All(policies.SelectMany(static policy => policy.Spec.Egress ?? []), static rule =>
        {
            Assert.NotEmpty(rule.To);
            Assert.NotEmpty(rule.Ports);
            // No range so wide that it would be a way to anybody, and never the metadata services.
            Assert.All(rule.To.Where(static peer => peer.IpBlock is not null), static peer =>
            {
                Assert.True(int.Parse(peer.IpBlock.Cidr.Split('/')[1], System.Globalization.CultureInfo.InvariantCulture) >= 24, peer.IpBlock.Cidr);
                Assert.False(peer.IpBlock.Cidr.StartsWith("169.254.", StringComparison.Ordinal));
            });
        });
        Assert.All(policies.SelectMany(static policy => policy.Spec.Ingress ?? []), static rule => Assert.True(rule is { FromProperty.Count: > 0, Ports.Count: > 0 }));
        Assert.DoesNotContain(policies.SelectMany(static policy => policy.Spec.Egress ?? []).SelectMany(static rule => rule.To),
            static peer => peer.IpBlock?.Cidr.StartsWith("192.0.2.", StringComparison.Ordinal) is true || peer.IpBlock?.Cidr.StartsWith("198.51.100.", StringComparison.Ordinal) is true);
    }

    [SkippableTheory]
    [MemberData(nameof(Overlays))]
    public async Task Secrets_ComeFromAVault_AndPoliciesFromTheFolder(string overlay)
    {
        var rendered = await Rendered.OverlayAsync(overlay);
        var objects = await ObjectsAsync(overlay);

        Assert.DoesNotContain("kind: Secret\n", rendered, StringComparison.Ordinal);
        Assert.DoesNotContain("Password=", rendered, StringComparison.OrdinalIgnoreCase);
        var mounted = objects.OfType<V1StatefulSet>().Single().Spec.Template.Spec.Volumes.Single(static volume => volume.Name == "policies").ConfigMap.Items;
        var shipped = ShippedPack.Folder;
        Assert.Equal(
            Directory.EnumerateFiles(shipped, "*.yaml", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(shipped, file)).Order(StringComparer.Ordinal),
            mounted.Select(static item => item.Path).Order(StringComparer.Ordinal));
        var content = objects.OfType<V1ConfigMap>().Single(static map => map.Metadata.Name == "policyrouter-policies").Data;
        Assert.All(mounted, item => Assert.Equal(File.ReadAllText(Path.Combine(shipped, item.Path)), content[item.Key]));
    }

    private static async Task<List<object>> ObjectsAsync(string overlay) =>
        [.. Documents(await Rendered.OverlayAsync(overlay)).Where(static document => !IsForeign(document))
            // Strict: a field that the API does not know is an error, not something to be ignored.
            .SelectMany(static document => KubernetesYaml.LoadAllFromString(document, strict: true))];

    private static string[] Documents(string objects) => objects.Split("\n---\n", StringSplitOptions.RemoveEmptyEntries);

    private static bool IsForeign(string document) => document.Contains(Secrets, StringComparison.Ordinal);

    private static V1PodSpec? PodOf(object item) => item switch
    {
        V1StatefulSet set => set.Spec.Template.Spec,
        V1Deployment deployment => deployment.Spec.Template.Spec,
        _ => null,
    };
}
