namespace PolicyRouter.Policies.Deciding;

/// <summary>
/// Proof that two people have switched off named overridable forbids for one caller, some classes and a few hours (45 CFR
/// 164.308(a)(7)(ii)(C), 164.312(a)(2)(ii)). Made by <see cref="PolicySnapshot.CheckBreakGlass"/> only. It creates no permit.
/// </summary>
public sealed record BreakGlass
{
    /// <summary>The longest a token may hold.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(4);

    internal BreakGlass(IReadOnlyList<string> rules, string caller, IReadOnlyList<string> classes, string ticket, DateTimeOffset expires, IReadOnlyList<string> signedBy)
    {
        Rules = rules;
        Caller = caller;
        Classes = classes;
        Ticket = ticket;
        Expires = expires;
        SignedBy = signedBy;
    }

    /// <summary>Ids of overridable forbids.</summary>
    public IReadOnlyList<string> Rules { get; }
    public string Caller { get; }

    /// <summary>It helps only requests whose final classes are all among these and what they "are also".</summary>
    public IReadOnlyList<string> Classes { get; }
    public string Ticket { get; }
    public DateTimeOffset Expires { get; }

    /// <summary>Two different people.</summary>
    public IReadOnlyList<string> SignedBy { get; }
}
