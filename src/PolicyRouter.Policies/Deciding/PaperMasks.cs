using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Deciding;

/// <summary>For one request: which deployments each type of paper covers, and to which of them every transfer is covered.</summary>
internal readonly record struct PaperMasks(DeploymentSet Baa, DeploymentSet Dpa, DeploymentSet TransferPaper, DeploymentSet EveryTransfer)
{
    public DeploymentSet Of(PaperCondition condition) => condition switch
    {
        AgreementInForce { Type: "baa" } => Baa,
        AgreementInForce { Type: "dpa" } => Dpa,
        AgreementInForce { Type: "transfer" } => TransferPaper,
        EveryTransferIsCovered => EveryTransfer,
        _ => DeploymentSet.None,
    };
}
