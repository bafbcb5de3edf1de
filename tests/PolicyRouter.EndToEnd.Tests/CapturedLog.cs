using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace PolicyRouter.EndToEnd.Tests;

/// <summary>Everything that anything in the gateway logs, at every level, whatever the filters say.</summary>
internal sealed class CapturedLog : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _awaited = new(StringComparer.Ordinal);

    public string Text => string.Join('\n', _lines);

    /// <summary>Returns when a line holds this text, now or later.</summary>
    /// <exception cref="TimeoutException">None does, for a minute.</exception>
    public Task LineWithAsync(string text)
    {
        var seen = _awaited.GetOrAdd(text, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
        if (_lines.Any(line => line.Contains(text, StringComparison.Ordinal)))
        {
            seen.TrySetResult();
        }

        return seen.Task.WaitAsync(TimeSpan.FromMinutes(1));
    }

    public void AddTo(IServiceCollection services)
    {
        services.AddSingleton<ILoggerProvider>(this);
        services.Configure<LoggerFilterOptions>(static filters =>
        {
            filters.MinLevel = LogLevel.Trace;
            filters.Rules.Clear();
        });
    }

    public ILogger CreateLogger(string categoryName) => new Sink(categoryName, this);

    public void Dispose()
    {
    }

    private void Add(string line)
    {
        _lines.Enqueue(line);
        foreach (var (text, seen) in _awaited)
        {
            if (line.Contains(text, StringComparison.Ordinal))
            {
                seen.TrySetResult();
            }
        }
    }

    private sealed class Sink(string category, CapturedLog log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull
        {
            log.Add($"{category} scope {state}");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var values = state is IEnumerable<KeyValuePair<string, object?>> pairs ? string.Join(' ', pairs) : "";
            log.Add($"{category} {logLevel} {formatter(state, exception)} {values} {exception}");
        }
    }
}
