using CsCheck;
using PolicyRouter.Redaction.Replacement;

namespace PolicyRouter.Redaction.Tests;

/// <summary>Values planted in any text, however the text is divided into parts.</summary>
public class PlantedValuesTests
{
    private static readonly (string Label, string Value)[] Planted =
    [
        ("SSN ", "536-22-1847"), ("", "xaver.kreiger@example.org"), ("card ", "4012 8888 8888 1881"), ("MRN: ", "8841907"), ("IBAN ", "FR1420041010050500013M02606"), ("call ", "(646) 555-0168"),
    ];

    /// <summary>What the detectors report does not come out, and the text comes back as it was.</summary>
    [Fact]
    public void AReportedValue_DoesNotComeOut_HoweverTheTextIsDivided()
    {
        int reported = 0;
        int all = 0;
        Gen.Select(Samples.Text, Samples.Text, Gen.Int[0, Planted.Length - 1], Gen.Double.Unit).Sample(
            (before, after, which, where) =>
            {
                (string label, string value) = Planted[which];
                string text = $"{before} {label}{value} {after}";
                int start = before.Length + 1 + label.Length;
                int cut = (int)(where * text.Length);
                cut -= cut > 0 && char.IsHighSurrogate(text[cut - 1]) ? 1 : 0;
                (string first, string second) = (text[..cut], text[cut..]);
                List<Finding> left = Scans.Of(first);
                List<Finding> right = Scans.Of(second);
                new SensitiveTextScanner().ScanBoundaries([new(first, left), new(second, right)]);

                using PlaceholderTable table = new();
                int replaced = 0;
                string sentFirst = table.Replace(first, left, [Profiles.SafeHarbor], ref replaced) ?? first;
                string sentSecond = table.Replace(second, right, [Profiles.SafeHarbor], ref replaced) ?? second;

                all++;
                if (Enumerable.Range(start, value.Length).All(i => i < cut ? Covers(left, i) : Covers(right, i - cut)))
                {
                    reported++;
                    Assert.DoesNotContain(value, sentFirst + sentSecond, StringComparison.Ordinal);
                }

                Assert.Equal(first, table.Restore(sentFirst, RestoreContext.Text) ?? sentFirst);
                Assert.Equal(second, table.Restore(sentSecond, RestoreContext.Text) ?? sentSecond);
            },
            iter: 3_000, threads: 1);

        Assert.True(reported > 0.9 * all, $"{reported} of {all} planted values were reported");
    }

    private static bool Covers(List<Finding> findings, int at) => findings.Exists(finding => finding.Type != FindingType.ClinicalTerm && finding.Start <= at && finding.End > at);
}
