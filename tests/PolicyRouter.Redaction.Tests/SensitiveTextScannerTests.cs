using CsCheck;

namespace PolicyRouter.Redaction.Tests;

public sealed class SensitiveTextScannerTests
{
    private static readonly SensitiveTextScanner Scanner = new();

    [Fact]
    public void EveryKind_HasClassesAndIsCoveredBySafeHarbor()
    {
        Assert.True(RedactionProfile.TryGet("hipaa-safe-harbor-18", out RedactionProfile? profile));
        foreach (FindingType type in Enum.GetValues<FindingType>())
        {
            Assert.Equal(
                type is FindingType.Date or FindingType.Url or FindingType.Locality or FindingType.Age or FindingType.Organization or FindingType.ClinicalTerm,
                ClassEvidence.ClassesOf(type).Count == 0);
            Assert.Equal(type != FindingType.ClinicalTerm, profile.Covers(type));
        }
    }

    [Fact]
    public void ValueInsideAUrl_IsAFindingOfItsOwn_AndTheRestStaysAUrl() =>
        Assert.Equal(
            "Url:https://example.com/?mail | Email:ann@example.org | Url:id=7",
            Scans.Shown("https://example.com/?mail=ann@example.org&id=7"));

    [Fact]
    public void CredentialInAUrl_IsASecret() =>
        Assert.Equal("Url:postgres://app | Secret:s3cr3t | Url:db.internal/main", Scans.Shown("postgres://app:s3cr3t@db.internal/main"));

    [Fact]
    public void CardUnderAPasswordLabel_IsStillACard() =>
        Assert.Equal("PaymentCard:4111111111111111", Scans.Shown("password: 4111111111111111"));

    [Fact]
    public void LabelledNumber_IsFoundAgainWithoutItsLabel() =>
        Assert.Equal(
            "MedicalRecordNumber:X77-123 | MedicalRecordNumber:X77-123", Scans.Shown("MRN: X77-123. The chart of X77-123 is thin, X77-1234 is another."));

    [Fact]
    public void ValueKnownFromOneText_IsFoundInAnother_AndForgottenAfterwards()
    {
        KnownValues known = new();
        string first = "Patient: Xanthor Velquin, MRN A-12";
        string second = "the case of xanthor, then A-12, then Velquin, never Velquins";
        known.Learn(first, Scans.Of(first));
        List<Finding> findings = [];
        known.AddMentions(second, findings);
        Assert.Equal(["Velquin"], findings.Select(f => second.Substring(f.Start, f.Length)));

        known.Dispose();
        findings.Clear();
        known.AddMentions(second, findings);
        Assert.Empty(findings);
    }

    [Fact]
    public void ValueCutByAPartBoundary_IsFoundInBothParts()
    {
        const string Left = "Her number is 123-45";
        const string Right = "-6789, mail ann@example.org";
        List<Finding> left = Scans.Of(Left);
        List<Finding> right = Scans.Of(Right);

        Scanner.ScanBoundaries([new(Left, left), new(Right, right)]);

        Assert.Equal([new Finding(14, 6, FindingType.UsSsn, Confidence.High)], left);
        Assert.Equal(["UsSsn:-6789", "Email:ann@example.org"], right.Select(f => $"{f.Type}:{Right.Substring(f.Start, f.Length)}"));
    }

    [Fact]
    public void BoundaryBetweenWholeValues_ChangesNothing()
    {
        List<Finding> left = Scans.Of("SSN 123-45-6789");
        List<Finding> right = Scans.Of(" mail ann@example.org");
        Scanner.ScanBoundaries([new("SSN 123-45-6789", left), new(" mail ann@example.org", right)]);
        Assert.Single(left);
        Assert.Single(right);
    }

