using System.Diagnostics;
using System.Globalization;
using PolicyRouter.Redaction;

namespace PolicyRouter.Benchmarks.Redaction;

/// <summary>How much of what is sensitive is not found, how much of what is harmless is, and how fast.</summary>
internal static class RedactionFigures
{
    private const int PerTemplate = 200;

    // Structured identifiers are what has a form; names and addresses need more than forms.
    private static readonly HashSet<string> Unstructured = ["person, English", "person, other languages", "address"];

    /// <param name="isTest">The test split, of which only the figures are looked at; otherwise the development split.</param>
    /// <param name="showsMisses">Prints some of what was missed. Refused for the test split.</param>
    public static void Run(bool isTest, bool showsMisses)
    {
        if (isTest && showsMisses)
        {
            throw new ArgumentException("The misses of the test split are not shown: whoever saw them would tune to them.", nameof(showsMisses));
        }

        var texts = new RedactionCorpus(isTest).Texts(PerTemplate).ToList();
        SensitiveTextScanner scanner = new();
        Dictionary<string, Tally> groups = new(StringComparer.Ordinal);
        Dictionary<string, Tally> kinds = new(StringComparer.Ordinal);
        List<string> misses = [];
        foreach (var (group, text) in texts)
        {
            var covered = Covered(scanner, text.Text);
            var sensitive = new bool[text.Text.Length];
            foreach (var (start, length, kind) in text.Sensitive)
            {
                var missed = Enumerable.Range(start, length).Count(i => !covered[i] && char.IsLetterOrDigit(text.Text[i]));
                Array.Fill(sensitive, true, start, length);
                Of(kinds, kind).Sensitive(length, missed);
                Of(groups, group).Sensitive(length, missed);
                Of(kinds, Unstructured.Contains(kind) ? "all names and addresses" : "all structured").Sensitive(length, missed);
                if (missed > 0 && misses.Count(miss => miss.Contains($" {kind}: ", StringComparison.Ordinal)) < 12)
                {
                    misses.Add($"{group} {kind}: {text.Text.Substring(start, length).ReplaceLineEndings(" ")}");
                }
            }

            var over = Enumerable.Range(0, covered.Length).Count(i => covered[i] && !sensitive[i]);
            AddOver(misses, group, text.Text, covered, sensitive);
            Of(groups, group).Harmless(covered.Length - text.Sensitive.Sum(static span => span.Length), over);
        }

        Console.WriteLine("| group | sensitive characters that leak, % | harmless characters covered, % |\n|---|--:|--:|");
        Print(groups, static tally => $"{Percent(tally.Leak)} | {Percent(tally.Over)}");
        Console.WriteLine("\n| kind | leak, % |\n|---|--:|");
        Print(kinds, static tally => Percent(tally.Leak));
        var plain = texts.ConvertAll(static text => text.Text.Text);
        var (speed, allocated) = Throughput(scanner, plain);
        var pages = string.Join("\n", plain);
        Console.WriteLine($"\nThroughput on one core, names included: {speed:0.0} MB/s; {allocated:0.00} bytes allocated per character.");
        Console.WriteLine($"A prompt of 4 KB: {Milliseconds(scanner, pages[..4_096]):0.00} ms; a text of 64 KB: {Milliseconds(scanner, pages[..65_536]):0.0} ms (medians).");
        foreach (var miss in showsMisses ? misses : [])
        {
            Console.WriteLine(miss);
        }
    }

    /// <summary>Up to a dozen stretches of each group that are covered and harmless.</summary>
    private static void AddOver(List<string> misses, string group, string text, bool[] covered, bool[] sensitive)
    {
        for (var at = 0; at < text.Length; at++)
        {
            var start = at;
            while (at < text.Length && covered[at] && !sensitive[at])
            {
                at++;
            }

            if (at - start > 2 && misses.Count(miss => miss.StartsWith($"{group} over: ", StringComparison.Ordinal)) < 12)
            {
                misses.Add($"{group} over: {text[start..at].ReplaceLineEndings(" ")}");
            }
        }
    }

    private static bool[] Covered(SensitiveTextScanner scanner, string text)
    {
        List<Finding> findings = [];
        scanner.Scan(text, default, findings);
        var covered = new bool[text.Length];
        foreach (var finding in findings.Where(static finding => finding.Type != FindingType.ClinicalTerm))
        {
            Array.Fill(covered, true, finding.Start, finding.Length);
        }

        return covered;
    }

    private static double Milliseconds(SensitiveTextScanner scanner, string text)
    {
        List<Finding> findings = [];
        List<double> times = [];
        for (var i = 0; i < 101; i++)
        {
            findings.Clear();
            var clock = Stopwatch.StartNew();
            scanner.Scan(text, default, findings);
            times.Add(clock.Elapsed.TotalMilliseconds);
        }

        times.Sort();
        return times[times.Count / 2];
    }

    private static (double Speed, double Allocated) Throughput(SensitiveTextScanner scanner, List<string> texts)
    {
        List<Finding> findings = [];
        var characters = 0L;
        var before = GC.GetAllocatedBytesForCurrentThread();
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < TimeSpan.FromSeconds(3))
        {
            foreach (var text in texts)
            {
                findings.Clear();
                scanner.Scan(text, default, findings);
                characters += text.Length;
            }
        }

        return (characters / 1e6 / clock.Elapsed.TotalSeconds, (GC.GetAllocatedBytesForCurrentThread() - before) / (double)characters);
    }

    private static Tally Of(Dictionary<string, Tally> tallies, string name) => tallies.TryGetValue(name, out var tally) ? tally : tallies[name] = new();

    private static void Print(Dictionary<string, Tally> tallies, Func<Tally, string> figures)
    {
        foreach (var (name, tally) in tallies)
        {
            Console.WriteLine($"| {name} | {figures(tally)} |");
        }
    }

    private static string Percent(double share) => double.IsNaN(share) ? "" : (100 * share).ToString("0.0", CultureInfo.InvariantCulture);

    private sealed class Tally
    {
        private long _sensitive;
        private long _missed;
        private long _harmless;
        private long _over;

        public double Leak => _missed / (double)_sensitive;
        public double Over => _over / (double)_harmless;

        public void Sensitive(int characters, int missed) => (_sensitive, _missed) = (_sensitive + characters, _missed + missed);

        public void Harmless(int characters, int over) => (_harmless, _over) = (_harmless + characters, _over + over);
    }
}
