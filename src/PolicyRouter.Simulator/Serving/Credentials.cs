using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace PolicyRouter.Simulator.Serving;

/// <summary>Reads and compares credentials as real providers do: exactly one header, constant time.</summary>
internal static class Credentials
{
    private const string Scheme = "Bearer ";

    public static string? Bearer(HttpRequest request) =>
        request.Headers.Authorization is [{ } value] && value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? value[Scheme.Length..] : null;

    public static bool Match(string given, string expected) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(expected));
}
