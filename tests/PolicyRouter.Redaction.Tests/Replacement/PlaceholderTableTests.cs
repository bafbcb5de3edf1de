using System.Text.Json;
using System.Text.RegularExpressions;
using CsCheck;
using Microsoft.Extensions.Compliance.Classification;
using Microsoft.Extensions.Compliance.Redaction;
using PolicyRouter.Redaction.Replacement;

namespace PolicyRouter.Redaction.Tests.Replacement;

public sealed class PlaceholderTableTests
{
    [Fact]
    public void CoveredFinding_IsReplaced_AndRestored()
    {
        using PlaceholderTable table = new();
        const string Text = "Mail ann@example.org or call 555-234-5678.";
        int replaced = 0;

        string? redacted = Redacted(table, Text, ref replaced);

        Assert.Matches("^Mail EMAIL_[A-Z0-9]{5}_1 or call PHONE_[A-Z0-9]{5}_2\\.$", redacted);
        Assert.Equal(2, replaced);
        Assert.Equal(2, table.Count);
        Assert.Equal(Text, table.Restore(redacted, RestoreContext.Text));
    }

    [Fact]
    public void NothingCovered_GivesNull_AndNoPlaceholder()
    {
        using PlaceholderTable table = new();
        int replaced = 0;
        const string Text = "Mail ann@example.org";
        Assert.Null(table.Replace(Text, Scans.Of(Text), [Profiles.Get("pci-pan")], ref replaced));
        Assert.Null(table.Replace("nothing here", [], [Profiles.Get("pci-pan")], ref replaced));
        Assert.Equal(0, replaced);
        Assert.Equal(0, table.Count);
    }

    [Fact]
    public void SameSpelling_HasOnePlaceholder_AndAnotherSpellingAnother()
    {
        using PlaceholderTable table = new("QX7K4");
        int replaced = 0;
        Assert.Equal(
            "CARD_QX7K4_1 CARD_QX7K4_2, CARD_QX7K4_1",
            Redacted(table, "4111-1111-1111-1111 4111 1111 1111 1111, 4111-1111-1111-1111", ref replaced));
        Assert.Equal("again CARD_QX7K4_1", Redacted(table, "again 4111-1111-1111-1111", ref replaced));
        Assert.Equal(2, table.Count);
        Assert.Equal(4, replaced);
    }

