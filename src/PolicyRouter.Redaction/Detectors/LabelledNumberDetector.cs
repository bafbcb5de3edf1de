using PolicyRouter.Redaction.Checksums;
using PolicyRouter.Redaction.Labels;
using PolicyRouter.Redaction.Scanning;

namespace PolicyRouter.Redaction.Detectors;

/// <summary>
/// Values that are known by their label: record, member, account and licence numbers, and every number whose own shape or
/// checksum is wrong but whose label says what it is.
/// </summary>
internal static class LabelledNumberDetector
{
    private const int MinValue = 3;
    private const int MaxValue = 40;
    private const int MaxPlateLetters = 6;

    /// <summary>Looks for a label before the token and, when the token begins with letters, inside it ("MRN-12345").</summary>
    /// <param name="token">Letters and digits with inner joiners; holds <paramref name="groups"/>' first digit.</param>
    /// <returns>What the label says; None when there is no label.</returns>
    public static LabelKind Detect(ref ScanContext context, Range token, scoped DigitGroups groups)
    {
        int start = token.Start.Value;
        int end = token.End.Value;

        // Doses, ages and counts: no label makes one or two characters an identifier.
        if (end - start < MinValue && groups.Count == 1)
        {
            return LabelKind.None;
        }

        Label label = LabelReader.Before(context.Text, start, context.Key);
        if (label.Kind == LabelKind.None && start < groups.Start)
        {
            // "call_12345678" is an identifier of some program: verbs and short words are no labels inside a token.
            label = LabelReader.Before(context.Text, groups.Start, context.Key);
            label = label.Kind is LabelKind.Phone or LabelKind.CardSecurity ? default : label;
            start = groups.Start;
        }

        if (label.Kind == LabelKind.None && LettersBefore(context.Text, start) is var letters and > 0 && LabelReader.Before(context.Text, start - letters, context.Key) is { Kind: LabelKind.Identifier } ofLetters)
        {
            label = ofLetters;
            start -= letters;
        }

        if (label.Kind is LabelKind.None or LabelKind.Person or LabelKind.Name or LabelKind.Password or LabelKind.Credential or LabelKind.Version)
        {
            RoutingBySum(ref context, groups);
            return label.Kind;
        }

        // "1234 5678 90": a number written in groups is one value.
        bool isDigitsOnly = start == groups.Start && end <= groups.End;
        if (isDigitsOnly)
        {
            end = GroupedEnd(context, groups, label);
            start -= context.At(start - 1) == '(' && context.Text[start..end].Contains(')') ? 1 : 0;
        }

        int digits = 0;
        int letterCount = 0;
        for (int i = start; i < end; i++)
        {
            digits += char.IsAsciiDigit(context.Text[i]) ? 1 : 0;
            letterCount += char.IsLetter(context.Text[i]) ? 1 : 0;
        }

        // Identifiers of programs ("call_9f8a7b6c", "card_1Mvoi2") stand under the same words.
        if (letterCount > 0 && label.Kind is LabelKind.Phone or LabelKind.SocialSecurity or LabelKind.Card or LabelKind.Routing)
        {
            return label.Kind;
        }

        // What its shape has already shown is not made longer by its label.
        if (end - start <= MaxValue && !HasShape(context, label, start) && Accepts(context, label, start, end, digits) is { } type)
        {
            context.Add(start, end, type, Confidence.High);
        }

        return label.Kind;
    }

    /// <summary>"B-MW " of "B-MW 1234": how long the capitals with a dash between them are before the number of a German plate (FZV, annex 4), with the space behind; 0 when there are none.</summary>
    private static int LettersBefore(ReadOnlySpan<char> text, int start)
    {
        int at = start - 1;
        if (at < 1 || text[at] != ' ')
        {
            return 0;
        }

        while (at > 0 && start - at <= MaxPlateLetters && (char.IsUpper(text[at - 1]) || (text[at - 1] == '-' && char.IsUpper(text[at]))))
        {
            at--;
        }

        bool isWord = text[at..start].Contains('-') && char.IsUpper(text[at]) && (at == 0 || !ScanContext.IsWordCharacter(text[at - 1]));
        return isWord ? start - at : 0;
    }

