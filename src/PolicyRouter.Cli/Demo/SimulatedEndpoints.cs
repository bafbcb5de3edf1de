using System.Globalization;
using System.Text.RegularExpressions;
using PolicyRouter.Simulator;

namespace PolicyRouter.Cli.Demo;

/// <summary>
/// A copy of a policy folder whose endpoints point at simulated providers. Rules, registry, classes and routes stay as they
/// are: only HOW a deployment is reached changes (URL, credential, deadlines short enough for a demonstration).
/// </summary>
internal static partial class SimulatedEndpoints
{
    /// <summary>The endpoints of a folder, in the order written.</summary>
    public static IReadOnlyList<SimulatedEndpoint> Of(string folder)
    {
        List<SimulatedEndpoint> endpoints = [];
        string? deployment = null, wire = null;
        foreach (var line in File.ReadLines(Path.Combine(folder, "endpoints.yaml")))
        {
            if (DeploymentLine().Match(line) is { Success: true } started)
            {
                deployment = started.Groups["id"].Value;
            }
            else if (deployment is not null && SettingLine().Match(line) is { Success: true } setting)
            {
                var value = setting.Groups["value"].Value;
                switch (setting.Groups["key"].Value)
                {
                    case "wire":
                        wire = value;
                        break;
                    case "upstream model":
                        endpoints.Add(new SimulatedEndpoint(deployment, WireOf(wire), value));
                        break;
                }
            }
        }

        return endpoints;
    }

    /// <summary>Copies the folder and points each endpoint at its address.</summary>
    public static void CopyRebased(string from, string to, IReadOnlyDictionary<string, RebasedEndpoint> endpoints)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*.yaml", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            if (Path.GetRelativePath(from, file) == "endpoints.yaml")
            {
                File.WriteAllLines(copy, Rebase(File.ReadLines(file), endpoints));
            }
            else
            {
                File.Copy(file, copy);
            }
        }
    }

    private static IEnumerable<string> Rebase(IEnumerable<string> lines, IReadOnlyDictionary<string, RebasedEndpoint> endpoints)
    {
        string? deployment = null;
        foreach (var line in lines)
        {
            if (DeploymentLine().Match(line) is { Success: true } started)
            {
                deployment = started.Groups["id"].Value;
            }

            if (deployment is null || SettingLine().Match(line) is not { Success: true } setting)
            {
                yield return line;
                continue;
            }

            var indent = setting.Groups["indent"].Value;
            yield return setting.Groups["key"].Value switch
            {
                "url" => string.Create(CultureInfo.InvariantCulture, $"{indent}url: {endpoints[deployment].Url.ToString().TrimEnd('/')}"),
                "credential" => $"{indent}credential: file:{endpoints[deployment].CredentialFile}",
                "timeouts" => $"{indent}timeouts: {{connect: 1s, first token: 1s, between tokens: 2s, total: 3s}}",
                _ => line,
            };
        }
    }

    private static ProviderWire WireOf(string? wire) =>
        Array.Find(Enum.GetValues<ProviderWire>(), known => FleetFile.NameOf(known) == wire);

    [GeneratedRegex(@"^  (?<id>[A-Za-z0-9][A-Za-z0-9._-]*):\s*(#.*)?$", RegexOptions.CultureInvariant)]
    private static partial Regex DeploymentLine();

    [GeneratedRegex(@"^(?<indent> {4,})(?<key>url|wire|upstream model|credential|timeouts):\s*(?<value>[^#\s]+)", RegexOptions.CultureInvariant)]
    private static partial Regex SettingLine();
}

/// <summary>Where a simulated deployment is, and the file that holds its credential.</summary>
internal sealed record RebasedEndpoint(Uri Url, string CredentialFile);

/// <summary>A deployment to simulate: its wire, and the model that is asked for.</summary>
internal sealed record SimulatedEndpoint(string Deployment, ProviderWire Wire, string Model);
