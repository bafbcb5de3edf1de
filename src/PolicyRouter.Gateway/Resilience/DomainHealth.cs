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

/// <summary>What an attempt was let into a domain as.</summary>
/// <param name="Closings">How often the domain had been closed by then.</param>
internal readonly record struct DomainEntry(DomainTrial Trial, int Closings, int Start);

internal enum DomainTrial
{
    None,
    Regular,

    /// <summary>Of a request that has nowhere else to go.</summary>
    LastResort,
}

/// <summary>
/// The breaker of one failure domain. It opens when failures are correlated: half of the attempts at each of two members fail, or attempts at the door fail
/// in a surge; and no member has answered since. One trial closes it, and its members start slowly. Thread-safe.
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
    private bool _isOnLastResort;
    private int _closings;
    private int _breaks;
    private long _opened;
    private long _lastFailed;
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
                return _isClosed ? "closed" : _isOnTrial || _isOnLastResort ? "half-open" : "open";
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
                return _isClosed ? 0 : _lastFailed;
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
    /// <param name="entry">To be handed to <see cref="Leave"/>.</param>
    public bool TryEnter(bool isLastResort, out DomainEntry entry)
    {
        entry = default;
        if (!SlowStart.TryEnter(out var start))
        {
            return false;
        }

        lock (_gate)
        {
            entry = new DomainEntry(DomainTrial.None, _closings, start);
            if (_isClosed)
            {
                return true;
            }

            // A trial of one member may hang for long; it does not keep those from trying who have only another one.
            if (isLastResort && !_isOnLastResort && time.GetElapsedTime(_lastFailed) >= Breaks.BetweenTrials)
            {
                _isOnLastResort = true;
                entry = entry with { Trial = DomainTrial.LastResort };
            }
            else if (!isLastResort && !_isOnTrial && Wait <= TimeSpan.Zero)
            {
                _isOnTrial = true;
                entry = entry with { Trial = DomainTrial.Regular };
            }

            if (entry.Trial is not DomainTrial.None)
            {
                changed(name, "half-open");
                return true;
            }
        }

        SlowStart.Leave(start);
        return false;
    }

    public void Leave(DomainEntry entry, string deploymentId, DomainVerdict verdict)
    {
        SlowStart.Leave(entry.Start);
        lock (_gate)
        {
            if (entry.Closings != _closings)
            {
                // Sent before the outage that is over: its failure says nothing about now.
                Count(deploymentId, verdict is DomainVerdict.Answered ? verdict : DomainVerdict.None);
                return;
            }

            switch (entry.Trial)
            {
                case DomainTrial.Regular:
                    _isOnTrial = false;
                    EndTrial(verdict, isLastResort: false);
                    break;
                case DomainTrial.LastResort:
                    _isOnLastResort = false;
                    EndTrial(verdict, isLastResort: true);
                    break;
                default:
                    Count(deploymentId, verdict);
                    break;
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

    private void EndTrial(DomainVerdict verdict, bool isLastResort)
    {
        switch (verdict)
        {
            case DomainVerdict.Answered:
                _isClosed = true;
                _isOnTrial = _isOnLastResort = false;
                _closings++;
                _breaks = 0;
                _members.Clear();
                SlowStart.Begin();
                changed(name, "closed");
                break;
            case DomainVerdict.Failed or DomainVerdict.FailedAtTheDoor when isLastResort:
                // Before its time: those who have somewhere else to go wait neither longer nor shorter for it.
                _lastFailed = time.GetTimestamp();
                changed(name, "open");
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
        var since = long.MaxValue;
        foreach (var member in _members.Values)
        {
            answered += member.Answered.Total;
            atTheDoor += member.AtTheDoor.Total;
            if (member.IsFailing)
            {
                failing++;
                since = Math.Min(since, member.FailingSince);
            }
        }

        return (failing >= FailingMembers && !AnyAnsweredAfter(since)) || (atTheDoor >= Surge && answered == 0);
    }

    /// <summary>A member that is well while others fail: what they share with it is not what has failed.</summary>
    private bool AnyAnsweredAfter(long since)
    {
        foreach (var member in _members.Values)
        {
            if (!member.IsFailing && member.Answered.Total > 0 && member.LastAnswer > since)
            {
                return true;
            }
        }

        return false;
    }

    private void Open()
    {
        _isClosed = false;
        _opened = _lastFailed = time.GetTimestamp();
        _break = Breaks.LengthOf(_breaks++);
        SlowStart.Stop();
        changed(name, "open");
    }

    private sealed class Member(TimeProvider time)
    {
        public SlidingCount Answered { get; } = new(time, Breaks.Window);
        public SlidingCount Failed { get; } = new(time, Breaks.Window);
        public SlidingCount AtTheDoor { get; } = new(time, Breaks.Window);

        /// <summary>Half of its attempts fail, and more than one.</summary>
        public bool IsFailing => Failed.Total is var failures && failures >= FailuresOfAMember && failures >= Answered.Total;

        /// <summary>Timestamp of its first failure of late since it last answered; 0 when there was none.</summary>
        public long FailingSince { get; private set; }

        /// <summary>Timestamp of its last answer.</summary>
        public long LastAnswer { get; private set; }

        public void Count(DomainVerdict verdict)
        {
            if (verdict is DomainVerdict.Answered)
            {
                (LastAnswer, FailingSince) = (time.GetTimestamp(), 0);
                Answered.Add();
                return;
            }

            FailingSince = FailingSince == 0 || Failed.Total == 0 ? time.GetTimestamp() : FailingSince;
            Failed.Add();
            if (verdict is DomainVerdict.FailedAtTheDoor)
            {
                AtTheDoor.Add();
            }
        }
    }
}
