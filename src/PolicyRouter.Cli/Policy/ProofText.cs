using System.Globalization;
using PolicyRouter.Policies.Proving;

namespace PolicyRouter.Cli.Policy;

/// <summary>Claims and their counterexamples as people read them.</summary>
internal static class ProofText
{
    public static void WriteClaims(IEnumerable<ClaimProof> claims, bool areCounted, TextWriter output)
    {
        foreach (var claim in claims)
        {
            output.WriteLine($"{(claim.Holds ? "proved   " : "DISPROVED")} {claim.Id}  {claim.Claim}");
            if (claim.Counterexample is { } against)
            {
                output.WriteLine($"  {(areCounted ? "" : "At least ")}{Number(claim.Violations)} counterexamples. The simplest: {against.Sentence}");
                output.WriteLine($"  As a case for tests/:\n{against.TestCase}");
            }
        }
    }

    /// <summary>How many hold, or the dimension that was too large.</summary>
    public static string Verdict(PolicyProof proof) => proof.TooLarge is { } dimension
        ? $"Never-claims not proved: too large ({dimension})."
        : $"{proof.Claims.Count(static claim => claim.Holds)} of {proof.Claims.Count} claims proved.";

    public static string Number(UInt128 number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
