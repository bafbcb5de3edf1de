using System.Security.Cryptography;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Audit.Verifying;

namespace PolicyRouter.Fuzz.Targets;

/// <summary>
/// An exported log as somebody hands it in who may have changed it. Nothing but <see cref="FormatException"/> is thrown; and with the public key alone, no export verifies but the ones that
/// were made.
/// </summary>
internal static class ExportTarget
{
    // Made once by `audit export` of a gateway whose private key is gone.
    private static readonly CheckpointKey Key = CheckpointKey.FromPem("""
        -----BEGIN PUBLIC KEY-----
        MCowBQYDK2VwAyEALbiK93+F8mZHKwPYjCSo7et0l5rgHkhnYWOq3JEPEvk=
        -----END PUBLIC KEY-----
        """);

    private static readonly string[] Genuine = ["135a9b55b873f6c9053bfc5d7a533893d8ccdc1d05af975d978438a10935fbe8"];

    public static void Run(ReadOnlySpan<byte> input)
    {
        using MemoryStream export = new(input.ToArray(), writable: false);
        VerificationReport report;
        try
        {
            report = Completed.Of(new LogVerifier([Key], []).VerifyExportAsync(export, CancellationToken.None));
        }
        catch (FormatException)
        {
            return;
        }

        BrokenPromiseException.ThrowUnless(
            !report.Verifies || report.Entries == 0 || report.Uncovered > 0 || Genuine.Contains(Convert.ToHexStringLower(SHA256.HashData(input))),
            "an export that verifies is one that was made");
    }
}
