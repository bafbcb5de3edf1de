using PolicyRouter.Gateway.Pipeline;
using PolicyRouter.Gateway.Tests.Wire;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Redaction;

namespace PolicyRouter.Gateway.Tests.Pipeline;

public sealed class ScannedPromptTests
{
    private static readonly RedactionSetup Setup = RedactionSetup.Of(ShippedPolicies.Snapshot);

    [Theory]
    [InlineData("""{"type":"text","text":"SSN 536-"},{"type":"text","text":"22-"},{"type":"text","text":"1847"}""", "536-|22-|1847")]
    [InlineData("""{"type":"text","text":"SSN 536-22","zz":"a b"},{"type":"text","text":"-1847"}""", "536-22|-1847")]
    [InlineData("""{"type":"text","text":"SSN 53"},{"type":"text","text":"6"},{"type":"text","text":"-","a b":"c d"},{"type":"text","text":"22-1847, thanks"}""", "53|6|-|22-1847")]
    public void ValueInPartsOfAMessage_IsFoundInEachPart(string parts, string expected)
    {
        var prompt = ScannedPrompt.Scan(Prompts.Read($$"""{"model":"m","messages":[{"role":"user","content":[{{parts}}]}]}""", CallerApi.ChatCompletions), Setup);

        var found = prompt.Positions.SelectMany(static scanned => scanned.Findings.Where(static finding => finding.Type == FindingType.UsSsn).Select(finding => scanned.Text.Substring(finding.Start, finding.Length)));
        Assert.Equal(expected, string.Join('|', found));
        Assert.Contains("pii", prompt.DetectedClasses);
    }
}
