using System.Security.Cryptography;
using PolicyRouter.Policies.Signing;

namespace PolicyRouter.Cli.Authorizing;

/// <summary>A key in a PEM file, and what can be wrong with it.</summary>
internal static class KeyFile
{
    /// <summary>Does something with the key.</summary>
    /// <returns>Its exit code, or 3 with the reason on <paramref name="error"/>.</returns>
    public static int Use(string file, TextWriter error, Func<ECDsa, int> act)
    {
        try
        {
            using var key = PolicySignature.ReadKey(File.ReadAllText(file));
            return act(key);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or FormatException)
        {
            error.WriteLine(failure.Message);
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            // Without the message, which may quote the file: a private key belongs into no terminal log.
            error.WriteLine($"{file} holds no P-256 key of the right kind that can be read as PEM.");
        }

        return ExitCodes.InputNotLoaded;
    }
}
