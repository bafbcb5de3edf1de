using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Deciding;

/// <summary>The facts of one request as bits. A fact that is missing has the bit of the unknown word.</summary>
internal readonly record struct RequestBits(
    ulong Classes, ulong Subjects, ulong Purpose, ulong Features, ulong BusinessUnit, ulong Approvals);

/// <summary>One request condition, compiled: true when the request has any of these bits.</summary>
internal readonly record struct RequestTest(RequestFact Fact, ulong Mask)
{
    public bool Holds(in RequestBits request) => Mask != 0 && (Mask & Fact switch
    {
        RequestFact.Classes => request.Classes,
        RequestFact.Subjects => request.Subjects,
        RequestFact.Purpose => request.Purpose,
        RequestFact.Features => request.Features,
        RequestFact.BusinessUnit => request.BusinessUnit,
        _ => request.Approvals,
    }) != 0;
}
