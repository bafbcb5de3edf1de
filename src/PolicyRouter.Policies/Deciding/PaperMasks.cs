using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Deciding;

/// <summary>What a condition about papers asks for.</summary>
[Flags]
internal enum PaperKinds
{
    None = 0,
    Baa = 1,
    Dpa = 2,
    TransferPaper = 4,
    EveryTransfer = 8,
    All = Baa | Dpa | TransferPaper | EveryTransfer,
}

/// <summary>For one request: which deployments each type of paper covers, and to which of them every transfer is covered.</summary>
internal readonly record struct PaperMasks(DeploymentSet Baa, DeploymentSet Dpa, DeploymentSet TransferPaper, DeploymentSet EveryTransfer)
{
    /// <summary>None for a condition that this program does not know: nothing is covered.</summary>
    public static PaperKinds KindOf(PaperCondition condition) => condition switch
    {
        AgreementInForce { Type: "baa" } => PaperKinds.Baa,
        AgreementInForce { Type: "dpa" } => PaperKinds.Dpa,
        AgreementInForce { Type: "transfer" } => PaperKinds.TransferPaper,
        EveryTransferIsCovered => PaperKinds.EveryTransfer,
        _ => PaperKinds.None,
    };

    public DeploymentSet Of(PaperKinds kind) => kind switch
    {
        PaperKinds.Baa => Baa,
        PaperKinds.Dpa => Dpa,
        PaperKinds.TransferPaper => TransferPaper,
        PaperKinds.EveryTransfer => EveryTransfer,
        _ => DeploymentSet.None,
    };
}