    private static FindingType? Accepts(in ScanContext context, Label label, int start, int end, int digits)
    {
        int length = end - start;
        bool isEnough = label.IsStructural ? length >= MinValue : digits >= 4;
        return label.Kind switch
        {
            LabelKind.SocialSecurity when digits is 4 or >= 7 and <= 11 => FindingType.UsSsn,
            LabelKind.MedicalRecord when isEnough => FindingType.MedicalRecordNumber,
            LabelKind.HealthPlan when isEnough && digits >= 2 && length >= 4 => FindingType.HealthPlanNumber,
            LabelKind.Account when digits >= (label.IsStructural || IsEnding(context.Text[..start]) ? 4 : 6) && !IsCalendar(context, start, end) => FindingType.BankAccount,
            LabelKind.Routing when digits == 9 => FindingType.UsBankRouting,
            LabelKind.Card when PaymentCardDetector.IsLabelled(label, digits) => FindingType.PaymentCard,
            LabelKind.CardSecurity when digits == length && digits is >= 3 and <= 6 => FindingType.CardSecurityCode,
            LabelKind.Phone when PhoneDetector.IsLabelled(label, digits) && !IsCalendar(context, start, end) => FindingType.Phone,
            LabelKind.Iban when length >= Iban.MinLength - 3 => FindingType.Iban,
            LabelKind.Identifier when isEnough && digits >= 2 && length >= 4 && !IsCalendar(context, start, end) => FindingType.OtherIdentifier,
            _ => null,
        };
    }

    /// <summary>"account ending in 7854": the last digits of a number stand for it.</summary>
    private static bool IsEnding(ReadOnlySpan<char> before)
    {
        before = before.TrimEnd(" *x.#");
        return before.EndsWith("ending in", StringComparison.OrdinalIgnoreCase) || before.EndsWith("ending with", StringComparison.OrdinalIgnoreCase)
            || before.EndsWith("ending", StringComparison.OrdinalIgnoreCase) || before.EndsWith("ends in", StringComparison.OrdinalIgnoreCase);
    }

    // Groups belong together as long as the label's kind of number can be that long.
    private static int GroupedEnd(in ScanContext context, scoped DigitGroups groups, Label label)
    {
        int limit = label.Kind switch
        {
            LabelKind.SocialSecurity or LabelKind.Routing => 9,
            LabelKind.Phone => 15,
            LabelKind.Card => CardNumber.MaxLength,
            LabelKind.CardSecurity => 4,
            LabelKind.Iban => Iban.MaxLength,
            _ => 20,
        };
        int total = groups[0].Length;
        int last = 0;
        while (last + 1 < groups.Count && total + groups[last + 1].Length <= limit && AreJoined(context, groups, last, label.Kind) && context.EndsWord(groups[last + 1].End))
        {
            total += groups[++last].Length;
        }

        return groups[last].End;
    }

    /// <summary>One separator; a dash or slash with spaces ("0221 / 478"); where the number's length is known also wider gaps and brackets ("(020) 7946").</summary>
    private static bool AreJoined(in ScanContext context, scoped DigitGroups groups, int index, LabelKind kind)
    {
        ReadOnlySpan<char> separator = groups.Separator(index);
        if (separator.Length == 1)
        {
            return separator[0] != '\t';
        }

        // "MRN 4821 - 377 mg", "claim 88123 - 2024-01-15": what follows says that it is something else. A dot with a space ends a sentence.
        DigitGroup next = groups[index + 1];
        if (separator.ContainsAny('\t', '.') || BareNumberDetector.HasUnit(context.Text, next.End) || context.HasJustFound(next.Start, FindingType.Date))
        {
            return false;
        }

        bool hasKnownLength = kind is LabelKind.Phone or LabelKind.SocialSecurity or LabelKind.Card or LabelKind.Routing;
        bool opens = separator.Contains('(');
        bool closes = separator.Contains(')');
        return opens || closes
            ? hasKnownLength && (!opens || context.At(next.End) == ')') && (!closes || context.At(groups[index].Start - 1) == '(')
            : hasKnownLength || separator.ContainsAny('-', '/');
    }

    // A valid check digit with "routing", "ABA" or "wire" somewhere on the line.
    private static void RoutingBySum(ref ScanContext context, scoped DigitGroups groups)
    {
        for (int i = 0; i < groups.Count; i++)
        {
            DigitGroup group = groups[i];
            if (group.Length == 9 && groups.StandAlone(i, i) && context.StartsWord(group.Start) && context.EndsWord(group.End)
                && AbaRouting.IsValid(context.Text.Slice(group.Start, group.Length))
                && LabelReader.IsNear(context.Text, group.Start, LabelKind.Routing))
            {
                context.Add(group.Start, group.End, FindingType.UsBankRouting, Confidence.High);
            }
        }
    }

    private static bool HasShape(in ScanContext context, Label label, int start) =>
        label.Kind switch
        {
            LabelKind.Phone => context.HasJustFound(start, FindingType.Phone),
            LabelKind.SocialSecurity => context.HasJustFound(start, FindingType.UsSsn),
            LabelKind.Card => context.HasJustFound(start, FindingType.PaymentCard),
            _ => false,
        };

    // "call on 2024-01-15", "account 2023": a date or year after the label is not its value.
    private static bool IsCalendar(in ScanContext context, int start, int end) =>
        context.HasJustFound(start, FindingType.Date)
        || (end - start == 4 && context.At(start) is '1' or '2' && context.At(start + 1) is '9' or '0');
}
