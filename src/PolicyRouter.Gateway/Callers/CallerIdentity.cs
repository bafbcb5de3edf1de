using System.Security.Claims;

namespace PolicyRouter.Gateway.Callers;

/// <summary>An identity without a claim list: the claims were read once, into a <see cref="Callers.Caller"/>.</summary>
internal sealed class CallerIdentity(Caller caller) : ClaimsIdentity("Bearer")
{
    public Caller Caller { get; } = caller;
}
