using Microsoft.Extensions.Logging;
using Npgsql;

namespace PolicyRouter.Audit.Projecting;

/// <summary>
/// What Marten's daemon says, from warnings up and each at most once in five minutes: while a database is away it would say the same every second. Only the constant part of a message
/// is passed on, and the kind of an exception; never values.
/// </summary>
internal sealed class BoundedLogger(ILogger inner, TimeProvider time) : ILogger
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Message, string? Kind), (long At, int Held)> _said = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning && inner.IsEnabled(logLevel);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        var message = state is IReadOnlyList<KeyValuePair<string, object?>> { Count: > 0 } parts && parts[^1].Value is string constant ? constant : typeof(TState).Name;
        var root = exception?.GetBaseException();
        var kind = root?.GetType().Name;
        int held;
        lock (_gate)
        {
            if (_said.TryGetValue((message, kind), out var last) && time.GetElapsedTime(last.At) < Pause)
            {
                _said[(message, kind)] = last with { Held = last.Held + 1 };
                return;
            }

            held = last.Held;
            _said[(message, kind)] = (time.GetTimestamp(), 0);
        }

        inner.DaemonSays(message, kind ?? "-", (root as PostgresException)?.SqlState ?? "-", held);
    }
}
