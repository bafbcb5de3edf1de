using System.Globalization;
using System.Net;
using System.Text;
using CsCheck;

namespace PolicyRouter.Redaction.Tests;

/// <summary>Values in disguise are found, and found exactly: from their first character to their last in the text as it was written.</summary>
public class DisguisedValuesTests
{
    private const string Before = "The value is ";
    private const string After = " as you asked.";

    private static readonly (string Value, FindingType Type)[] Values =
    [
        ("536-22-1847", FindingType.UsSsn),
        ("4111 1111 1111 1111", FindingType.PaymentCard),
        ("(212) 555-0147", FindingType.Phone),
        ("DE89370400440532013000", FindingType.Iban),
        ("ana.kowalski@example.org", FindingType.Email),
    ];

    private static readonly Dictionary<string, Func<string, string>> Disguises = new(StringComparer.Ordinal)
    {
        ["full-width"] = static value => Each(value, static c => c is > ' ' and <= '~' ? ((char)(c + 0xFEE0)).ToString() : c.ToString()),
        ["Arabic-Indic digits"] = static value => Digits(value, 0x0660),
        ["Devanagari digits"] = static value => Digits(value, 0x0966),
        ["mathematical digits"] = static value => Digits(value, 0x1D7CE),
        ["circled digits"] = static value => Each(value, static c => c switch { '0' => "\u24EA", >= '1' and <= '9' => ((char)(0x2460 + c - '1')).ToString(), _ => c.ToString() }),
        ["superscript digits"] = static value => Each(value, static c => char.IsAsciiDigit(c) ? "\u2070\u00B9\u00B2\u00B3\u2074\u2075\u2076\u2077\u2078\u2079"[c - '0'].ToString() : c.ToString()),
        ["zero-width spaces"] = static value => string.Join('\u200B', value.EnumerateRunes()),
        ["word joiners and marks of direction"] = static value => string.Join("\u2060\u200F", value.EnumerateRunes()),
        ["soft hyphens"] = static value => string.Join('\u00AD', value.EnumerateRunes()),
        ["combining marks"] = static value => Each(value, static c => char.IsLetterOrDigit(c) ? $"{c}\u0335" : c.ToString()),
        ["other dashes"] = static value => value.Replace('-', '\u2011'),
        ["minus signs"] = static value => value.Replace('-', '\u2212'),
        ["no-break spaces"] = static value => value.Replace(' ', '\u00A0'),
        ["thin spaces"] = static value => value.Replace(' ', '\u2009'),
        ["look-alike letters"] = static value => Each(value, static c => c switch { 'a' => "\u0430", 'e' => "\u0435", 'o' => "\u043E", 'D' => "D", 'E' => "\u0415", _ => c.ToString() }),
        ["JSON escapes"] = static value => Each(value, static c => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}")),
        ["JSON escapes of invisible characters"] = static value => string.Join("\\u200b", value.EnumerateRunes()),
        ["decimal references"] = static value => Each(value, static c => string.Create(CultureInfo.InvariantCulture, $"&#{(int)c};")),
        ["hexadecimal references"] = static value => Each(value, static c => string.Create(CultureInfo.InvariantCulture, $"&#x{(int)c:X};")),
        ["named references"] = static value => value.Replace("@", "&commat;", StringComparison.Ordinal).Replace("-", "&hyphen;", StringComparison.Ordinal).Replace(" ", "&nbsp;", StringComparison.Ordinal),
        ["percent encoding"] = static value => Each(value, static c => string.Create(CultureInfo.InvariantCulture, $"%{(int)c:X2}")),
        ["URL encoding"] = static value => Uri.EscapeDataString(value),
        ["HTML encoding"] = static value => WebUtility.HtmlEncode(value),
    };

