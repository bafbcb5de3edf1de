using System.CommandLine;
using System.Security.Cryptography;

namespace PolicyRouter.Cli.Authorizing;

/// <summary>Who signs, and with which key: the options that the signing verbs share.</summary>
internal static class SigningKey
{
    public static Option<string> PersonOption() => new("--as") { Description = "Who signs: an id under people in registry.yaml.", Required = true, HelpName = "ID" };

    public static Option<string> KeyOption() => new("--key") { Description = "Their P-256 private key, a PEM file.", Required = true, HelpName = "FILE" };

    /// <summary>Signs with the key in a file, and prints the result.</summary>
    /// <returns>Exit code.</returns>
    public static int Sign(string file, Func<ECDsa, string> sign, TextWriter output, TextWriter error) => KeyFile.Use(file, error, key =>
    {
        output.WriteLine(sign(key));
        return ExitCodes.Good;
    });
}
