using System.Security.Cryptography;
using PolicyRouter.Policies.Authorizing;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Tests.Packs;
using PolicyRouter.Policies.Tests.Points;

namespace PolicyRouter.Policies.Tests.Authorizing;

/// <summary>The example pack with three people who may sign, and their keys.</summary>
internal sealed class Signers : IDisposable
{
    /// <summary>Noon of the example's day in the legal time zone.</summary>
    public static readonly DateTimeOffset Now = new(2026, 11, 2, 17, 0, 0, TimeSpan.Zero);
    public const string Request = "hmac-sha256:k1:00ff";

    private readonly Dictionary<string, ECDsa> _keys = new(StringComparer.Ordinal)
    {
        ["ana"] = ECDsa.Create(ECCurve.NamedCurves.nistP256),
        ["ben"] = ECDsa.Create(ECCurve.NamedCurves.nistP256),
        ["cleo"] = ECDsa.Create(ECCurve.NamedCurves.nistP256),
        ["stranger"] = ECDsa.Create(ECCurve.NamedCurves.nistP256),
    };

    /// <param name="rules">Further entries of a rules file.</param>
    public Signers(string rules = "")
    {
        using ScratchPack pack = new(TestFolders.Example);
        pack.Write(Example.Registry, pack.Read(Example.Registry) + $$"""
            people:
              - {id: ana, name: Ana Silva, roles: [break-glass, privacy-office], public key: {{PublicKey("ana")}}}
              - {id: ben, name: Ben Okoro, roles: [break-glass], public key: {{PublicKey("ben")}}}
              - {id: cleo, name: Cleo Marsh, roles: [privacy-office, irb], public key: {{PublicKey("cleo")}}}

            """);
        pack.Replace("data-classes.yaml", "zones:", """
            lowering:
              - {from: phi, to: internal, by: redact hipaa-safe-harbor-18, needs approval: privacy-office, citation: "45 CFR 164.514(b)(2)"}
            zones:
            """);
        if (rules.Length > 0)
        {
            pack.Write("rules/more.yaml", Example.More(rules));
        }

        Snapshot = pack.Snapshot();
    }

    public PolicySnapshot Snapshot { get; }

    public ECDsa Key(string person) => _keys[person];

    /// <summary>A token for F-PHI-RETENTION that holds for an hour, signed by these people.</summary>
    public string Token(string[] signers, string[]? rules = null, string[]? classes = null, string caller = "ward", string ticket = "INC-7", TimeSpan? since = null, TimeSpan? lifetime = null) =>
        SignedBy(signers, StatementWriter.BreakGlass(rules ?? ["F-PHI-RETENTION"], classes ?? ["phi"], caller, ticket, Now - (since ?? TimeSpan.Zero), lifetime ?? TimeSpan.FromHours(1)));

    public string Approval(string signer, string rule, string request = Request, string id = "A-1", TimeSpan? since = null, TimeSpan? lifetime = null) =>
        SignedBy([signer], StatementWriter.Approval(rule, request, id, Now - (since ?? TimeSpan.Zero), lifetime ?? TimeSpan.FromHours(1)));

    public string SignedBy(string[] signers, string statement) =>
        signers.Aggregate(statement, (signed, person) => StatementWriter.Sign(signed, person, _keys[person]));

    public BreakGlass? Checked(string token, string caller = "ward")
    {
        var fault = Snapshot.CheckBreakGlass(token, caller, Now, out var breakGlass);
        Assert.Equal(fault is null, breakGlass is not null);
        return breakGlass;
    }

    public IReadOnlyList<Approval> Approvals(string statement)
    {
        var fault = Snapshot.CheckApproval(statement, Request, Now, out var approvals);
        Assert.Equal(fault is null, approvals.Count > 0);
        return approvals;
    }

    public void Dispose()
    {
        foreach (var key in _keys.Values)
        {
            key.Dispose();
        }
    }

    private string PublicKey(string person) => Convert.ToBase64String(_keys[person].ExportSubjectPublicKeyInfo());
}
