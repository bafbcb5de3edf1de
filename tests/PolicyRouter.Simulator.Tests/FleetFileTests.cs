using System.Net.Sockets;
using PolicyRouter.Simulator.Faults;

namespace PolicyRouter.Simulator.Tests;

public sealed class FleetFileTests
{
    [Fact]
    public void TheExampleInTheHelp_IsAFleet()
    {
        var start = FleetFile.Description.IndexOf('{', StringComparison.Ordinal);
        var end = FleetFile.Description.LastIndexOf('}');
        var profiles = FleetFile.Parse(FleetFile.Description[start..(end + 1)]);

        Assert.Equal([ProviderWire.AzureOpenAi, ProviderWire.Anthropic, ProviderWire.OpenAi], profiles.Select(profile => profile.Wire));
        Assert.Equal("simulated-key-for-azure-eastus", profiles[0].Credential);
        Assert.Equal("eastus", profiles[0].Region);
        Assert.Equal(9102, profiles[1].Port);
        Assert.Equal(Fault.Overloaded, profiles[1].Behaviour);
        Assert.Null(profiles[2].Credential);
    }

    [Fact]
    public void EveryWire_HasItsName_InTheHelpAndInTheRefusalOfOthers()
    {
        var refusal = Assert.Throws<FormatException>(
            () => FleetFile.Parse("""{"providers":[{"name":"a","wire":"telex","model":"m"}]}""")).Message;
        foreach (var wire in Enum.GetValues<ProviderWire>())
        {
            var name = FleetFile.NameOf(wire);
            var profile = Assert.Single(FleetFile.Parse($$"""{"providers":[{"name":"a","wire":"{{name}}","model":"m"}]}"""));
            Assert.Equal(wire, profile.Wire);
            Assert.Contains(name, FleetFile.Description, StringComparison.Ordinal);
            Assert.Contains(name, refusal, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("{")]
    [InlineData("""{"providers":[]}""")]
    [InlineData("""{"providers":[{"name":"a","wire":"telex","model":"m"}]}""")]
    [InlineData("""{"providers":[{"name":"a","wire":"openai"}]}""")]
    [InlineData("""{"providers":[{"name":"a","wire":"openai","model":"m","colour":"red"}]}""")]
    [InlineData("""{"providers":[{"name":"a","wire":"openai","model":"m","model":"n"}]}""")]
    [InlineData("""{"providers":[{"name":"a","wire":"openai","model":"m","port":70000}]}""")]
    [InlineData("""{"providers":[{"name":"a","wire":"openai","model":"m","credential":7}]}""")]
    [InlineData("""{"providers":[{"name":"a","wire":"openai","model":"m","behaves":"badly"}]}""")]
    public void AnythingElse_IsRefusedWithAReason(string json) =>
        Assert.NotEmpty(Assert.Throws<FormatException>(() => FleetFile.Parse(json)).Message);

    [Fact]
    public void EveryBehaviour_HasItsText()
    {
        Dictionary<string, Fault> expected = new()
        {
            ["healthy"] = Fault.None,
            ["503"] = Fault.Unavailable,
            ["429 retry-after 2s"] = Fault.RateLimited(TimeSpan.FromSeconds(2)),
            ["hang"] = Fault.Hang,
            ["slow-first-token 250ms"] = Fault.SlowFirstToken(TimeSpan.FromMilliseconds(250)),
            ["slow-tokens 1s"] = Fault.SlowTokens(TimeSpan.FromSeconds(1)),
            ["stall after 0"] = Fault.Stall(0),
            ["cut after 3"] = Fault.Cut(3),
            ["reset after 3"] = Fault.Reset(3),
            ["malformed after 1"] = Fault.Malformed(1),
            ["error-event after 2"] = Fault.ErrorEvent(2),
            ["error-event after 2 as 429"] = Fault.ErrorEvent(2, status: 429),
            ["no-terminator"] = Fault.NoTerminator,
            ["crowded 20"] = Fault.Crowded(20),
            ["wrong-model mini"] = Fault.WrongModel("mini"),
            ["redirect http://127.0.0.1:1/x"] = Fault.Redirect(new Uri("http://127.0.0.1:1/x")),
            ["oversize 100"] = Fault.OversizeAnswer(100),
            ["empty"] = Fault.EmptyAnswer,
        };

        foreach (var (text, fault) in expected)
        {
            Assert.True(FaultText.TryParse(text, out var parsed), text);
            Assert.Equal(fault, parsed);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("200")]
    [InlineData("cut")]
    [InlineData("cut after -1")]
    [InlineData("error-event after 2 as 200")]
    [InlineData("slow-tokens 5")]
    [InlineData("redirect nowhere")]
    public void OtherTexts_AreNoBehaviour(string text) => Assert.False(FaultText.TryParse(text, out _));

    [Fact]
    public async Task TwinsAndTakenPorts_StopAFleetFromStarting()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => SimulatedFleet.StartAsync([FleetOf.OpenAi, FleetOf.OpenAi]));

        await using var fleet = await SimulatedFleet.StartAsync([FleetOf.OpenAi]);
        await Assert.ThrowsAsync<IOException>(
            () => SimulatedFleet.StartAsync([FleetOf.OpenAi with { Port = fleet.Providers[0].BaseUrl.Port }]));
    }

    [Fact]
    public async Task ADisposedFleet_ListensNoMore()
    {
        var fleet = await SimulatedFleet.StartAsync([FleetOf.OpenAi]);
        var port = fleet.Providers[0].BaseUrl.Port;
        await fleet.DisposeAsync();

        using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        await Assert.ThrowsAsync<SocketException>(() => socket.ConnectAsync("127.0.0.1", port));
    }
}