    /// <summary>In any number of parts, empty ones and long ones among them: every character of the value is found in the part that has it.</summary>
    [Fact]
    public void ValueInManyParts_IsFoundInEachOfThem() => Gen.Select(Gen.Int[0, 10].Array[0, 6], Gen.Int[0, 300], Gen.Int[0, 300]).Sample(
        static (cuts, before, after) =>
        {
            string start = string.Concat(Enumerable.Repeat("all is well, ", 30))[..before] + "SSN ";
            string text = $"{start}536-22-1847 {string.Concat(Enumerable.Repeat("and so on. ", 30))[..after]}";
            int[] places = [0, .. cuts.Order().Select(cut => start.Length + cut), text.Length];
            TextPart[] parts = [.. places.Zip(places.Skip(1), (from, to) => text[from..to]).Select(static part => new TextPart(part, Scans.Of(part)))];

            Scanner.ScanBoundaries(parts);

            for (int at = start.Length; at < start.Length + "536-22-1847".Length; at++)
            {
                // The part that has the character, behind parts that end before it.
                int part = Array.FindLastIndex(places[..^1], place => place <= at);
                Assert.Contains(parts[part].Findings, finding => finding.Type == FindingType.UsSsn && finding.Start <= at - places[part] && finding.End > at - places[part]);
            }

            Assert.All(parts, static part => Assert.All(part.Findings, finding => Assert.InRange(finding.End, finding.Start + 1, part.Text.Length)));
        },
        iter: 500);

    [Fact]
    public void ManyPartsOfACharacter_AreReadOnce()
    {
        const string Text = "SSN 536-22-1847 ";
        TextPart[] parts = [.. Enumerable.Range(0, 100_000).Select(static i => new TextPart(Text[i % Text.Length].ToString(), []))];

        Scanner.ScanBoundaries(parts);

        Assert.Equal(11 * (parts.Length / Text.Length), parts.Count(static part => part.Findings is [{ Type: FindingType.UsSsn, Length: 1 }]));
    }

    [Fact]
    public void FindingsAlreadyInTheList_AreLeftAlone()
    {
        List<Finding> findings = [new Finding(0, 1, FindingType.Secret, Confidence.Low)];
        Scanner.Scan("ann@example.org", default, findings);
        Assert.Equal([new Finding(0, 1, FindingType.Secret, Confidence.Low), new Finding(0, 15, FindingType.Email, Confidence.High)], findings);
    }

    [Fact]
    public void AnyText_GivesOrderedFindingsInsideItWithoutOverlaps() =>
        Samples.Text.Sample(static text =>
        {
            int end = 0;
            foreach (Finding finding in Scans.Of(text))
            {
                Assert.True(finding.Start >= end && finding.Length > 0 && finding.End <= text.Length);
                end = finding.End;
            }
        }, iter: 5_000);

    [Fact]
    public void ManyThreads_FindTheSame()
    {
        string[] texts = Samples.Text.Array[200].Single();
        string[] expected = [.. texts.Select(static t => Scans.Shown(t))];
        Parallel.For(0, 2_000, i => Assert.Equal(expected[i % texts.Length], Scans.Shown(texts[i % texts.Length])));
    }

    [Fact]
    public void GeneratedPeople_AreFoundInClinicalProse()
    {
        foreach (Samples.Person person in Samples.People(300))
        {
            string text = $"Patient: {person.Name}, DOB {person.Birth}, MRN {person.Mrn}. Reached at {person.Phone} or {person.Email}; " +
                $"SSN {person.Ssn}, member ID {person.Member}. Pays with {person.Card}.";
            List<Finding> findings = Scans.Of(text);
            foreach (string value in person.Values)
            {
                int at = text.IndexOf(value, StringComparison.Ordinal);
                Assert.True(
                    findings.Any(f => f.Start <= at && f.End >= at + value.Length), $"{value} is not covered in: {text} -> {Scans.Shown(text)}");
            }
        }
    }

    [Fact]
    public void TextWithoutFindings_AllocatesNothing()
    {
        string prose = string.Concat(Enumerable.Repeat("Give 500 mg every 8 hours; BP 120/80: stable. The plan = rest, see room 12. ", 200));
        List<Finding> findings = [];
        Scanner.Scan(prose, "content", findings);

        // The least of several attempts: the first ones also pay for the runtime's own warming up.
        long least = long.MaxValue;
        for (int attempt = 0; attempt < 50; attempt++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Scanner.Scan(prose, "content", findings);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Empty(findings);
        Assert.Equal(0, least);
    }
}
