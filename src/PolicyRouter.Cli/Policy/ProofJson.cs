using System.Globalization;
using System.Text.Json;
using PolicyRouter.Policies.Proving;

namespace PolicyRouter.Cli.Policy;

/// <summary>Claims and their counterexamples for scripts.</summary>
internal static class ProofJson
{
    public static void WriteClaims(Utf8JsonWriter writer, IEnumerable<ClaimProof> claims)
    {
        writer.WriteStartArray("claims");
        foreach (var claim in claims)
        {
            writer.WriteStartObject();
            writer.WriteString("id", claim.Id);
            writer.WriteString("claim", claim.Claim);
            writer.WriteBoolean("holds", claim.Holds);
            writer.WritePropertyName("violations");
            writer.WriteRawValue(claim.Violations.ToString(CultureInfo.InvariantCulture));
            writer.WriteString("counterexample", claim.Counterexample?.Sentence);
            writer.WriteString("deployment", claim.Counterexample?.Deployment);
            writer.WriteString("testCase", claim.Counterexample?.TestCase);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
