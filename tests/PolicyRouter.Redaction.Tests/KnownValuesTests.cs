using CsCheck;
using PolicyRouter.Redaction.Scanning;

namespace PolicyRouter.Redaction.Tests;

/// <summary>What is known of a person is found again in all of a request, however many people there are.</summary>
public class KnownValuesTests
{
    private static readonly FindingType[] Followed = [FindingType.PersonName, FindingType.MedicalRecordNumber, FindingType.Secret];

    /// <summary>In the text itself and in one that follows, by number and by family name.</summary>
    [Fact]
    public void EveryMentionOfEveryPatient_IsFound() => Gen.Int[1, 400].Sample(
        static count =>
        {
            (string Name, string Number)[] patients = [.. Enumerable.Range(0, count).Select(static i => ($"Xq{Letters(i)}velq", $"E{48_100 + i}"))];
            var first = string.Concat(patients.Select(static patient => $"Patient: Angela {patient.Name}, MRN: {patient.Number}, stable\n"));
            var second = string.Concat(patients.Select(static patient => $"and {patient.Number}? so is {patient.Name} ok;\n"));
            using KnownValues known = new();
            known.Learn(first, Scans.Of(first));

            foreach (var (text, findings) in new[] { (second, new List<Finding>()), (first + second, Scans.Of(first + second)) })
            {
                known.AddMentions(text, findings);
                Assert.All(patients, patient => Assert.All([patient.Name, patient.Number], value => AssertCovered(text, findings, text.LastIndexOf(value, StringComparison.Ordinal), value.Length)));
            }

            // In one text alone.
            var whole = first + second;
            Assert.All(patients, patient => AssertCovered(whole, Scans.Of(whole), whole.LastIndexOf(patient.Number, StringComparison.Ordinal), patient.Number.Length));
        },
        iter: 20, threads: 1);

    /// <summary>Looking for all values at once finds what looking for each of them does, in any text and with values inside each other.</summary>
    [Fact]
    public void ASearchForAllValues_FindsWhatSearchesForEachDo() => Gen.Select(Text(1, 9).Array[1, 12], Text(0, 60)).Sample(
        static (values, text) =>
        {
            var known = values.Distinct(StringComparer.Ordinal)
                .Select(static (value, i) => KeyValuePair.Create<ReadOnlyMemory<char>, Finding>(value.ToArray(), new Finding(0, value.Length, Followed[i % Followed.Length], Confidence.High))).ToArray();
            List<Finding> expected = [];
            foreach (var (value, finding) in known)
            {
                for (var at = 0; at + value.Length <= text.Length; at++)
                {
                    if (text.AsSpan(at).StartsWith(value.Span, StringComparison.Ordinal) && IsBorder(text, at) && IsBorder(text, at + value.Length))
                    {
                        expected.Add(finding with { Start = at });
                    }
                }
            }

            List<Finding> found = [];
            new MentionSearch(known).AddTo(found, text);

            Assert.Empty(found.Except(expected));
            Assert.All(Followed, type => Assert.Equal(Places(expected, type), Places(found, type)));
        },
        iter: 20_000);

    /// <summary>Values that are the beginnings and ends of each other, and a text that is made of them.</summary>
    [Theory]
    [InlineData("a ", 1_000)]
    [InlineData("-", 1_000)]
    [InlineData("ab-", 300)]
    public void ManyValuesInsideEachOther_AreFoundOnceInEachPlace(string unit, int count)
    {
        var all = string.Concat(Enumerable.Repeat(unit, 300_000 / unit.Length));
        var known = Enumerable.Range(1, count).Select(i => KeyValuePair.Create(all.AsMemory(0, i * unit.Length), new Finding(0, 0, Followed[i % Followed.Length], Confidence.High)));
        List<Finding> found = [];

        new MentionSearch(known).AddTo(found, all);

        Assert.InRange(found.Count, all.Length / unit.Length - count, Followed.Length * all.Length);
    }

    [Fact]
    public void AValueOfAMegabyte_IsFoundAgain()
    {
        var value = string.Concat(Enumerable.Repeat("a ", 500_000)) + "b";
        using KnownValues known = new();
        known.Learn(value, [new Finding(0, value.Length, FindingType.Secret, Confidence.High)]);
        List<Finding> found = [];

        known.AddMentions("a a a " + value, found);

        Assert.Equal([new Finding(6, value.Length, FindingType.Secret, Confidence.High)], found);
    }

    private static Gen<string> Text(int least, int most) => Gen.Char["ab -_é"].Array[least, most].Select(static characters => new string(characters));

    private static bool IsBorder(string text, int at) => at == 0 || at == text.Length || !ScanContext.IsWordCharacter(text[at - 1]) || !ScanContext.IsWordCharacter(text[at]);

    private static IEnumerable<int> Places(List<Finding> findings, FindingType type) =>
        findings.Where(finding => finding.Type == type).SelectMany(static finding => Enumerable.Range(finding.Start, finding.Length)).Distinct().Order();

    private static void AssertCovered(string text, List<Finding> findings, int at, int length) =>
        Assert.True(findings.Exists(finding => finding.Start <= at && finding.End >= at + length), $"{text.Substring(at, length)} is not covered");

    private static string Letters(int number) => string.Concat(number.ToString("D3", System.Globalization.CultureInfo.InvariantCulture).Select(static digit => (char)('b' + (digit - '0'))));
}
