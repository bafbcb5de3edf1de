using CsCheck;
using Microsoft.Extensions.Time.Testing;
using PolicyRouter.Redaction.Replacement;

namespace PolicyRouter.Redaction.Tests.Replacement;

public class RedactionMethodTests
{
    private static readonly RedactionKey Key = new("k1", "a secret that is thirty-two bytes"u8);

    [Fact]
    public void Erase_LeavesNothing() => Assert.Equal("card  of", Replaced("card 4111111111111111 of", FindingType.PaymentCard, RedactionMethod.Erase));

    [Theory]
    [InlineData("card 4111 1111 1111 1111", FindingType.PaymentCard, "card 4111 11** **** 1111")]
    [InlineData("card 378282246310005", FindingType.PaymentCard, "card 378282*****0005")]
    [InlineData("IBAN DE89370400440532013000", FindingType.Iban, "IBAN ******************3000")]
    [InlineData("ssn 536-22-1847", FindingType.UsSsn, "ssn ***-**-****")]
    public void Mask_LeavesTheFirstSixAndLastFourOfACard(string text, FindingType type, string expected) => Assert.Equal(expected, Replaced(text, type, RedactionMethod.Mask));

    [Fact]
    public void APseudonym_IsTheSameInEveryRequest_AndAnotherUnderAnotherKeyOrForAnotherKind()
    {
        var pseudonym = Replaced("ann@example.org", FindingType.Email, RedactionMethod.Pseudonym);

        Assert.Matches("^EMAIL-k1-[b-z]{16}$", pseudonym);
        Assert.Equal(pseudonym, Replaced("ann@example.org", FindingType.Email, RedactionMethod.Pseudonym));
        Assert.NotEqual(pseudonym, Replaced("bob@example.org", FindingType.Email, RedactionMethod.Pseudonym));
        Assert.NotEqual(pseudonym, Replaced("ann@example.org", FindingType.Email, RedactionMethod.Pseudonym, new RedactionKey("k1", "another secret of thirty-two byte"u8)));
        Span<byte> email = stackalloc byte[16];
        Span<byte> phone = stackalloc byte[16];
        Key.Hash("EMAIL", "5551234567", email);
        Key.Hash("PHONE", "5551234567", phone);
        Assert.False(email.SequenceEqual(phone));
    }

    [Theory]
    [InlineData("03/15/1985")]
    [InlineData("1985-03-15")]
    [InlineData("15.03.1985")]
    [InlineData("March 15, 1985")]
    [InlineData("15 Mar 1985")]
    public void AShiftedDate_IsWrittenAsBefore_AndMovedByTheConversationsDays(string date)
    {
        Conversation conversation = Key.Conversation("app/7");
        Assert.True(DateText.TryRead(date, out DateText read));

        var shifted = Replaced(date, FindingType.Date, RedactionMethod.Shift, conversation: conversation);

        Assert.True(DateText.TryRead(shifted, out DateText moved));
        Assert.Equal(read.Format, moved.Format);
        Assert.Equal(conversation.ShiftDays, moved.Date.DayNumber - read.Date.DayNumber);
        Assert.InRange(Math.Abs(conversation.ShiftDays), 1, 364);
    }

    /// <summary>Whatever the two dates and the conversation: what lies between them stays.</summary>
    [Fact]
    public void Shifting_KeepsIntervals() => Gen.Select(Gen.Int[700_000, 760_000], Gen.Int[700_000, 760_000], Gen.Int).Sample(static (first, second, scope) =>
    {
        Conversation conversation = Key.Conversation($"scope {scope}");
        Assert.True(DateText.TryRead(DateOnly.FromDayNumber(first).ToString("yyyy-MM-dd"), out DateText a));
        Assert.True(DateText.TryRead(DateOnly.FromDayNumber(second).ToString("MMMM d, yyyy"), out DateText b));
        Assert.True(DateText.TryRead(a.Moved(conversation.ShiftDays), out DateText movedA));
        Assert.True(DateText.TryRead(b.Moved(conversation.ShiftDays), out DateText movedB));

        Assert.Equal(second - first, movedB.Date.DayNumber - movedA.Date.DayNumber);
        Assert.NotEqual(first, movedA.Date.DayNumber);
    });

    [Theory]
    [InlineData("on 1985-03-15 at", FindingType.Date, "on 1985 at")]
    [InlineData("born 1985-03-15.", FindingType.DateOfBirth, "born 1985.")]
    [InlineData("born 1937-03-15.", FindingType.DateOfBirth, "born 1937.")]
    [InlineData("born 1936-03-15.", FindingType.DateOfBirth, "born before 1937.")]
    [InlineData("aged 97", FindingType.Age, "aged 90+")]
    [InlineData("Springfield, IL 62704-1234", FindingType.Locality, "627")]
    [InlineData("Somewhere, VT 05901", FindingType.Locality, "000")]
    public void Generalising_LeavesWhatSafeHarborLetsStand(string text, FindingType type, string expected) => Assert.Equal(expected, Replaced(text, type, RedactionMethod.Generalise));

