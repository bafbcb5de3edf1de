using PolicyRouter.Cli.Policy;
using PolicyRouter.Testing;

namespace PolicyRouter.Cli.Tests;

/// <summary>What <c>policy replay</c> does without a log; with one: the end-to-end tests.</summary>
public class PolicyReplayCommandTests
{
    [Fact]
    public async Task DatabaseThatCannotBeReached_IsAnUnavailableService_AndItsPasswordIsNotRepeated()
    {
        var (code, error) = await RunAsync(Path.Combine(Repository.Root, "policies"), "--database", "Host=127.0.0.1;Port=1;Username=nobody;Password=hunter2");

        Assert.Equal(ExitCodes.ServiceUnavailable, code);
        Assert.DoesNotContain("hunter2", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ADatabaseWithoutALog_IsAnUnavailableService()
    {
        var (code, error) = await RunAsync(Path.Combine(Repository.Root, "policies"), "--database", await PostgresFixture.CreateDatabaseAsync());

        Assert.Equal(ExitCodes.ServiceUnavailable, code);
        Assert.Contains("holds no audit log", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFolderThatDoesNotLoad_IsReportedBeforeAnythingIsAsked()
    {
        var folder = TestFolder.Create("replay");
        await File.WriteAllTextAsync(Path.Combine(folder, "registry.yaml"), "format: nonsense\n");

        var (code, error) = await RunAsync(folder, "--database", "Host=127.0.0.1;Port=1;Username=nobody");
        Directory.Delete(folder, recursive: true);

        Assert.Equal(ExitCodes.InputNotLoaded, code);
        Assert.Contains("registry.yaml:1:", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("90")]
    [InlineData("d")]
    [InlineData("-1d")]
    [InlineData("9999999d")]
    [InlineData("ninety days")]
    public void ASpanThatIsNone_IsWrongUsage(string span) => Assert.NotEmpty(PolicyReplayCommand.Create().Parse(["policies", "--since", span]).Errors);

    private static async Task<(int Code, string Error)> RunAsync(params string[] arguments)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        var code = await PolicyReplayCommand.Create().Parse(arguments).InvokeAsync(new() { Output = output, Error = error });
        return (code, error.ToString());
    }
}
