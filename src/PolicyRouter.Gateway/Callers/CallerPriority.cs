namespace PolicyRouter.Gateway.Callers;

/// <summary>Who is refused first when the gateway is full.</summary>
public enum CallerPriority
{
    /// <summary>May fill half of the gateway: batch work.</summary>
    Low,

    /// <summary>May fill nine tenths of it. What a token without <c>priority</c> has.</summary>
    Normal,

    /// <summary>May fill all of it: people at a bedside.</summary>
    High,
}
