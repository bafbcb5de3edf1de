using PolicyRouter.Redaction.Replacement;

namespace PolicyRouter.Redaction.Tests;

/// <summary>
/// Texts that make careless scanners take quadratic time. Linear work on any of them is done in a fraction of a second; the time
/// limit is only there to end a run that would never end.
/// </summary>
public sealed class HostileTextTests
{
    private const int Size = 300_000;
    private const int NeverEnds = 120_000;

    public static TheoryData<string> Units => new(
        "a", "@", "a@", "a@b.", "a@b.-", "a1", "1", "1 ", "1-", "1.", "12 ", ":", "a:", "://", "http://", "=", "\"ssn\":", "password:'", "password is ", "Patient: ",
        "name is ", "Mr. ", "Patient ", "AB12", "DE89", "-----BEGIN PRIVATE KEY", "sk-", "Bearer ", "eyJ", "1:", "f:", "::1", "+1", "(555) ", "SSN ", "www.", "\uFF11", "\u200B", "_QX7K4_1", "\\_",
        "March 1", "4111 1111 1111 1111 ", "https://a:b@c.d/", "Patient: Al Bo, ", "MRN 12345 ", "\n", "#",
        "Angela Kreiger ", "Calle Mayor ", "12 rue de la Paix ", "28013 Madrid ", "=35", "=35=33=36 ", "%25", "&amp;", "\\\\", "five ", "five-", "mrn,name\n", "a,b\n", "U1NOIDUzNi0yMi0xODQ3 ", "O'", "A0042295 ",
        "metformin ", "McDonald-", "Jr. ");

    [Theory(Timeout = NeverEnds)]
    [MemberData(nameof(Units))]
    public Task RepeatedUnit_IsScannedAndReplacedInLinearTime(string unit) => Task.Run(() =>
    {
        string text = string.Concat(Enumerable.Repeat(unit, Size / unit.Length));
        List<Finding> findings = Scans.Of(text);
        Assert.True(RedactionProfile.TryGet("hipaa-safe-harbor-18", out RedactionProfile? profile));
        using PlaceholderTable table = new("QX7K4");
        int replaced = 0;
        string? redacted = table.Replace(text, findings, [profile], ref replaced);
        Assert.Equal(text, table.Restore(redacted ?? text, RestoreContext.Text) ?? text);
    });

    [Theory(Timeout = NeverEnds)]
    [InlineData('a', 50_000, "@")]
    [InlineData('1', 20_000, "")]
    [InlineData('x', 1_000_000, "1")]
    [InlineData('1', 1_000_000, "@example.org")]
    public Task OneLongToken_IsScannedInLinearTime(char c, int count, string end) => Task.Run(() =>
    {
        string text = new string(c, count) + end;
        Assert.All(Scans.Of(text), static f => Assert.Equal(FindingType.Email, f.Type));
    });

    [Fact]
    public void TwiceTheText_AllocatesAboutTwiceAsMuch()
    {
        string unit = "Patient: John Smith, SSN 123-45-6789, mail ann@example.org. ";
        long once = AllocatedBy(string.Concat(Enumerable.Repeat(unit, 2_000)));
        long twice = AllocatedBy(string.Concat(Enumerable.Repeat(unit, 4_000)));
        Assert.InRange(twice, once, once * 3);
    }

    private static long AllocatedBy(string text)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.NotEmpty(Scans.Of(text));
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
