using System.Security.Cryptography;

namespace PolicyRouter.Redaction.Replacement;

/// <summary>
/// How a placeholder is written: <c>EMAIL_QX7K4_1</c>: the kind, a nonce of this table, a number within this table. ASCII
/// letters, digits and underscores only, so that Markdown, HTML and JSON leave it alone.
/// </summary>
/// <remarks>
/// A nonce begins with a consonant and ends with a digit, and kinds are letters only. So no marker <c>_NONCE_</c> can come about
/// where a placeholder and the caller's text meet; the consonants spell no words.
/// </remarks>
internal static class PlaceholderFormat
{
    public const int NonceLength = 5;

    /// <summary>Kind of the placeholder for caller text that itself looks like a placeholder.</summary>
    public const string LiteralKind = "TEXT";

    public const int MaxNumberDigits = 7;
    private const string Consonants = "BCDFGHJKLMNPQRSTVWXZ";
    private const string Inner = Consonants + Digits;
    private const string Digits = "23456789";

    private static readonly string[] Kinds = [.. Enum.GetValues<FindingType>().Select(KindOf), LiteralKind];

    /// <summary>Longest kind in characters.</summary>
    public static int MaxKindLength { get; } = Kinds.Max(static k => k.Length);

    /// <summary>Every kind, for the check that none ends with another.</summary>
    public static IReadOnlyList<string> AllKinds => Kinds;

    public static string KindOf(FindingType type) =>
        type switch
        {
            FindingType.Email => "EMAIL",
            FindingType.Phone => "PHONE",
            FindingType.UsSsn => "SSN",
            FindingType.PaymentCard => "CARD",
            FindingType.CardSecurityCode => "CVV",
            FindingType.Iban => "IBAN",
            FindingType.UsBankRouting => "ROUTING",
            FindingType.BankAccount => "ACCOUNT",
            FindingType.IpAddress => "IP",
            FindingType.Url => "URL",
            FindingType.Date => "DATE",
            FindingType.DateOfBirth => "DOB",
            FindingType.MedicalRecordNumber => "MRN",
            FindingType.HealthPlanNumber => "PLAN",
            FindingType.OtherIdentifier => "ID",
            FindingType.Secret => "SECRET",
            FindingType.PersonName => "NAME",
            FindingType.StreetAddress => "ADDRESS",
            FindingType.Locality => "PLACE",
            FindingType.Age => "AGE",
            FindingType.Organization => "ORG",
            FindingType.ClinicalTerm => "TERM",
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "This kind of finding has no placeholder."),
        };

    /// <summary>A nonce that follows from five bytes.</summary>
    public static string NonceOf(ReadOnlySpan<byte> bytes) => string.Create(NonceLength, bytes[..NonceLength], static (nonce, from) =>
    {
        for (int i = 0; i < NonceLength; i++)
        {
            string letters = i == 0 ? Consonants : i == NonceLength - 1 ? Digits : Inner;
            nonce[i] = letters[from[i] % letters.Length];
        }
    });

    /// <summary>A fresh nonce, drawn from 3.5 million.</summary>
    public static string NewNonce() =>
        RandomNumberGenerator.GetString(Consonants, 1)
        + RandomNumberGenerator.GetString(Inner, NonceLength - 2)
        + RandomNumberGenerator.GetString(Digits, 1);

    /// <summary>True when the text is a placeholder of any table, whole.</summary>
    public static bool IsPlaceholder(ReadOnlySpan<char> text)
    {
        int digit = text.IndexOfAnyInRange('0', '9');
        return digit > 0 && EndAround(text, digit) == text.Length && KindBefore(text, text.IndexOf('_')) == text.IndexOf('_');
    }

    /// <summary>The end of the placeholder of any table whose nonce holds the digit at <paramref name="digit"/>, or -1.</summary>
    public static int EndAround(ReadOnlySpan<char> text, int digit)
    {
        int nonce = digit;
        while (nonce > 0 && digit - nonce < NonceLength && text[nonce - 1] != '_')
        {
            nonce--;
        }

        if (nonce < 2 || text[nonce - 1] != '_' || nonce + NonceLength + 1 >= text.Length || text[nonce + NonceLength] != '_'
            || KindBefore(text, nonce - 1) == 0 || !IsNonce(text.Slice(nonce, NonceLength)))
        {
            return -1;
        }

        int start = nonce + NonceLength + 1;
        int end = start;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        return end - start is > 0 and <= MaxNumberDigits ? end : -1;
    }

    /// <summary>Length of the known kind that ends before <paramref name="end"/>, or 0. Letters in either case.</summary>
    public static int KindBefore(ReadOnlySpan<char> text, int end)
    {
        foreach (string kind in Kinds)
        {
            if (end > 0 && text[..end].EndsWith(kind, StringComparison.OrdinalIgnoreCase))
            {
                return kind.Length;
            }
        }

        return 0;
    }

    private static bool IsNonce(ReadOnlySpan<char> text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            char c = char.ToUpperInvariant(text[i]);
            if (!(i == 0 ? Consonants : i == text.Length - 1 ? Digits : Inner).Contains(c))
            {
                return false;
            }
        }

        return true;
    }
}
