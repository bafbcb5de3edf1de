using System.Net;
using System.Text.RegularExpressions;

namespace PolicyRouter.Testing;

/// <summary>Follows redirections, fills in and sends the forms of an issuer, and keeps cookies by host, secure ones on loopback too, as browsers do.</summary>
/// <param name="console">Where it is led back to in the end; forms there are not sent.</param>
/// <param name="person">What is written into fields that have no value, by their names.</param>
public sealed partial class SignInBrowser(Uri console, IReadOnlyDictionary<string, string>? person = null) : IDisposable
{
    private const int MostSteps = 20;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false });
    private readonly Dictionary<string, Dictionary<string, string>> _cookies = new(StringComparer.Ordinal);

    public bool LosesCookies { get; init; }

    /// <summary>Names of the console's cookies.</summary>
    public IReadOnlyCollection<string> Cookies => CookiesOf(console).Keys;

    public async Task<HttpResponseMessage> OpenAsync(string path)
    {
        var reply = await SendAsync(HttpMethod.Get, new Uri(console, path), null);
        for (var step = 0; step < MostSteps; step++)
        {
            var at = reply.RequestMessage!.RequestUri!;
            if (reply.Headers.Location is { } there)
            {
                reply = await SendAsync(HttpMethod.Get, new Uri(at, there), null);
            }
            else if (at.Authority != console.Authority && Form().Match(await reply.Content.ReadAsStringAsync()) is { Success: true } form)
            {
                var action = new Uri(at, Attribute(form.Groups["attributes"].Value, "action"));
                reply = await SendAsync(HttpMethod.Post, action, new FormUrlEncodedContent(Field().Matches(form.Value).Select(field => FieldOf(field.Value))));
            }
            else
            {
                return reply;
            }
        }

        throw new InvalidOperationException("The sign-in goes round and round.");
    }

    /// <summary>Sends a form of one of the console's pages, with its antiforgery field.</summary>
    public async Task<HttpResponseMessage> SubmitAsync(string page, string action, params (string Name, string Value)[] fields)
    {
        using var opened = await OpenAsync(page);
        var antiforgery = Field().Matches(await opened.Content.ReadAsStringAsync()).Select(field => FieldOf(field.Value)).First(static field => field.Key == "__RequestVerificationToken");
        return await SendAsync(
            HttpMethod.Post, new Uri(console, action), new FormUrlEncodedContent([antiforgery, .. fields.Select(static field => KeyValuePair.Create(field.Name, field.Value))]));
    }

    public void Dispose() => _http.Dispose();

    private KeyValuePair<string, string> FieldOf(string field)
    {
        var name = Attribute(field, "name");
        return new(name, Attribute(field, "value") is { Length: > 0 } value ? value : person?.GetValueOrDefault(name) ?? "");
    }

    private Dictionary<string, string> CookiesOf(Uri address)
    {
        if (!_cookies.TryGetValue(address.Authority, out var cookies))
        {
            _cookies[address.Authority] = cookies = new(StringComparer.Ordinal);
        }

        return cookies;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, Uri address, HttpContent? content)
    {
        var cookies = CookiesOf(address);
        HttpRequestMessage request = new(method, address) { Content = content };
        if (cookies.Count > 0)
        {
            request.Headers.Add("Cookie", string.Join("; ", cookies.Select(static cookie => $"{cookie.Key}={cookie.Value}")));
        }

        var reply = await _http.SendAsync(request);
        foreach (var cookie in !LosesCookies && reply.Headers.TryGetValues("Set-Cookie", out var set) ? set : [])
        {
            var pair = cookie.Split(';')[0].Split('=', 2);
            cookies.Remove(pair[0]);
            if (pair[1].Length > 0)
            {
                cookies[pair[0]] = pair[1];
            }
        }

        return reply;
    }

    private static string Attribute(string attributes, string name) =>
        WebUtility.HtmlDecode(Regex.Match(attributes, $"\\b{name}=\"(?<value>[^\"]*)\"").Groups["value"].Value);

    [GeneratedRegex("<form (?<attributes>[^>]*method=\"post\"[^>]*)>.*?</form>", RegexOptions.Singleline)]
    private static partial Regex Form();

    [GeneratedRegex("<input [^>]*name=\"[^>]*>")]
    private static partial Regex Field();
}
