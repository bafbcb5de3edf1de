using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using PolicyRouter.Audit.Events;
using PolicyRouter.Audit.Storage;
using PolicyRouter.Audit.Tests;
using PolicyRouter.Benchmarks.Proxying;
using PolicyRouter.Gateway.Pipeline;
using PolicyRouter.Gateway.Tests;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Redaction.Replacement;

namespace PolicyRouter.Benchmarks.Parts;

/// <summary>The steps of a request by themselves, each with the one before it done: read, classify, decide, redact, the bytes of the record, restore.</summary>
/// <remarks>The commit that makes a record durable is measured by <c>appending</c>; the network, authentication and the server by the comparison with proxies.</remarks>
public class RequestParts : IDisposable
{
    private static readonly RedactionSetup Setup = RedactionSetup.Of(ShippedPolicies.Snapshot);
    private static readonly PromptRedactor Redactor = new(new PromptHasher("1", new byte[32]));

    private readonly PolicyRequest _asked = new()
    {
        Day = ShippedPolicies.Day, FloorClasses = ["phi"], DetectedClasses = ["pii"], Subjects = ["us"], Purpose = "treatment", Features = ["chat"], Route = BenchStage.Route,
    };

    private readonly AuditEvent _record = Sample.Permit();
    private PlaceholderTable _placeholders = new();
    private byte[] _body = [];
    private byte[] _answer = [];
    private PromptDocument? _document;
    private ScannedPrompt? _prompt;
    private PermittedDeployment? _target;

    /// <summary>Size of the body.</summary>
    [Params(1_024, 4_096, 32_768)]
    public int Bytes { get; set; }

    /// <summary>True when its text begins with four identifiers.</summary>
    [Params(false, true)]
    public bool Identifiers { get; set; }

    public static void Run(string[] options) => BenchmarkSwitcher.FromTypes([typeof(RequestParts)]).Run(
        options.Length == 0 ? ["--filter", "*"] : options,
        DefaultConfig.Instance.AddJob(Job.ShortRun.WithToolchain(new InProcessEmitToolchain(TimeSpan.FromMinutes(10), logOutput: true))).AddDiagnoser(MemoryDiagnoser.Default)
            .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "policyrouter-parts")));

    [GlobalSetup]
    public void Prepare()
    {
        _body = Bodies.Chat(BenchStage.Route, Bytes, stream: false, Identifiers);
        _document = ((PromptReadResult.Ok)PromptDocument.Read(_body, CallerApi.ChatCompletions)).Document;
        _prompt = ScannedPrompt.Scan(_document, Setup);
        _target = ShippedPolicies.Snapshot.Decide(_asked).Permitted[0];
        _placeholders = new PlaceholderTable();
        var redacted = Redactor.Redact(Guid.Empty, _prompt, _target, _placeholders);
        using var sent = System.Text.Json.JsonDocument.Parse(redacted.Body);
        _answer = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new
        {
            id = "chatcmpl-1",
            choices = new[] { new { index = 0, message = new { role = "assistant", content = sent.RootElement.GetProperty("messages")[0].GetProperty("content").GetString() } } },
        });
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _placeholders.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public object Read() => PromptDocument.Read(_body, CallerApi.ChatCompletions);

    [Benchmark]
    public object Classify() => ScannedPrompt.Scan(_document!, Setup);

    [Benchmark]
    public object Decide() => ShippedPolicies.Snapshot.Decide(_asked);

    [Benchmark]
    public object Redact()
    {
        using PlaceholderTable placeholders = new();
        return Redactor.Redact(Guid.Empty, _prompt!, _target!, placeholders);
    }

    [Benchmark]
    public object Record() => PreparedEvent.From(_record);

    [Benchmark]
    public ReadOnlyMemory<byte> Restore() => CallerApi.ChatCompletions.Restore(_answer, _placeholders);
}
