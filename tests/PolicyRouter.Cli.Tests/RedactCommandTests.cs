using System.CommandLine;
using System.Text;
using System.Text.Json;
using PolicyRouter.Redaction;

namespace PolicyRouter.Cli.Tests;

public sealed class RedactCommandTests
{
    [Fact]
    public async Task Line_GivesRedactedTextAndSpansInCodePoints()
    {
        (int exit, string output, _) = await RunAsync("{\"id\":7,\"text\":\"😀 mail ann@example.org\"}\n\n{\"id\":\"b\",\"text\":\"nothing\"}\n");

        Assert.Equal(0, exit);
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Equal(2, lines.Length);
        using JsonDocument first = JsonDocument.Parse(lines[0]);
        Assert.Equal(7, first.RootElement.GetProperty("id").GetInt32());
        Assert.Matches("^😀 mail EMAIL_[A-Z0-9]{5}_1$", first.RootElement.GetProperty("redacted").GetString());
        JsonElement span = Assert.Single(first.RootElement.GetProperty("spans").EnumerateArray());
        Assert.Equal((7, 22, "Email"), (span.GetProperty("start").GetInt32(), span.GetProperty("end").GetInt32(), span.GetProperty("type").GetString()));
        Assert.InRange(span.GetProperty("score").GetDouble(), 0.9, 1.0);
        Assert.Equal("{\"id\":\"b\",\"redacted\":\"nothing\",\"spans\":[]}", lines[1]);
    }

    [Fact]
    public async Task Profile_LeavesWhatItDoesNotCover()
    {
        (int exit, string output, _) = await RunAsync("{\"id\":1,\"text\":\"ann@example.org 4111111111111111\"}", "pci-pan");
        Assert.Equal(0, exit);
        Assert.Contains("ann@example.org CARD_", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"id\":1,\"text\":\"ssn 123-45-6789\"")]
    [InlineData("[1]")]
    [InlineData("{\"id\":1}")]
    [InlineData("{\"text\":\"x\"}")]
    [InlineData("{\"id\":1,\"text\":5}")]
    [InlineData("{\"id\":1,\"text\":\"\\ud83d\"}")]
    public async Task UnreadableLine_EndsWithThree_AndIsNotQuoted(string line)
    {
        (int exit, string output, string error) = await RunAsync("{\"id\":0,\"text\":\"\"}\n" + line);
        Assert.Equal(3, exit);
        Assert.StartsWith("{\"id\":0", output, StringComparison.Ordinal);
        Assert.StartsWith("Line 2 ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("123-45-6789", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BytesThatAreNotUtf8_EndWithThree()
    {
        using MemoryStream input = new([0x7B, 0xFF, 0x7D]);
        using StringWriter error = new();
        Assert.True(RedactionProfile.TryGet("secrets", out RedactionProfile? profile));
        Assert.Equal(3, await RedactCommand.RunAsync(input, TextWriter.Null, error, profile, CancellationToken.None));
        Assert.Contains("UTF-8", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnknownProfile_IsWrongUsage()
    {
        using StringWriter error = new();
        InvocationConfiguration configuration = new() { Error = error };
        Assert.Equal(2, await RedactCommand.Create().Parse(["--profile", "everything"]).InvokeAsync(configuration));
        Assert.Contains("hipaa-direct-identifiers", error.ToString(), StringComparison.Ordinal);
    }

    private static async Task<(int Exit, string Output, string Error)> RunAsync(string input, string profile = "hipaa-safe-harbor-18")
    {
        Assert.True(RedactionProfile.TryGet(profile, out RedactionProfile? found));
        using MemoryStream stream = new(Encoding.UTF8.GetBytes(input));
        using StringWriter output = new();
        using StringWriter error = new();
        int exit = await RedactCommand.RunAsync(stream, output, error, found, CancellationToken.None);
        return (exit, output.ToString(), error.ToString());
    }
}
