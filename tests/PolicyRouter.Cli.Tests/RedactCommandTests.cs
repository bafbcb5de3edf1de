using System.CommandLine;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using PolicyRouter.Redaction;
using PolicyRouter.Testing;

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
        Assert.Equal(3, await RedactCommand.RunAsync(input, TextWriter.Null, error, new LineRedactor(new SensitiveTextScanner(), profile), CancellationToken.None));
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

    [Fact]
    public async Task TheProfilesAndTextsOfAPolicyFolder_AreUsed_AndAFileIsReadInItsOrder()
    {
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllLinesAsync(file, Enumerable.Range(0, 2_000).Select(static i => $"{{\"id\":{i},\"text\":\"card 4111 1111 1111 1111 of Project Nightingale {i}\"}}"));
            using StringWriter output = new();
            InvocationConfiguration configuration = new() { Output = output, Error = TextWriter.Null };
            string policies = Path.Combine(Repository.Root, "policies");

            Assert.Equal(0, await RedactCommand.Create().Parse([file, "--profile", "card-masked", "--policies", policies]).InvokeAsync(configuration));

            string[] lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            Assert.Equal(2_000, lines.Length);
            Assert.All(lines, static (line, i) => Assert.StartsWith($"{{\"id\":{i},\"redacted\":\"card 4111 11** **** 1111 of Project Nightingale {i}\"", line, StringComparison.Ordinal));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task WhoSendsOneLineAndWaits_GetsItsAnswer()
    {
        Pipe lines = new();
        Pipe answers = new();
        await using StreamWriter output = new(answers.Writer.AsStream());
        using StreamReader reader = new(answers.Reader.AsStream());
        Assert.True(RedactionProfile.TryGet("secrets", out RedactionProfile? profile));
        Task<int> running = RedactCommand.RunAsync(lines.Reader.AsStream(), output, TextWriter.Null, new LineRedactor(new SensitiveTextScanner(), profile), CancellationToken.None);
        for (int i = 0; i < 3; i++)
        {
            await lines.Writer.WriteAsync(Encoding.UTF8.GetBytes($"{{\"id\":{i},\"text\":\"x\"}}\n"));
            Assert.StartsWith($"{{\"id\":{i},", await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30)), StringComparison.Ordinal);
        }

        await lines.Writer.CompleteAsync();
        Assert.Equal(0, await running);
    }

    [Fact]
    public async Task AFileThatIsNotThere_CannotBeLoaded() =>
        Assert.Equal(3, await RedactCommand.Create().Parse(["nowhere.jsonl"]).InvokeAsync(new() { Error = TextWriter.Null }));

    private static async Task<(int Exit, string Output, string Error)> RunAsync(string input, string profile = "hipaa-safe-harbor-18")
    {
        Assert.True(RedactionProfile.TryGet(profile, out RedactionProfile? found));
        using MemoryStream stream = new(Encoding.UTF8.GetBytes(input));
        using StringWriter output = new();
        using StringWriter error = new();
        int exit = await RedactCommand.RunAsync(stream, output, error, new LineRedactor(new SensitiveTextScanner(), found), CancellationToken.None);
        return (exit, output.ToString(), error.ToString());
    }
}
