using Microsoft.Extensions.Logging;

namespace PolicyRouter.Audit.Tests.Faults;

/// <summary>Tells when something is logged: a test need not look again and again.</summary>
internal sealed class LoggedSignal : ILoggerProvider, ILogger
{
    public const int Writable = 5104;
    public const int NotUsable = 5105;

    private readonly Lock _gate = new();
    private readonly List<(int Event, TaskCompletionSource Logged)> _waits = [];

    public Task WaitFor(int eventId)
    {
        TaskCompletionSource logged = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _waits.Add((eventId, logged));
        }

        return logged.Task;
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_gate)
        {
            foreach (var (_, logged) in _waits.Where(wait => wait.Event == eventId.Id))
            {
                logged.TrySetResult();
            }
        }
    }

    public void Dispose()
    {
    }
}
