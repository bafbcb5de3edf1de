using PolicyRouter.Simulator.Answers;

namespace PolicyRouter.Simulator.Faults;

/// <summary>Which fault the next request meets: first the script, then what is chosen for it, or the standing behaviour. Thread-safe.</summary>
internal sealed class FaultSchedule(Fault standing, ulong seed)
{
    private readonly Lock _lock = new();
    private readonly Queue<Fault> _script = new();
    private Dice _dice = new(seed);
    private Fault _standing = standing;
    private double _share = 1;
    private Func<ReadOnlyMemory<byte>, Fault>? _choose;

    public void Behave(Fault fault, double share)
    {
        lock (_lock)
        {
            _standing = fault;
            _share = share;
            _choose = null;
            _script.Clear();
        }
    }

    public void BehaveBy(Func<ReadOnlyMemory<byte>, Fault> choose)
    {
        lock (_lock)
        {
            _choose = choose;
            _script.Clear();
        }
    }

    public void Next(ReadOnlySpan<Fault> faults)
    {
        lock (_lock)
        {
            foreach (var fault in faults)
            {
                _script.Enqueue(fault);
            }
        }
    }

    public Fault Take(ReadOnlyMemory<byte> body)
    {
        Func<ReadOnlyMemory<byte>, Fault> choose;
        lock (_lock)
        {
            if (_script.TryDequeue(out var scripted))
            {
                return scripted;
            }

            if (_choose is null)
            {
                return _share >= 1 || _dice.NextShare() < _share ? _standing : Fault.None;
            }

            choose = _choose;
        }

        return choose(body);
    }
}
