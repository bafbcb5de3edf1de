using System.Net;

namespace PolicyRouter.Policies.Reading;

/// <summary>Reads addresses that prompts may be sent to: https, or plain http to this machine in development.</summary>
internal static class Addresses
{
    public static Uri? Read(ScalarNode text, string what, Vocabulary words)
    {
        var objection = !Uri.TryCreate(text.Text, UriKind.Absolute, out var uri) || uri.Host.Length == 0 || uri.Scheme is not ("https" or "http")
            ? "is not an absolute https address"
            : uri.UserInfo.Length > 0 ? "carries a user name or password"
            : uri.Query.Length > 0 || uri.Fragment.Length > 0 ? "carries a query or a fragment"
            : uri.Scheme == "https" ? null
            : !IsLoopback(uri) ? "is plain http, which anyone on the way can read"
            : words.Options.AllowPlainHttpOnLoopback ? null
            : "is plain http; on loopback that is allowed in development only";
        if (objection is null)
        {
            return uri;
        }

        words.Log.AboutLine(text, ProblemCodes.Address, $"the address of {what} {objection}", "https://HOST");
        return null;
    }

    private static bool IsLoopback(Uri uri) =>
        uri.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
