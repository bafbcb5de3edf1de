using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using PolicyRouter.Testing;

namespace PolicyRouter.Policies.Tests.Schemas;

/// <summary>
/// The YAML language server that editors run, as an editor talks to it: JSON-RPC with Content-Length headers (Language Server Protocol 3.17). It is
/// installed once per run from its lock file.
/// </summary>
internal sealed class LanguageServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly Lazy<Task<NodePackages>> Installed = new(static () =>
        NodePackages.InstallAsync(Path.Combine(Repository.Root, "tests", "PolicyRouter.Policies.Tests", "Schemas", "editor")));

    private readonly Process _process;
    private readonly Task _reading;
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonNode?>> _asked = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<JsonArray>> _diagnosed = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _writing = new(1);
    private int _last;

    private LanguageServer(Process process)
    {
        _process = process;
        _reading = Task.Run(ReadAsync);
    }

    /// <summary>What this machine lacks to run it; null when nothing.</summary>
    public static async Task<string?> MissingAsync() => (await Installed.Value).Missing;

    public static async Task<LanguageServer> StartAsync()
    {
        ProcessStartInfo start = new("node")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Path.Combine((await Installed.Value).Modules, "yaml-language-server", "bin", "yaml-language-server"));
        start.ArgumentList.Add("--stdio");
        var process = Process.Start(start)!;
        _ = process.StandardError.ReadToEndAsync();
        LanguageServer server = new(process);
        await server.AskAsync("initialize", new JsonObject
        {
            ["processId"] = Environment.ProcessId,
            ["rootUri"] = null,
            ["capabilities"] = new JsonObject { ["textDocument"] = new JsonObject { ["hover"] = new JsonObject(), ["completion"] = new JsonObject() } },
        });
        await server.TellAsync("initialized", []);
        await server.TellAsync("workspace/didChangeConfiguration", new JsonObject
        {
            ["settings"] = new JsonObject
            {
                ["yaml"] = new JsonObject
                {
                    ["validate"] = true,
                    ["completion"] = true,
                    ["hover"] = true,
                    // Nothing is fetched: the schemas lie beside the files.
                    ["schemaStore"] = new JsonObject { ["enable"] = false },
                    ["kubernetesCRDStore"] = new JsonObject { ["enable"] = false },
                },
            },
        });
        return server;
    }

    /// <summary>Opens a file with this text, saved or not, and waits for what is underlined in it.</summary>
    public async Task<JsonArray> OpenAsync(string path, string text)
    {
        var diagnosed = _diagnosed.GetOrAdd(UriOf(path), static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
        await TellAsync("textDocument/didOpen", new JsonObject
        {
            ["textDocument"] = new JsonObject { ["uri"] = UriOf(path), ["languageId"] = "yaml", ["version"] = 1, ["text"] = text },
        });
        return await diagnosed.Task.WaitAsync(Patience);
    }

    /// <summary>What is offered at a place, as labels.</summary>
    public async Task<IReadOnlyList<string>> CompleteAsync(string path, int line, int column)
    {
        var answer = await AskAsync("textDocument/completion", At(path, line, column));
        var items = answer is JsonObject list ? list["items"] : answer;
        return [.. items!.AsArray().Select(static item => (string)item!["label"]!)];
    }

    /// <summary>What is told about a place.</summary>
    public async Task<string> HoverAsync(string path, int line, int column) => (await AskAsync("textDocument/hover", At(path, line, column)))?.ToJsonString() ?? "";

    public async ValueTask DisposeAsync()
    {
        await AskAsync("shutdown", []);
        await TellAsync("exit", []);
        await _process.WaitForExitAsync();
        await _reading;
        _process.Dispose();
        _writing.Dispose();
    }

    private static JsonObject At(string path, int line, int column) => new()
    {
        ["textDocument"] = new JsonObject { ["uri"] = UriOf(path) },
        ["position"] = new JsonObject { ["line"] = line, ["character"] = column },
    };

    private static string UriOf(string path) => new Uri(path).AbsoluteUri;

    private Task TellAsync(string method, JsonObject parameters) => WriteAsync(new() { ["jsonrpc"] = "2.0", ["method"] = method, ["params"] = parameters });

    private async Task<JsonNode?> AskAsync(string method, JsonObject parameters)
    {
        var id = Interlocked.Increment(ref _last);
        var answer = _asked.GetOrAdd(id, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
        await WriteAsync(new() { ["jsonrpc"] = "2.0", ["id"] = id, ["method"] = method, ["params"] = parameters });
        return await answer.Task.WaitAsync(Patience);
    }

    private async Task WriteAsync(JsonObject message)
    {
        var body = Encoding.UTF8.GetBytes(message.ToJsonString());
        await _writing.WaitAsync();
        try
        {
            var stream = _process.StandardInput.BaseStream;
            await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n\r\n")));
            await stream.WriteAsync(body);
            await stream.FlushAsync();
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task ReadAsync()
    {
        var stream = _process.StandardOutput.BaseStream;
        while (await ReadHeaderAsync(stream) is { } length)
        {
            var body = new byte[length];
            await stream.ReadExactlyAsync(body);
            await HandleAsync(JsonNode.Parse(body)!.AsObject());
        }
    }

    private async Task HandleAsync(JsonObject message)
    {
        if (message["method"] is { } method && message["id"] is { } id)
        {
            // The server asks its client: there is nothing to say, which is an answer too.
            JsonNode? nothing = (string)method! == "workspace/configuration" ? new JsonArray([.. message["params"]!["items"]!.AsArray().Select(static _ => (JsonNode?)null)]) : null;
            await WriteAsync(new() { ["jsonrpc"] = "2.0", ["id"] = id.DeepClone(), ["result"] = nothing });
        }
        else if ((string?)message["method"] == "textDocument/publishDiagnostics")
        {
            var parameters = message["params"]!;
            _diagnosed.GetOrAdd((string)parameters["uri"]!, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously))
                .TrySetResult(parameters["diagnostics"]!.AsArray());
        }
        else if (message["id"] is JsonValue answered && _asked.TryRemove((int)answered, out var asked))
        {
            asked.TrySetResult(message["result"]?.DeepClone());
        }
    }

    private static async Task<int?> ReadHeaderAsync(Stream stream)
    {
        List<byte> header = [];
        var one = new byte[1];
        while (!(header.Count >= 4 && header[^4..] is [(byte)'\r', (byte)'\n', (byte)'\r', (byte)'\n']))
        {
            if (await stream.ReadAsync(one) == 0)
            {
                return null;
            }

            header.Add(one[0]);
        }

        var line = Encoding.ASCII.GetString([.. header]).Split("\r\n").Single(static line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        return int.Parse(line.AsSpan("Content-Length:".Length), CultureInfo.InvariantCulture);
    }
}
