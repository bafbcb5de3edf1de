using PolicyRouter.Policies.Printing;
using PolicyRouter.Policies.Tests.Packs;
using PolicyRouter.Policies.Tests.Points;

namespace PolicyRouter.Policies.Tests.Reading;

/// <summary>Error texts as the person who must mend the file reads them.</summary>
public class GoldenErrorTests
{
    [Fact]
    public void AMisspeltAgreementType_IsUnderlinedWithASuggestion()
    {
        using ScratchPack pack = new(TestFolders.Example);
        pack.Replace(Example.Rules, "{agreement in force: baa}", "{agreement in force: bba}");

        Assert.Equal(
            """
            policies/rules/core.yaml:27:39  error PR012  unknown agreement type "bba" in "unless any" of rule F-HIPAA-BAA
              27 |     unless any: [{agreement in force: bba}, {hosting is one of: [own-premises]}]
                 |                                       ^^^  did you mean "baa"?  known: baa, dpa, transfer
              effect if shipped: the exception could never hold, so more would be forbidden than the rule says.
            """,
            ProblemPrinter.Print(Assert.Single(pack.Errors())));
    }

    [Fact]
    public void AKeyWrittenTwice_IsReportedAtTheSecond()
    {
        using ScratchPack pack = new(TestFolders.Example);
        pack.Replace(Example.Rules, "    strength: overridable\n", "    strength: overridable\n    strength: absolute\n");

        Assert.Equal(
            """
            policies/rules/core.yaml:34:5  error PR008  "strength" stands here twice
              34 |     strength: absolute
                 |     ^^^^^^^^
              effect if shipped: nothing in this file would count.
            """,
            ProblemPrinter.Print(Assert.Single(pack.Errors())));
    }

    [Fact]
    public void AMissingEnd_SaysWhichRuleNeedsIt()
    {
        using ScratchPack pack = new(TestFolders.Example);
        pack.Replace(Example.Rules, "in force: {from: 2026-01-01, until: further notice}", "in force: {from: 2026-01-01}");

        Assert.StartsWith(
            "policies/rules/core.yaml:3:45  error PR010  \"in force\" in \"defaults\" of policies/rules/core.yaml needs \"until\"",
            ProblemPrinter.Print(pack.Errors()[0]), StringComparison.Ordinal);
    }

    [Fact]
    public void ASecretInPlaceOfAReference_IsNotRepeated()
    {
        using ScratchPack pack = new(TestFolders.Shipped);
        pack.Replace("endpoints.yaml", "credential: vault:groq-key", "credential: gsk_live_abcdef0123456789");

        Assert.Equal(
            """
            policies/endpoints.yaml:66:17  error PR018  the credential of endpoint groq-llama must be a reference, never the secret itself
              vault:NAME, env:NAME, file:PATH, identity:azure or identity:google
              effect if shipped: groq-llama could not be reached, so nothing would be sent to it.
            """,
            ProblemPrinter.Print(Assert.Single(pack.Errors())));
    }

    [Fact]
    public void EveryProblemOfEveryFile_IsReportedAtOnce()
    {
        using ScratchPack pack = new(TestFolders.Shipped);
        pack.Replace("registry.yaml", "service: vllm", "servise: vllm")
            .Replace("routes.yaml", "candidates: [mistral-eu, azure-gpt4o-eastus]", "candidates: [mistral, azure-gpt4o-eastus]")
            .Replace("rules/core.yaml", "effect: require", "effect: demand");

        Assert.Equal(
            ["registry.yaml PR010", "registry.yaml PR009", "routes.yaml PR012", "core.yaml PR012"],
            pack.Errors().Select(static p => $"{Path.GetFileName(p.File)} {p.Code}"));
    }
}
