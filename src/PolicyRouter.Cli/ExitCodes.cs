namespace PolicyRouter.Cli;

/// <summary>What every verb ends with.</summary>
internal static class ExitCodes
{
    /// <summary>Done and good.</summary>
    public const int Good = 0;

    /// <summary>Done, and the answer is no: a case failed, a promise was broken.</summary>
    public const int AnswerIsNo = 1;
    public const int WrongUsage = 2;

    /// <summary>The input could not be loaded.</summary>
    public const int InputNotLoaded = 3;

    /// <summary>A needed service is unavailable.</summary>
    public const int ServiceUnavailable = 4;

    /// <summary>The configuration is invalid (EX_CONFIG of sysexits.h).</summary>
    public const int ConfigurationInvalid = 78;
}
