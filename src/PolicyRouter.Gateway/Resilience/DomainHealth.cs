namespace PolicyRouter.Gateway.Resilience;

/// <summary>What an attempt says about a failure domain of its target.</summary>
internal enum DomainVerdict
{
    /// <summary>Nothing: it was not sent, or its caller left, or what went wrong is ours.</summary>
    None,
    Answered,

    /// <summary>It failed in a way that members of a domain share.</summary>
    Failed,

    /// <summary>The same, and it concerns the provider as a whole: authentication refused, or no connection.</summary>
    FailedAtTheDoor,
}

/// <summary>
/// The breaker of one failure domain. It opens when failures are correlated: half of the attempts at each of two members fail, or attempts at the door fail
/// in a surge while no member answers. One trial closes it, and its members start slowly. Thread-safe.
/// </summary>
/// <param name="changed">Told of every new state: <c>open</c>, <c>half-open</c>, <c>closed</c>.</param>
internal sealed class DomainHealth(string name, TimeProvider time, Action<string, string> changed)
{
    private const int FailuresOfAMember = 2;
    private const int FailingMembers = 2;
    private const int Surge = 10;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Member> _members = new(StringComparer.Ordinal);
    private bool _isClosed = true;
    private bool _isOnTrial;
    private int _breaks;
    private long _opened;
    private TimeSpan _break;

    public string Name => name;

    public SlowStart SlowStart { get; } = new(time);

    /// <summary>True while attempts would be refused: open and not yet time for a trial, or a trial is under way.</summary>
    public bool IsOpen
    {
        get
        {
            lock (_gate)
            {
                return !_isClosed && (_isOnTrial || Wait > TimeSpan.Zero);
            }
        }
    }

    public string State
    {
        get
        {
            lock (_gate)
            {
                return _isClosed ? "closed" : _isOnTrial ? "half-open" : "open";
            }
        }
    }

    /// <summary>Timestamp of the last failure that opened it or kept it open; 0 while it is closed.</summary>
    public long LastFailure
    {
        get
        {
            lock (_gate)
            {
                return _isClosed ? 0 : _opened;
            }
        }
    }

    /// <summary>How long until a trial; zero when one may be made.</summary>
    public TimeSpan UntilTrial
    {
        get
        {
            lock (_gate)
            {
                return _isClosed || Wait < TimeSpan.Zero ? TimeSpan.Zero : Wait;
            }
        }
    }

    private TimeSpan Wait => _break - time.GetElapsedTime(_opened);

    /// <summary>Lets an attempt through, or not. After true comes <see cref="Leave"/>.</summary>
    /// <param name="isLastResort">Nobody else can be asked: a trial need only wait for <see cref="Breaks.BetweenTrials"/>.</param>
    public bool TryEnter(bool isLastResort, out bool isTrial)
    {
        isTrial = false;
        if (!SlowStart.TryEnter())
        {
            return false;
        }

        lock (_gate)
        {
            if (_isClosed)
            {
                return true;
            }

            if (!_isOnTrial && (Wait <= TimeSpan.Zero || (isLastResort && time.GetElapsedTime(_opened) >= Breaks.BetweenTrials)))
            {
                isTrial = _isOnTrial = true;
                changed(name, "half-open");
                return true;
            }
        }

        SlowStart.Leave();
        return false;
    }

    public void Leave(bool wasTrial, string deploymentId, DomainVerdict verdict)
    {
        SlowStart.Leave();
        lock (_gate)
        {
            if (wasTrial)
            {
                _isOnTrial = false;
                EndTrial(verdict);
            }
            else
            {
                Count(deploymentId, verdict);
            }
        }
    }

    /// <summary>Takes note of what came to light after the attempt: a stream that broke.</summary>
    public void Note(string deploymentId, DomainVerdict verdict)
    {
        lock (_gate)
        {
            Count(deploymentId, verdict);
        }
    }

    private void EndTrial(DomainVerdict verdict)
    {
        switch (verdict)
        {
            case DomainVerdict.Answered:
                _isClosed = true;
                _breaks = 0;
                _members.Clear();
                SlowStart.Begin();
                changed(name, "closed");
                break;
            case DomainVerdict.Failed or DomainVerdict.FailedAtTheDoor:
                Open();
                break;
            default:
                // It proved nothing: the next may try at once.
                changed(name, "open");
                break;
        }
    }

    private void Count(string deploymentId, DomainVerdict verdict)
    {
        if (verdict is DomainVerdict.None)
        {
            return;
        }

        if (!_members.TryGetValue(deploymentId, out var member))
        {
            _members[deploymentId] = member = new Member(time);
        }

        member.Count(verdict);
        if (_isClosed && verdict is not DomainVerdict.Answered && IsCorrelated())
        {
            Open();
        }
    }

    private bool IsCorrelated()
    {
        var failing = 0;
        long atTheDoor = 0;
        long answered = 0;
        foreach (var member in _members.Values)
        {
            var (answers, failures) = (member.Answered.Total, member.Failed.Total);
            failing += failures >= FailuresOfAMember && failures >= answers ? 1 : 0;
            atTheDoor += member.AtTheDoor.Total;
            answered += answers;
        }

        return failing >= FailingMembers || (atTheDoor >= Surge && answered == 0);
    }

    private void Open()
    {
        _isClosed = false;
        _opened = time.GetTimestamp();
        _break = Breaks.LengthOf(_breaks++);
        SlowStart.Stop();
        changed(name, "open");
    }

    private sealed class Member(TimeProvider time)
    {
        public SlidingCount Answered { get; } = new(time, Breaks.Window);
        public SlidingCount Failed { get; } = new(time, Breaks.Window);
        public SlidingCount AtTheDoor { get; } = new(time, Breaks.Window);

        public void Count(DomainVerdict verdict)
        {
            (verdict is DomainVerdict.Answered ? Answered : Failed).Add();
            if (verdict is DomainVerdict.FailedAtTheDoor)
            {
                AtTheDoor.Add();
            }
        }
    }
}
