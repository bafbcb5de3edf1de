using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Policies.Deciding;

/// <summary>
/// Proof that one decision permits one deployment. Only <see cref="PolicySnapshot.Decide"/> makes one, and nothing is sent
/// anywhere without one.
/// </summary>
public sealed class PermittedDeployment
{
    internal PermittedDeployment(Deployment deployment, Endpoint? endpoint, Duties duties, string policyVersion, DateOnly day, int preference)
    {
        Deployment = deployment;
        Endpoint = endpoint;
        Duties = duties;
        PolicyVersion = policyVersion;
        Day = day;
        Preference = preference;
    }

    public Deployment Deployment { get; }

    /// <summary>Where it is; null when <c>endpoints.yaml</c> does not say, in which case it cannot be sent to.</summary>
    public Endpoint? Endpoint { get; }

    /// <summary>What must be done before, or recorded about, a send to this deployment.</summary>
    public Duties Duties { get; }

    /// <summary>Hash of the snapshot that decided (<c>sha256:...</c>).</summary>
    public string PolicyVersion { get; }

    /// <summary>The legal day the decision holds for. On another day the engine must be asked again.</summary>
    public DateOnly Day { get; }

    /// <summary>How many <c>prefer</c> rules speak for it; orders permitted deployments and never permits one.</summary>
    public int Preference { get; }
}
