using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Tests.Authorizing;

namespace PolicyRouter.Policies.Tests.Points;

/// <summary>Points 16, 17 and 19 of the semantics: lowering, approvals and break-glass.</summary>
public class SignedTests
{
    private const string Research = """
          - {id: P-RESEARCH, title: t, effect: permit, covers data: [phi], when all: [{purpose is one of: [research]}, {deployment status is: approved}, {approval held: irb}], reason: r, citation: c}

        """;

    private const string Reviewed = """
          - {id: D-REVIEW, title: t, effect: require, duty: {approval: privacy-office}, when all: [{data includes any of: [phi]}], reason: r, citation: c}

        """;

    private static readonly PolicyRequest Note = Example.Ask(["phi"]) with { Caller = "ward" };

    [Fact]
    public void Point16_Redaction_DoesNotRelabel()
    {
        using Signers signers = new();
        var approvals = signers.Approvals(signers.Approval("ana", "lowering phi to internal"));

        var decision = signers.Snapshot.Decide(Note with { Approvals = approvals });

        Assert.Equal(["internal", "phi", "pii"], decision.Classes.Final);
    }

    [Fact]
    public void Point16_ALoweringLine_WithItsProfileAndALiveApproval_ChangesTheLabel()
    {
        using Signers signers = new();
        var held = Note with { Approvals = signers.Approvals(signers.Approval("ana", "lowering phi to internal")) };

        var lowered = signers.Snapshot.Lower(held, "phi", "hipaa-safe-harbor-18", []);

        Assert.NotNull(lowered);
        var decision = signers.Snapshot.Decide(lowered);
        Assert.Equal(["internal"], decision.Classes.Final);
        Assert.Equal(["phi"], decision.Classes.Declared);
        Assert.All(decision.Permitted, static permitted => Assert.Equal(["hipaa-safe-harbor-18"], permitted.Duties.RedactionProfiles));
        Assert.Contains("fastcloud-free", decision.Allowed());
    }

    [Fact]
    public void Point16_AnotherProfile_AnotherClass_OrNoApproval_LowersNothing()
    {
        using Signers signers = new();
        var held = Note with { Approvals = signers.Approvals(signers.Approval("ana", "lowering phi to internal")) };

        Assert.Null(signers.Snapshot.Lower(held, "phi", "hipaa-direct-identifiers", []));
        Assert.Null(signers.Snapshot.Lower(held, "sud-part2", "hipaa-safe-harbor-18", []));
        Assert.Null(signers.Snapshot.Lower(Note, "phi", "hipaa-safe-harbor-18", []));
        Assert.Null(signers.Snapshot.Lower(
            Note with { Approvals = signers.Approvals(signers.Approval("ana", "lowering pii to internal")) }, "phi", "hipaa-safe-harbor-18", []));
    }

    [Fact]
    public void Point16_ASignerWithoutTheRole_LowersNothing()
    {
        using Signers signers = new();
        var held = Note with { Approvals = signers.Approvals(signers.Approval("ben", "lowering phi to internal")) };

        Assert.Null(signers.Snapshot.Lower(held, "phi", "hipaa-safe-harbor-18", []));
    }

    [Fact]
    public void Point16_WhatTheSecondScanFinds_Counts()
    {
        using Signers signers = new();
        var held = Note with { Approvals = signers.Approvals(signers.Approval("ana", "lowering phi to internal")) };

        var lowered = signers.Snapshot.Lower(held, "phi", "hipaa-safe-harbor-18", ["phi"]);

        Assert.Equal(["internal", "phi", "pii"], signers.Snapshot.Decide(lowered!).Classes.Final);
    }

    [Fact]
    public void Point16_AClassThatIsAlsoTheLoweredOne_Stays()
    {
        using Signers signers = new();
        var held = Example.Ask(["sud-part2"]) with { Approvals = signers.Approvals(signers.Approval("ana", "lowering phi to internal")) };

        var lowered = signers.Snapshot.Lower(held, "phi", "hipaa-safe-harbor-18", []);

        Assert.Contains("sud-part2", signers.Snapshot.Decide(lowered!).Classes.Final);
    }

    [Fact]
    public void Point16_AFloorIsLoweredToo_AndNoOtherLabel()
    {
        using Signers signers = new();
        var held = Example.Ask(["phi", "card-secret"]) with { FloorClasses = ["phi", "public"], Approvals = signers.Approvals(signers.Approval("ana", "lowering phi to internal")) };

        var lowered = signers.Snapshot.Lower(held, "phi", "hipaa-safe-harbor-18", []);

        Assert.Equal(["internal", "public"], lowered!.FloorClasses);
        Assert.Equal(["internal", "card-secret"], lowered.DeclaredClasses);
        Assert.Same(held, lowered.Lowered!.Original);
        var again = signers.Snapshot.Lower(lowered, "phi", "hipaa-safe-harbor-18", []);
        Assert.Same(held, again!.Lowered!.Original);
        Assert.Equal(["lowering phi to internal", "lowering phi to internal"], again.Lowered.Redactions.Select(static duty => duty.Rule));
    }