    [Theory]
    [InlineData("5/1985", FindingType.Date, RedactionMethod.Shift)]
    [InlineData("Springfield", FindingType.Locality, RedactionMethod.Generalise)]
    [InlineData("ann@example.org", FindingType.Email, RedactionMethod.Generalise)]
    public void AValueThatDoesNotAdmitItsMethod_GetsAPlaceholder(string text, FindingType type, RedactionMethod method)
    {
        using PlaceholderTable table = new("QX7K4");
        var redacted = Replace(table, text, [new Finding(0, text.Length, type, Confidence.High)], Profile(type, method));

        Assert.Equal($"{PlaceholderFormat.KindOf(type)}_QX7K4_1", redacted);
        Assert.Equal(text, table.Restore(redacted, RestoreContext.Text));
    }

    [Fact]
    public void ANumberOfJson_StaysJson_WhateverTheMethod()
    {
        const string Json = "{\"card\":4111111111111111,\"n\":1}";
        foreach (RedactionMethod method in Enum.GetValues<RedactionMethod>())
        {
            using var parsed = System.Text.Json.JsonDocument.Parse(Replaced(Json, FindingType.PaymentCard, method));
            Assert.NotEqual("4111111111111111", parsed.RootElement.GetProperty("card").ToString());
        }
    }

    [Fact]
    public void OfTwoMethods_TheOneThatTellsLess_IsUsed()
    {
        RedactionProfile masks = Profile(FindingType.PaymentCard, RedactionMethod.Mask);
        RedactionProfile erases = Profile(FindingType.PaymentCard, RedactionMethod.Erase);
        using PlaceholderTable table = new();
        List<Finding> findings = [new(0, 16, FindingType.PaymentCard, Confidence.High)];

        Assert.Equal("", Replace(table, "4111111111111111", findings, masks, erases));
        Assert.Equal("", Replace(table, "4111111111111111", findings, erases, masks));
    }

    [Fact]
    public void AProfile_LeavesFindingsOfLessConfidence_AndKindsItExcepts()
    {
        RedactionProfile profile = RedactionProfile.Of(
            "sure", Profiles.SafeHarbor, Confidence.Medium, new Dictionary<FindingType, RedactionMethod?> { [FindingType.Url] = null });

        Assert.Null(profile.MethodFor(new Finding(0, 1, FindingType.PersonName, Confidence.Low)));
        Assert.Equal(RedactionMethod.Placeholder, profile.MethodFor(new Finding(0, 1, FindingType.PersonName, Confidence.Medium)));
        Assert.Null(profile.MethodFor(new Finding(0, 1, FindingType.Url, Confidence.High)));
    }

    [Fact]
    public void InAConversation_AValueHasOnePlaceholder_WhateverStandsBeforeIt()
    {
        Conversation conversation = Key.Conversation("app/7");
        var alone = Replaced("bob@example.org", FindingType.Email, RedactionMethod.Placeholder, conversation: conversation);
        using PlaceholderTable table = new(new ReplacementSources(Key, conversation, TimeProvider.System));
        var text = "ann@example.org bob@example.org";
        var both = Replace(table, text, Scans.Of(text), Profiles.SafeHarbor);

        Assert.EndsWith(alone, both, StringComparison.Ordinal);
        Assert.Equal(text, table.Restore(both, RestoreContext.Text));
        Assert.NotEqual(alone, Replaced("bob@example.org", FindingType.Email, RedactionMethod.Placeholder, conversation: Key.Conversation("app/8")));
    }

    /// <summary>However many values a conversation has: no two share a placeholder, and all come back.</summary>
    [Fact]
    public void InAConversation_NoTwoValuesShareAPlaceholder()
    {
        using PlaceholderTable table = new(new ReplacementSources(Key, Key.Conversation("large"), TimeProvider.System));
        HashSet<string> placeholders = [];
        for (int i = 0; i < 20_000; i++)
        {
            string value = $"user{i}@example.org";
            string redacted = Replace(table, value, [new Finding(0, value.Length, FindingType.Email, Confidence.High)], Profiles.SafeHarbor);
            Assert.True(placeholders.Add(redacted));
            Assert.Equal(value, table.Restore(redacted, RestoreContext.Text));
        }
    }

    [Fact]
    public void AShortSecret_IsRefused() => Assert.Throws<ArgumentException>(static () => new RedactionKey("k1", "too short"u8));

    private static RedactionProfile Profile(FindingType type, RedactionMethod method) =>
        RedactionProfile.Of("test", Profiles.SafeHarbor, Confidence.Low, new Dictionary<FindingType, RedactionMethod?> { [type] = method });

    private static string Replaced(string text, FindingType type, RedactionMethod method, RedactionKey? key = null, Conversation? conversation = null)
    {
        using PlaceholderTable table = new(new ReplacementSources(key ?? Key, conversation, new FakeTimeProvider(new DateTimeOffset(2026, 11, 26, 0, 0, 0, TimeSpan.Zero))));
        List<Finding> found = Scans.Of(text);
        List<Finding> findings = found.Where(finding => finding.Type == type || (type == FindingType.DateOfBirth && finding.Type == FindingType.Date)).Select(finding => finding with { Type = type }).ToList();
        Assert.NotEmpty(findings);
        return Replace(table, text, findings, Profile(type, method));
    }

    private static string Replace(PlaceholderTable table, string text, List<Finding> findings, params RedactionProfile[] profiles)
    {
        int replaced = 0;
        return table.Replace(text, findings, profiles, ref replaced) ?? text;
    }
}
