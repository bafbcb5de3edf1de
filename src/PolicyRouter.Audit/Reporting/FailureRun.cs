namespace PolicyRouter.Audit.Reporting;

/// <summary>Failures of one deployment with one code that may become, or are, an incident.</summary>
internal sealed class FailureRun(string deployment, string code, DateTimeOffset began)
{
    private readonly FateCounts _affected = new();
    private readonly Tally _tookOver = new();
    private readonly Tally _answeredInstead = new();
    private readonly Tally _routes = new();
    private readonly Tally _classes = new();
    private readonly Tally _subjects = new();
    private readonly Tally _apps = new();
    private readonly Tally _lostClasses = new();
    private readonly Tally _lostSubjects = new();
    private DateTimeOffset? _answeredAgain;
    private long _answersMeanwhile;
    private long _answersSince;
    private long _keptAway;

    public string Deployment => deployment;
    public string Code => code;
    public DateTimeOffset Began => began;
    public DateTimeOffset LastFailure { get; private set; }
    public long Failures { get; private set; }
    public bool IsIncident => Failures >= Incident.MinFailures || _keptAway > 0;

    public void Failed(DateTimeOffset at)
    {
        Failures++;
        LastFailure = at;
        _answersMeanwhile += _answersSince;
        _answersSince = 0;
        _answeredAgain = null;
    }

    /// <summary>The deployment answered somebody.</summary>
    /// <returns>False when that ends the run before it became an incident.</returns>
    public bool Answered(DateTimeOffset at)
    {
        _answersSince++;
        _answeredAgain ??= at;
        return IsIncident;
    }

    public bool IsOverAt(DateTimeOffset at) => _answeredAgain is not null && at - LastFailure >= Incident.Quiet;

    public void Affects(EndedRequest request, string avoided, bool isKeptAway)
    {
        _affected.Add(request.Fate);
        _keptAway += isKeptAway ? 1 : 0;
        if (request.Fate == RequestFate.Answered && request.End.Deployment is { } answering && answering != avoided)
        {
            (isKeptAway ? _answeredInstead : _tookOver).Add(answering);
        }

        var decided = request.Decided;
        _routes.Add(decided.Route);
        _apps.Add(decided.App);
        Add(decided.FinalClasses, _classes);
        Add(decided.Subjects, _subjects);
        if (FateCounts.IsLost(request.Fate))
        {
            Add(decided.FinalClasses, _lostClasses);
            Add(decided.Subjects, _lostSubjects);
        }
    }

    public Incident ToIncident(DateTimeOffset periodEnd) => new()
    {
        Deployment = deployment,
        Code = code,
        Began = began,
        LastFailure = LastFailure,
        AnsweredAgain = _answeredAgain,
        IsOver = IsOverAt(periodEnd),
        Failures = Failures,
        AnswersMeanwhile = _answersMeanwhile,
        Affected = _affected,
        KeptAway = _keptAway,
        TookOver = _tookOver.Sorted(),
        AnsweredInstead = _answeredInstead.Sorted(),
        Routes = _routes.Sorted(),
        Classes = _classes.Sorted(),
        Subjects = _subjects.Sorted(),
        Apps = _apps.Sorted(),
        LostClasses = _lostClasses.Sorted(),
        LostSubjects = _lostSubjects.Sorted(),
    };

    private static void Add(IReadOnlyList<string> names, Tally tally)
    {
        foreach (var name in names.Distinct(StringComparer.Ordinal))
        {
            tally.Add(name);
        }
    }
}