    [Fact]
    public void Point16_WhereSomebodyMayReceiveIt_NoLoweringIsNamed()
    {
        using Signers signers = new();

        Assert.Empty(signers.Snapshot.LoweringsThatWouldHelp(Note));
    }

    [Fact]
    public void Point17_OfTwoWaysToAnApproval_OneIsAskedFor()
    {
        using Signers signers = new(Research + Research.Replace("P-RESEARCH", "P-RESEARCH-2", StringComparison.Ordinal));

        Assert.Single(signers.Snapshot.ApprovalsThatWouldHelp(Example.Ask(["phi"], purpose: "research")));
    }

    [Fact]
    public void Point16_TheRefusalNamesALoweringThatWouldHelp()
    {
        using Signers signers = new();

        Assert.Equal([new NeededApproval("lowering phi to internal", "privacy-office")], signers.Snapshot.LoweringsThatWouldHelp(Example.Ask(["phi"], purpose: "marketing")));
    }

    [Fact]
    public void Point17_AMissingApproval_Denies_AndSaysWhoseIsNeeded()
    {
        using Signers signers = new(Reviewed);

        var decision = signers.Snapshot.Decide(Note);

        Assert.Empty(decision.Permitted);
        Assert.Equal(["approval needed: privacy-office"], decision.Against("local-llama"));
        Assert.Equal([new NeededApproval("D-REVIEW", "privacy-office")], signers.Snapshot.ApprovalsThatWouldHelp(Note));
    }

    [Fact]
    public void Point17_AnApprovalOfThatRule_ByThatRole_Helps()
    {
        using Signers signers = new(Reviewed);

        Assert.Contains("local-llama", signers.Snapshot.Decide(Note with { Approvals = signers.Approvals(signers.Approval("cleo", "D-REVIEW")) }).Allowed());
        Assert.Empty(signers.Snapshot.Decide(Note with { Approvals = signers.Approvals(signers.Approval("ben", "D-REVIEW")) }).Permitted);
        Assert.Empty(signers.Snapshot.Decide(Note with { Approvals = signers.Approvals(signers.Approval("cleo", "D-PHI-AUDIT")) }).Permitted);
    }

    [Fact]
    public void Point17_APermitThatAsksForAnApproval_IsNoneWithoutIt()
    {
        using Signers signers = new(Research);
        var study = Example.Ask(["phi"], purpose: "research");

        Assert.Equal(["no permit for phi"], signers.Snapshot.Decide(study).Against("local-llama"));
        Assert.Equal([new NeededApproval("P-RESEARCH", "irb")], signers.Snapshot.ApprovalsThatWouldHelp(study));
        Assert.Contains("local-llama", signers.Snapshot.Decide(study with { Approvals = signers.Approvals(signers.Approval("cleo", "P-RESEARCH")) }).Allowed());
    }

    [Fact]
    public void Point17_WhereNoApprovalHelps_NoneIsAskedFor()
    {
        using Signers signers = new(Research + Reviewed);

        Assert.Empty(signers.Snapshot.ApprovalsThatWouldHelp(Example.Ask(["card-secret"], purpose: "research")));
        Assert.Empty(signers.Snapshot.ApprovalsThatWouldHelp(Example.Ask(["public"])));
        Assert.Equal(
            [new NeededApproval("D-REVIEW", "privacy-office"), new NeededApproval("P-RESEARCH", "irb")],
            signers.Snapshot.ApprovalsThatWouldHelp(Example.Ask(["phi"], purpose: "research")));
    }

    [Fact]
    public void Point19_AToken_SwitchesOffTheForbidItNames_AndNothingElse()
    {
        using Signers signers = new();
        var decision = signers.Snapshot.Decide(Note with { BreakGlass = signers.Checked(signers.Token(["ana", "ben"])) });

        Assert.Equal(["F-HIPAA-BAA"], decision.Against("azure-global"));
        Assert.Equal(["F-HIPAA-BAA", "no permit for pii"], decision.Against("fastcloud-free"));
        Assert.Equal(["azure-global", "fastcloud-free", "mistral-eu"], decision.Overridden.Select(static d => d.DeploymentId));
        Assert.Equal("INC-7", decision.BreakGlass?.Ticket);
    }

    [Fact]
    public void Point19_AToken_CreatesNoPermit()
    {
        using Signers signers = new();
        var token = signers.Checked(signers.Token(["ana", "ben"]));

        Assert.Equal(["no permit for phi"], signers.Snapshot.Decide(Note with { Purpose = "marketing", BreakGlass = token }).Against("local-llama"));
    }

    [Fact]
    public void Point19_ATokenForOtherClassesOrAnotherCaller_HasNoEffect()
    {
        using Signers signers = new();
        var forPii = signers.Checked(signers.Token(["ana", "ben"], classes: ["pii"]));

        Assert.Null(signers.Snapshot.Decide(Note with { BreakGlass = forPii }).BreakGlass);
        Assert.Null(signers.Snapshot.Decide(Note with { Caller = "lab", BreakGlass = signers.Checked(signers.Token(["ana", "ben"])) }).BreakGlass);
    }
}
