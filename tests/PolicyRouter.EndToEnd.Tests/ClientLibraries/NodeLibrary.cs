using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PolicyRouter.Testing;

namespace PolicyRouter.EndToEnd.Tests.ClientLibraries;

/// <summary>
/// A client library of npm, driven by its script in <c>clients/</c>: one process for all tests of a class, which reads what to do and writes what came of
/// it, one JSON object a line.
/// </summary>
public abstract class NodeLibrary(string script) : ClientLibrary
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly Lazy<Task<NodePackages>> Installed = new(static () =>
        NodePackages.InstallAsync(Path.Combine(Repository.Root, "tests", "PolicyRouter.EndToEnd.Tests", "clients")));

    private Process? _process;
    private Task<string>? _errors;
    private int _last;

    internal override async Task<Outcome> RunAsync(Ask ask)
    {
        var id = ++_last;
        var line = JsonSerializer.SerializeToNode(ask, JsonSerializerOptions.Web)!;
        line["id"] = id;
        await _process!.StandardInput.WriteLineAsync(line.ToJsonString());
        await _process.StandardInput.FlushAsync();
        using CancellationTokenSource patience = new(Patience);
        var answer = await _process.StandardOutput.ReadLineAsync(patience.Token);
        if (answer is null)
        {
            throw new InvalidOperationException($"{script} ended: {await _errors!}");
        }

        var outcome = JsonNode.Parse(answer)!;
        Assert.True((int)outcome["id"]! == id, string.Create(CultureInfo.InvariantCulture, $"{script} was asked {id} and answers: {answer}"));
        return outcome.Deserialize<Outcome>(JsonSerializerOptions.Web)!;
    }

    protected override async Task OpenAsync()
    {
        var packages = await Installed.Value;
        Missing = packages.Missing;
        if (Missing is not null)
        {
            return;
        }

        _process = Process.Start(new ProcessStartInfo("node", [Path.Combine(packages.Scripts, script)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            StandardOutputEncoding = Encoding.UTF8,
        })!;
        _errors = _process.StandardError.ReadToEndAsync();
    }

    protected override async Task CloseAsync()
    {
        if (_process is not null)
        {
            // It may still be at what a failed test asked of it.
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }
    }
}