    [Fact]
    public void CallersTextThatLooksLikeAPlaceholder_IsNotRestoredAsSomebodysValue()
    {
        using PlaceholderTable table = new("QX7K4");
        int replaced = 0;
        string first = Redacted(table, "ann@example.org", ref replaced);
        const string Forged = "tell me EMAIL_QX7K4_1, email\\_qx7k4\\_1 and _QX7K4_1";

        string? escaped = table.Replace(Forged, [], [], ref replaced);

        Assert.Equal("EMAIL_QX7K4_1", first);
        Assert.NotNull(escaped);
        Assert.DoesNotContain("EMAIL_QX7K4_1", escaped, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(Forged, table.Restore(escaped, RestoreContext.Text));
        Assert.Equal(1, replaced);
    }

    [Theory]
    [InlineData("**EMAIL_QX7K4_1**", "**ann@example.org**")]
    [InlineData("email_qx7k4_1", "ann@example.org")]
    [InlineData("Email_Qx7k4_1's", "ann@example.org's")]
    [InlineData("EMAIL\\_QX7K4\\_1", "ann@example.org")]
    [InlineData("Email QX7K4 1 and EMAIL-QX7K4-1 and [EMAIL_QX7K4_1]", "ann@example.org and ann@example.org and [ann@example.org]")]
    [InlineData("EMAIL\u2013QX7K4\u20131, EMAIL\u2011QX7K4\u20111, EMAIL\u00A0QX7K4\u00A01", "ann@example.org, ann@example.org, ann@example.org")]
    [InlineData("<EMAIL_QX7K4_1>EMAIL_QX7K4_1", "<ann@example.org>ann@example.org")]
    public void Variants_AreRestored(string written, string expected)
    {
        using PlaceholderTable table = new("QX7K4");
        int replaced = 0;
        Redacted(table, "ann@example.org", ref replaced);
        Assert.Equal(expected, table.Restore(written, RestoreContext.Text));
    }

    [Theory]
    [InlineData("PHONE_QX7K4_1")]
    [InlineData("EMAIL_QX7K5_1")]
    [InlineData("EMAIL_QX7K4_")]
    [InlineData("EMAIL_QX7K4_99999999999999999999")]
    [InlineData("QX7K4 QX7K4_1")]
    public void UnknownPlaceholder_PassesThrough(string written)
    {
        using PlaceholderTable table = new("QX7K4");
        int replaced = 0;
        Redacted(table, "ann@example.org", ref replaced);
        Assert.Null(table.Restore(written, RestoreContext.Text));
    }

    [Theory]
    [InlineData("ask EMAIL_QX7K4_2.", "ask [email].")]
    [InlineData("EMAIL_QX7K4_11's", "[email]'s")]
    [InlineData("email_qx7k4_01 and EMAIL_QX7K4_1", "[email] and ann@example.org")]
    public void WhatAModelInvented_BecomesItsKind(string written, string shown)
    {
        using PlaceholderTable table = new("QX7K4");
        int replaced = 0;
        Redacted(table, "ann@example.org", ref replaced);
        Assert.Equal(shown, table.Restore(written, RestoreContext.Text));
    }

    [Fact]
    public void ValueInsideToolArguments_IsEscapedForJson()
    {
        using PlaceholderTable table = new("QX7K4");
        int replaced = 0;
        const string Secret = "pa\"ss\\w\n😀é<";
        Assert.Equal("SECRET_QX7K4_1", table.Replace(Secret, [new Finding(0, Secret.Length, FindingType.Secret, Confidence.High)], [Profiles.Get("secrets")], ref replaced));

        string? restored = table.Restore("{\"value\":\"SECRET_QX7K4_1\"}", RestoreContext.JsonString);

        Assert.NotNull(restored);
        Assert.Equal(Secret, JsonDocument.Parse(restored).RootElement.GetProperty("value").GetString());
    }

    [Fact]
    public void BareNumberInJson_BecomesAString_AndANumberAgain()
    {
        using PlaceholderTable table = new("QX7K4");
        int replaced = 0;
        const string Text = "{\"ssn\":123456789,\"count\":2,\"accounts\":[ 12345678 ],\"acct_no\": 12345678}";

        string redacted = Redacted(table, Text, ref replaced);

        Assert.Equal("SSN_QX7K4_1", JsonDocument.Parse(redacted).RootElement.GetProperty("ssn").GetString());
        Assert.DoesNotContain("12345678", redacted, StringComparison.Ordinal);
        Assert.Equal(Text, table.Restore(redacted, RestoreContext.JsonString));
        Assert.Equal("see 123456789", table.Restore("see SSN_QX7K4_1", RestoreContext.Text));
    }

    [Fact]
    public void AnyTextAndAnyFindings_ComeBackAsTheyWere() =>
        (from texts in Samples.Text.Array[1, 4]
         from extra in Gen.Select(Gen.Int[0, 40], Gen.Int[1, 6]).Array[0, 3]
         select (texts, extra)).Sample(static sample =>
        {
            using PlaceholderTable table = new("QX7K4");
            List<(string Text, string Sent)> sent = [];
            foreach (string text in sample.texts)
            {
                int replaced = 0;
                List<Finding> findings = Scans.Of(text);
                AddFitting(findings, sample.extra, text);
                sent.Add((text, table.Replace(text, findings, [Profiles.SafeHarbor], ref replaced) ?? text));
            }

            // Whatever was replaced later must not change what an earlier text comes back as.
            Assert.All(sent, s => Assert.Equal(s.Text, table.Restore(s.Sent, RestoreContext.Text) ?? s.Sent));
        }, iter: 20_000);

    [Fact]
    public void PlantedValues_DoNotSurvive_AndNothingIsFoundTwice()
    {
        foreach (Samples.Person person in Samples.People(200))
        {
            string text = $"Patient: {person.Name}, born {person.Birth}, MRN {person.Mrn}. {person.Phone}, {person.Email}, SSN {person.Ssn}, " +
                $"member ID {person.Member}, card {person.Card}. {{\"patient_name\":\"{person.Name}\",\"mrn\":{person.Mrn.TrimStart('0')}}} password: hunter2!";
            using PlaceholderTable table = new();
            int replaced = 0;
            string redacted = Redacted(table, text, ref replaced);
            Assert.All(person.Values, v => Assert.DoesNotContain(v, redacted, StringComparison.Ordinal));
            Assert.Equal(string.Empty, Scans.Shown(redacted));
            using PlaceholderTable other = new();
            Assert.Null(other.Replace(redacted, Scans.Of(redacted), [Profiles.SafeHarbor], ref replaced));
        }
    }

    [Fact]
    public void OneRequestsPlaceholders_MeanNothingToAnother()
    {
        using PlaceholderTable mine = new("QX7K4");
        using PlaceholderTable theirs = new("ZX7K4");
        int replaced = 0;
        Redacted(mine, "ann@example.org", ref replaced);
        string other = Redacted(theirs, "bob@example.org", ref replaced);
        Assert.Null(mine.Restore(other, RestoreContext.Text));
    }

    [Fact]
    public void DisposedTable_HoldsAndTellsNothing()
    {
        PlaceholderTable table = new("QX7K4");
        int replaced = 0;
        Redacted(table, "ann@example.org", ref replaced);
        PlaceholderEntry entry = table.Assign("ann@example.org", "EMAIL", isBareNumber: false);

        table.Dispose();

        Assert.Equal(0, table.Count);
        Assert.All(entry.Value, static c => Assert.Equal('\0', c));
        Assert.Equal("PlaceholderTable", table.ToString());
        Assert.Throws<ObjectDisposedException>(() => table.Restore("EMAIL_QX7K4_1", RestoreContext.Text));
    }

    [Fact]
    public void EveryKind_HasItsRedactor_AndUnknownClassificationsAreErased()
    {
        using PlaceholderTable table = new("QX7K4");
        foreach (FindingType type in Enum.GetValues<FindingType>())
        {
            Redactor redactor = table.Redactors.GetRedactor(DataTaxonomy.Of(type));
            Assert.StartsWith(PlaceholderFormat.KindOf(type) + "_QX7K4_", redactor.Redact($"value of {type}"), StringComparison.Ordinal);
        }

        Assert.Equal(string.Empty, table.Redactors.GetRedactor(new DataClassification("Other", "Thing")).Redact("value"));
        Assert.Equal(
            string.Empty,
            table.Redactors.GetRedactor(new DataClassificationSet(DataTaxonomy.Of(FindingType.Email), DataTaxonomy.Of(FindingType.Phone))).Redact("value"));
    }

    [Fact]
    public void Format_KeepsPlaceholdersApart()
    {
        Assert.All(PlaceholderFormat.AllKinds, static k => Assert.Matches("^[A-Z]+$", k));
        foreach (string kind in PlaceholderFormat.AllKinds)
        {
            Assert.Single(PlaceholderFormat.AllKinds, k => kind.EndsWith(k, StringComparison.Ordinal));
        }

        for (int i = 0; i < 1_000; i++)
        {
            Assert.Matches("^[BCDFGHJKLMNPQRSTVWXZ][BCDFGHJKLMNPQRSTVWXZ2-9]{3}[2-9]$", PlaceholderFormat.NewNonce());
        }
    }

    [Theory]
    [InlineData("EMAIL_QX7K4_1", true)]
    [InlineData("name_bcd22_12", true)]
    [InlineData("EMAIL_QX7K4_1x", false)]
    [InlineData("EMAIL_QX7K4_12345678", false)]
    [InlineData("OTHER_QX7K4_1", false)]
    [InlineData("EMAIL_AAAA1_1", false)]
    [InlineData("", false)]
    public void Format_KnowsPlaceholdersOfAnyTable(string text, bool expected) => Assert.Equal(expected, PlaceholderFormat.IsPlaceholder(text));

    private static string Redacted(PlaceholderTable table, string text, ref int replaced) =>
        table.Replace(text, Scans.Of(text), [Profiles.SafeHarbor], ref replaced) ?? throw new InvalidOperationException("Nothing was replaced.");

    private static void AddFitting(List<Finding> findings, (int Start, int Length)[] extra, string text)
    {
        foreach ((int start, int length) in extra)
        {
            bool isFree = start + length <= text.Length && findings.TrueForAll(f => f.End <= start || f.Start >= start + length);
            if (isFree)
            {
                findings.Add(new Finding(start, length, FindingType.OtherIdentifier, Confidence.Low));
            }
        }

        findings.Sort(static (a, b) => a.Start.CompareTo(b.Start));
    }
}
