namespace PolicyRouter.Redaction.Scanning;

/// <summary>
/// Makes findings ordered and free of overlaps. The more certain kind keeps its span; what is left of the other stays a finding
/// of its own, so that a URL with an e-mail address in it is covered by a profile that removes either.
/// </summary>
internal static class FindingResolver
{
    private static readonly Comparison<Finding> ByStart = static (a, b) =>
        a.Start != b.Start ? a.Start.CompareTo(b.Start) : b.Length.CompareTo(a.Length);

    /// <summary>Resolves the findings from index <paramref name="first"/> on.</summary>
    public static void Resolve(List<Finding> findings, int first, ReadOnlySpan<char> text)
    {
        if (findings.Count - first < 2)
        {
            return;
        }

        findings.Sort(first, findings.Count - first, Comparer<Finding>.Create(ByStart));
        if (!HasOverlap(findings, first))
        {
            return;
        }

        PriorityQueue<Finding, (int Start, int NegativeLength)> waiting = new(findings.Count - first);
        for (int i = first; i < findings.Count; i++)
        {
            waiting.Enqueue(findings[i], (findings[i].Start, -findings[i].Length));
        }

        findings.RemoveRange(first, findings.Count - first);
        while (waiting.TryDequeue(out Finding next, out _))
        {
            if (findings.Count == first || findings[^1].End <= next.Start)
            {
                findings.Add(next);
                continue;
            }

            Finding last = findings[^1];
            if (last.Type == next.Type)
            {
                findings[^1] = Union(last, next);
            }
            else if (Rank(next) > Rank(last))
            {
                findings.RemoveAt(findings.Count - 1);
                AddPiece(findings, last, last.Start, next.Start, text);
                findings.Add(next);
                Requeue(waiting, last, next.End, last.End, text);
            }
            else
            {
                Requeue(waiting, next, last.End, next.End, text);
            }
        }
    }

    private static bool HasOverlap(List<Finding> findings, int first)
    {
        for (int i = first + 1; i < findings.Count; i++)
        {
            if (findings[i].Start < findings[i - 1].End)
            {
                return true;
            }
        }

        return false;
    }

    private static Finding Union(Finding a, Finding b)
    {
        int end = Math.Max(a.End, b.End);
        return a with { Length = end - a.Start, Confidence = a.Confidence > b.Confidence ? a.Confidence : b.Confidence };
    }

    private static void AddPiece(List<Finding> findings, Finding whole, int start, int end, ReadOnlySpan<char> text)
    {
        if (TryTrim(text, ref start, ref end))
        {
            findings.Add(whole with { Start = start, Length = end - start });
        }
    }

    private static void Requeue(
        PriorityQueue<Finding, (int Start, int NegativeLength)> waiting, Finding whole, int start, int end, ReadOnlySpan<char> text)
    {
        if (TryTrim(text, ref start, ref end))
        {
            waiting.Enqueue(whole with { Start = start, Length = end - start }, (start, start - end));
        }
    }

    // A rest without letters and digits tells nothing.
    private static bool TryTrim(ReadOnlySpan<char> text, ref int start, ref int end)
    {
        while (start < end && !char.IsLetterOrDigit(text[start]))
        {
            start++;
        }

        while (start < end && !char.IsLetterOrDigit(text[end - 1]))
        {
            end--;
        }

        return start < end;
    }

    // Verified numbers first, then credentials (which may contain anything), then labelled and shaped values; a URL gives way to
    // whatever is inside it.
    internal static int Rank(Finding finding)
    {
        int kind = finding.Type switch
        {
            FindingType.PaymentCard => 100,
            FindingType.CardSecurityCode => 95,
            FindingType.Secret => 90,
            FindingType.Iban => 85,
            FindingType.UsSsn => 80,
            FindingType.Email => 75,
            FindingType.MedicalRecordNumber or FindingType.HealthPlanNumber or FindingType.BankAccount => 70,
            FindingType.UsBankRouting or FindingType.OtherIdentifier => 69,
            FindingType.DateOfBirth => 68,
            FindingType.IpAddress => 65,
            FindingType.StreetAddress => 66,
            FindingType.Phone => 60,
            FindingType.Locality => 55,
            FindingType.Date => 50,
            FindingType.PersonName => 45,
            FindingType.Age => 40,
            FindingType.Organization => 35,
            FindingType.ClinicalTerm => -50,
            _ => 1,
        };
        return kind - (20 * (Confidence.High - finding.Confidence));
    }
}
