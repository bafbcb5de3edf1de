namespace PolicyRouter.Deploy.Tests;

/// <summary>The unit for a machine of its own is valid, and locked down by systemd's own measure.</summary>
public sealed class SystemdTests
{
    // Of 100, lower is better; systemd calls less than 20 "OK".
    private const int HighestExposure = 15;

    private static readonly string Unit = Path.Combine(Rendered.Deploy, "systemd", "policyrouter.service");

    [SkippableFact]
    public async Task Unit_IsValid()
    {
        Rendered.RequireOnPath("systemd-analyze");
        var folder = Directory.CreateTempSubdirectory("policyrouter-unit-");
        try
        {
            // The program is not installed here, and its account does not exist: everything else is checked as it is.
            var copy = Path.Combine(folder.FullName, Path.GetFileName(Unit));
            var lines = (await File.ReadAllLinesAsync(Unit))
                .Select(static line => line.StartsWith("ExecStart=", StringComparison.Ordinal) ? "ExecStart=/bin/true" : line)
                .Where(static line => !line.StartsWith("User=", StringComparison.Ordinal) && !line.StartsWith("Group=", StringComparison.Ordinal));
            await File.WriteAllLinesAsync(copy, lines);

            var (_, output, error) = await Rendered.RunAsync("systemd-analyze", ["verify", "--man=no", "--recursive-errors=no", copy], "");

            Assert.DoesNotContain("policyrouter.service", output + error, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [SkippableFact]
    public async Task Unit_IsLockedDown()
    {
        Rendered.RequireOnPath("systemd-analyze");

        var (code, output, error) = await Rendered.RunAsync("systemd-analyze", ["security", "--offline=true", $"--threshold={HighestExposure}", Unit], "");

        Assert.True(code == 0, output + error);
    }

    [Fact]
    public void Unit_LeavesNoDumps_AndLetsNobodyLookInside()
    {
        var lines = File.ReadAllLines(Unit);

        Assert.Contains("Environment=DOTNET_EnableDiagnostics=0", lines);
        Assert.Contains("LimitCORE=0", lines);
        Assert.DoesNotContain(lines, static line => line.Contains("DbgEnableMiniDump", StringComparison.Ordinal));
    }

    [Fact]
    public void Unit_GivesMoreTimeToStop_ThanTheGatewayTakes()
    {
        var seconds = File.ReadLines(Unit).Single(static line => line.StartsWith("TimeoutStopSec=", StringComparison.Ordinal)).Split('=')[1];

        // The defaults of Limits:DrainSeconds and Limits:ShutdownSeconds.
        Assert.True(int.Parse(seconds, System.Globalization.CultureInfo.InvariantCulture) > 10 + 330);
    }
}
