using System.Globalization;
using Microsoft.Extensions.Compliance.Redaction;

namespace PolicyRouter.Redaction.Replacement;

/// <summary>Writes something else in the place of a value, or leaves it to another redactor when the value does not admit it.</summary>
internal abstract class ValueRedactor(Redactor otherwise) : Redactor
{
    public override int GetRedactedLength(ReadOnlySpan<char> input) =>
        input.IsEmpty ? 0 : Replaced(input)?.Length ?? otherwise.GetRedactedLength(input);

    public override int Redact(ReadOnlySpan<char> source, Span<char> destination)
    {
        if (source.IsEmpty)
        {
            return 0;
        }

        if (Replaced(source) is not { } replaced)
        {
            return otherwise.Redact(source, destination);
        }

        replaced.CopyTo(destination);
        return replaced.Length;
    }

    /// <summary>What stands in the place of the value; null when nothing can.</summary>
    protected abstract string? Replaced(ReadOnlySpan<char> value);
}

/// <summary>"NAME-k1-bdfghkmnpqrstvwx": the kind, the key's id, 69 bits of a keyed hash in letters, so that it is no number and spells no word.</summary>
internal sealed class PseudonymRedactor(RedactionKey key, string kind, Redactor otherwise) : ValueRedactor(otherwise)
{
    private const int Letters = 16;
    private const string Alphabet = "bcdfghjklmnpqrstvwxz";

    protected override string Replaced(ReadOnlySpan<char> value)
    {
        Span<byte> hash = stackalloc byte[Letters];
        key.Hash(kind, value, hash);
        Span<char> letters = stackalloc char[Letters];
        UInt128 number = new(BitConverter.ToUInt64(hash), BitConverter.ToUInt64(hash[8..]));
        foreach (ref char letter in letters)
        {
            letter = Alphabet[(int)(number % (uint)Alphabet.Length)];
            number /= (uint)Alphabet.Length;
        }

        return $"{kind}-{key.Id}-{letters}";
    }
}

/// <summary>A date of the same form, moved.</summary>
internal sealed class DateShiftRedactor(int days, Redactor otherwise) : ValueRedactor(otherwise)
{
    protected override string? Replaced(ReadOnlySpan<char> value) => DateText.TryRead(value, out DateText date) ? date.Moved(days) : null;
}

/// <summary>Letters and digits become asterisks, but for the first and last few.</summary>
internal sealed class MaskRedactor(FindingType type, Redactor otherwise) : ValueRedactor(otherwise)
{
    // PCI DSS v4.0.1, requirement 3.4.1 and its applicability notes: the most that may be shown of a number of 15 or 16 digits.
    private const int FirstOfCard = 6;
    private const int Last = 4;
    private const int ShortestCard = 15;
    private const int ShortestOther = 12;

    protected override string? Replaced(ReadOnlySpan<char> value)
    {
        int length = 0;
        foreach (char c in value)
        {
            length += char.IsLetterOrDigit(c) ? 1 : 0;
        }

        bool isCard = type == FindingType.PaymentCard;
        int first = isCard && length >= ShortestCard ? FirstOfCard : 0;
        int last = length >= (isCard ? ShortestCard : ShortestOther) ? Last : 0;
        char[] masked = value.ToArray();
        int at = 0;
        for (int i = 0; i < masked.Length; i++)
        {
            if (char.IsLetterOrDigit(masked[i]))
            {
                masked[i] = at < first || at >= length - last ? masked[i] : '*';
                at++;
            }
        }

        return new string(masked);
    }
}

/// <summary>The year, "90+", or the first digits of the ZIP code.</summary>
internal sealed class GeneralisingRedactor(FindingType type, TimeProvider time, Redactor otherwise) : ValueRedactor(otherwise)
{
    // 45 CFR 164.514(b)(2)(i)(C): ages over 89, and all elements of dates that tell of them, become one category.
    private const int OldestTold = 89;

    protected override string? Replaced(ReadOnlySpan<char> value) => type switch
    {
        FindingType.Date => DateText.TryRead(value, out DateText date) ? Year(date.Date.Year) : null,
        FindingType.DateOfBirth => DateText.TryRead(value, out DateText born) ? YearOfBirth(born.Date.Year) : null,
        FindingType.Age => "90+",
        FindingType.Locality => ZipCode.Prefix(value),
        _ => null,
    };

    private static string Year(int year) => year.ToString(CultureInfo.InvariantCulture);

    private string YearOfBirth(int year)
    {
        int oldest = time.GetUtcNow().Year - OldestTold;
        return year >= oldest ? Year(year) : $"before {Year(oldest)}";
    }
}

/// <summary>Puts what another redactor writes in quotes: a number of JSON becomes a string, so that the JSON stays JSON.</summary>
internal sealed class QuotingRedactor(Redactor inner) : Redactor
{
    public override int GetRedactedLength(ReadOnlySpan<char> input) => inner.GetRedactedLength(input) + 2;

    public override int Redact(ReadOnlySpan<char> source, Span<char> destination)
    {
        int length = inner.Redact(source, destination[1..]);
        (destination[0], destination[length + 1]) = ('"', '"');
        return length + 2;
    }
}
