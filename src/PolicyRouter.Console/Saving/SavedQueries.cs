using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using PolicyRouter.WebConsole.Reading;
using PolicyRouter.WebConsole.SignIn;

namespace PolicyRouter.WebConsole.Saving;

/// <summary>A question that somebody asks often.</summary>
/// <param name="Query">The address of the view without its path: <c>?text=...</c>, or nothing.</param>
internal sealed record SavedQuery(string Name, string Query);

/// <summary>
/// The saved queries of one person, in a cookie of their browser: the console's database role writes nothing. What comes back is read like anything
/// that was typed: a forged cookie can ask nothing that its owner could not ask.
/// </summary>
internal static class SavedQueries
{
    public const int Most = 20;
    public const int LongestName = 60;

    // A browser keeps cookies of 4,096 bytes.
    private const int LargestCookie = 3_500;

    public static IReadOnlyList<SavedQuery> Of(HttpContext http)
    {
        var cookie = http.Request.Cookies[NameOf(http)];
        if (cookie is not { Length: > 0 and <= LargestCookie } || !Base64Url.IsValid(cookie))
        {
            return [];
        }

        try
        {
            var pairs = JsonSerializer.Deserialize<string?[][]>(Base64Url.DecodeFromChars(cookie));
            return [.. (pairs ?? []).Where(static pair => pair is [{ Length: > 0 and <= LongestName }, not null]).Take(Most).Select(static pair => new SavedQuery(pair[0]!, Canonical(pair[1]!)))];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    /// <summary><c>POST /saved</c>: adds one under a name, or takes the place of the one of that name.</summary>
    public static IResult Save(HttpContext http, string? name, string? query)
    {
        var (called, canonical) = ((name ?? "").Trim(), Canonical(query ?? ""));
        if (called.Length is > 0 and <= LongestName && !called.Any(char.IsControl))
        {
            Write(http, [.. Of(http).Where(other => other.Name != called).TakeLast(Most - 1), new SavedQuery(called, canonical)]);
        }

        return Results.LocalRedirect("/" + canonical);
    }

    /// <summary><c>POST /saved/delete</c>.</summary>
    public static IResult Delete(HttpContext http, string? name, string? query)
    {
        Write(http, [.. Of(http).Where(other => other.Name != name)]);
        return Results.LocalRedirect("/" + Canonical(query ?? ""));
    }

    /// <summary>What the text means as the address of a view; never an address elsewhere.</summary>
    private static string Canonical(string query) =>
        DecisionsView.Read(new QueryCollection(QueryHelpers.ParseQuery(query))).FirstPage().QueryString();

    private static void Write(HttpContext http, IReadOnlyList<SavedQuery> queries)
    {
        string cookie;
        do
        {
            cookie = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(queries.Select(static saved => new[] { saved.Name, saved.Query })));
            // The oldest make room.
            queries = [.. queries.Skip(1)];
        }
        while (cookie.Length > LargestCookie);

        http.Response.Cookies.Append(NameOf(http), cookie, new CookieOptions
        {
            HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = http.Request.IsHttps, Path = "/", MaxAge = TimeSpan.FromDays(400), IsEssential = true,
        });
    }

    /// <summary>One cookie per person: two who share a browser do not see each other's.</summary>
    private static string NameOf(HttpContext http) =>
        "policyrouter-saved-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Reader.Of(http.User).Name)).AsSpan(0, 8));
}