    public static TheoryData<string, string> Cases()
    {
        TheoryData<string, string> cases = [];
        foreach (var disguise in Disguises.Keys)
        {
            foreach (var (value, _) in Values)
            {
                cases.Add(disguise, value);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void AValueInDisguise_IsFoundFromEndToEnd(string disguise, string value)
    {
        var hidden = Disguises[disguise](value);

        AssertFound(hidden, value);
    }

    [Theory]
    [InlineData("**536**-22-1847", "536-22-1847")]
    [InlineData("536-**22**-1847", "536-22-1847")]
    [InlineData("4111 `1111` 1111 1111", "4111 1111 1111 1111")]
    [InlineData("(212) *555*-0147", "(212) 555-0147")]
    public void EmphasisInsideANumber_HidesNothing(string written, string value)
    {
        List<Finding> findings = [];
        new SensitiveTextScanner().Scan($"{Before}{written}{After}", default, findings);

        var found = Assert.Single(findings, finding => finding.Type == Values.Single(one => one.Value == value).Type);
        Assert.Equal(value.Where(char.IsAsciiDigit), $"{Before}{written}{After}".Substring(found.Start, found.Length).Where(char.IsAsciiDigit));
    }

    /// <summary>Disguises one upon the other, in any text around.</summary>
    [Fact]
    public void TwoDisguisesTogether_HideNothing() => Gen.Select(
        Gen.OneOf<string>("zero-width spaces", "soft hyphens", "other dashes", "no-break spaces", "combining marks"),
        Gen.OneOf<string>("Arabic-Indic digits", "full-width", "mathematical digits", "circled digits", "look-alike letters"),
        Gen.Int[0, Values.Length - 1]).Sample(
        static (outer, inner, which) => AssertFound(Disguises[outer](Disguises[inner](Values[which].Value)), Values[which].Value), iter: 200);

    /// <summary>Findings lie in the text, in order and without overlaps, and never cut a surrogate pair, whatever the text is made of.</summary>
    [Fact]
    public void AnyMixtureOfCharacters_GivesFindingsInsideTheText() => Gen.OneOf(
            Gen.String, Gen.OneOf<string>([.. Disguises.Keys]).Select(static disguise => Disguises[disguise]("SSN 536-22-1847")),
            Gen.OneOf<string>("%", "%4", "\\u", "\\u00", "&#", "&#;", "&amp;", "*1*", "`", "\uD835", "\uDFCE", "\u0300", "&#x110000;", "%00", "\\u0000", "&#0;"))
        .Array[0, 12].Select(string.Concat).Sample(
        static text =>
        {
            List<Finding> findings = [];
            new SensitiveTextScanner().Scan(text, default, findings);
            var end = 0;
            foreach (var finding in findings)
            {
                Assert.InRange(finding.Start, end, text.Length);
                Assert.InRange(finding.End, finding.Start + 1, text.Length);
                Assert.False(finding.Start > 0 && char.IsLowSurrogate(text[finding.Start]) && char.IsHighSurrogate(text[finding.Start - 1]), "a pair is cut at the start");
                Assert.False(finding.End < text.Length && char.IsLowSurrogate(text[finding.End]) && char.IsHighSurrogate(text[finding.End - 1]), "a pair is cut at the end");
                end = finding.End;
            }
        },
        iter: 5_000);

    [Theory]
    [InlineData("https://example.org/a%20b?x=1%2C2 is the page", "https://example.org/a%20b?x=1%2C2")]
    public void AnEncodedUrl_StaysWhole(string text, string url)
    {
        List<Finding> findings = [];
        new SensitiveTextScanner().Scan(text, default, findings);

        Assert.Equal(url, text.Substring(Assert.Single(findings).Start, findings[0].Length));
    }

    private static void AssertFound(string hidden, string value)
    {
        var type = Values.Single(one => one.Value == value).Type;
        List<Finding> findings = [];
        new SensitiveTextScanner().Scan($"{Before}{hidden}{After}", default, findings);

        var found = Assert.Single(findings, finding => finding.Type == type);
        Assert.Equal(hidden, $"{Before}{hidden}{After}".Substring(found.Start, found.Length));
    }

    private static string Each(string value, Func<char, string> replace) => string.Concat(value.Select(replace));

    private static string Digits(string value, int zero) => Each(value, c => char.IsAsciiDigit(c) ? new Rune(zero + c - '0').ToString() : c.ToString());
}
