using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using PolicyRouter.Testing;

namespace PolicyRouter.WebConsole.Tests;

/// <summary>Whatever changes something asks for the antiforgery field of the very person, whoever is signed in.</summary>
public sealed partial class FormTests
{
    private const string FieldName = "__RequestVerificationToken";

    private static readonly string[] Roles = ["auditor", "legal", "operator"];

    [Fact]
    public async Task EveryAddressThatTakesAForm_RefusesOneWithoutTheField_AndOneWithAnothersField()
    {
        await using var gateway = await ControlPlaneDouble.StartAsync();
        await using var another = await ConsoleUnderTest.SignedInAsync(gateway: gateway);
        var anothers = Field().Match(await another.PageAsync("/")).Groups["value"].Value;
        Assert.NotEmpty(anothers);
        HashSet<string> refused = [];
        HashSet<string> all = [];
        foreach (var role in Roles)
        {
            await using var console = await ConsoleUnderTest.SignedInAsync(role, gateway: gateway, policies: true);
            foreach (var (_, path) in console.Addresses.Where(static address => address.Method == "POST"))
            {
                all.Add(path);
                using var without = await console.SendAsync("POST", path, new FormUrlEncodedContent([KeyValuePair.Create("name", "a")]));
                using var withAnothers = await console.SendAsync("POST", path, new FormUrlEncodedContent([KeyValuePair.Create(FieldName, anothers)]));
                foreach (var answer in new[] { without, withAnothers })
                {
                    // Who may not do it at all is sent to sign in before the form is looked at.
                    var isToldToSignIn = answer.StatusCode is HttpStatusCode.Redirect && answer.Headers.Location!.OriginalString.Contains("/sign-in?ReturnUrl=", StringComparison.Ordinal);
                    Assert.True(answer.StatusCode is HttpStatusCode.BadRequest || isToldToSignIn, $"{path} as {role}: {answer.StatusCode} {answer.Headers.Location}");
                    if (!isToldToSignIn)
                    {
                        refused.Add(path);
                    }
                }
            }
        }

        Assert.Empty(all.Except(refused));
        Assert.Empty(new[] { "/sign-in", "/sign-out", "/saved", "/saved/delete", "/export", "/policies/draft", "/policies/draft/forget", "/integrity/verify" }.Except(all));
        Assert.DoesNotContain(gateway.Reads, static read => read.Query.Contains("export", StringComparison.Ordinal) || read.Query.Contains("verification", StringComparison.Ordinal));
    }

    [Fact]
    public async Task EveryFormOfEveryPage_HasTheField_AndLeadsToAnAddressThatAsksForIt()
    {
        await using var gateway = await ControlPlaneDouble.StartAsync();
        HashSet<string> actions = [];
        HashSet<string> asked = [];
        foreach (var role in Roles)
        {
            await using var console = await ConsoleUnderTest.SignedInAsync(role, gateway: gateway, policies: true);
            // What shows the forms that are not always there.
            using var saved = await console.PostAsync("/", "/saved", [], ("name", "mine"), ("query", "?text=outcome%3Adeny"));
            if (role != "operator")
            {
                await console.HandInAsync([("hipaa.yaml", Encoding.UTF8.GetBytes(await File.ReadAllTextAsync(Path.Combine(ShippedPack.Folder, "rules", "hipaa.yaml"))))], ("base", "policies"));
            }

            foreach (var (method, path) in console.Addresses)
            {
                if (method == "POST")
                {
                    asked.Add(path);
                    continue;
                }

                using var page = await console.GetAsync(path);
                if (page.StatusCode is not HttpStatusCode.OK || page.Content.Headers.ContentType?.MediaType != "text/html")
                {
                    continue;
                }

                foreach (var form in Form().Matches(await page.Content.ReadAsStringAsync()).Select(static form => form.Value))
                {
                    Assert.True(Field().IsMatch(form), $"{path} as {role}: {form}");
                    // Without an action a form leads to its own page.
                    actions.Add(Action().Match(form) is { Success: true } action ? action.Groups["path"].Value : path);
                }
            }
        }

        Assert.Empty(actions.Except(asked));
        // A form that was not seen was not looked at. Pages without one take posts as well, and refuse them.
        Assert.Empty(new[] { "/sign-in", "/sign-out", "/saved", "/saved/delete", "/export", "/policies/draft", "/policies/draft/forget", "/integrity/verify" }.Except(actions));
    }

    /// <summary>Where ASP.NET keeps such keys of its own accord.</summary>
    private static readonly string[] KeyFolders =
    [
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".aspnet", "DataProtection-Keys"),
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "ASP.NET", "DataProtection-Keys"),
    ];

    [Fact]
    public async Task KeysOfFormsAndSignIns_AreMade_AndLieOnNoDisk()
    {
        await using var console = await ConsoleUnderTest.SignedInAsync();
        var page = await console.PageAsync("/");
        var keys = console.Services.GetRequiredService<IKeyManager>().GetAllKeys();
        var onDisk = KeyFolders.Where(Directory.Exists).SelectMany(Directory.EnumerateFiles).ToList();

        // The form's field, and the cookie of the sign-in, were made by a key.
        Assert.Matches(Field(), page);
        Assert.NotEmpty(keys);
        Assert.All(keys, key => Assert.DoesNotContain(onDisk, file => file.Contains(key.KeyId.ToString(), StringComparison.OrdinalIgnoreCase)));
    }

    [GeneratedRegex("<form[^>]*method=\"post\".*?</form>", RegexOptions.Singleline)]
    private static partial Regex Form();

    [GeneratedRegex("<form[^>]* action=\"(?<path>[^\"?#]+)")]
    private static partial Regex Action();

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"(?<value>[^\"]+)\"")]
    private static partial Regex Field();
}
