using System.Buffers;
using PolicyRouter.Redaction.Labels;
using PolicyRouter.Redaction.Scanning;

namespace PolicyRouter.Redaction.Detectors;

/// <summary>Values without digits that a colon, an equals sign or a key introduces: names and credentials.</summary>
internal static class LabelledTextDetector
{
    private const int MaxSecret = 4096;
    private const int MinPassword = 4;
    private const int MinCredential = 8;

    private static readonly SearchValues<char> BareSecretEnd = SearchValues.Create(" \t\r\n,;\"'<>{}()[]|`\\&");

    // What documentation and schemas write where a password would stand.
    private static readonly string[] NotSecrets =
    [
        "null", "none", "true", "false", "string", "required", "optional", "undefined", "your", "enter", "reset", "changed", "must", "should",
        "protected", "policy",
    ];

    /// <summary>Looks for a label before the sign at <paramref name="sign"/> and a value behind it.</summary>
    public static void Detect(ref ScanContext context, int sign)
    {
        if (sign < context.LabelledEnd)
        {
            return;
        }

        ReadOnlySpan<char> text = context.Text;
        int start = SkipToValue(text, sign + 1);
        if (start >= text.Length)
        {
            return;
        }

        // The label reader looks back over the sign, as it does for numbers.
        Label label = LabelReader.Before(text, sign + 1, default);
        Value(ref context, label.Kind, start);
    }

    /// <summary>The whole text as the value of its key.</summary>
    public static void DetectWhole(ref ScanContext context)
    {
        LabelKind kind = context.Key.IsEmpty ? LabelKind.None : LabelReader.Of(context.Key);
        ReadOnlySpan<char> text = context.Text;
        if (kind is LabelKind.Person or LabelKind.Name)
        {
            int start = SkipToValue(text, 0);
            PersonNameDetector.Detect(ref context, start, kind, isWhole: true);
        }
        else if (kind == LabelKind.Password || (kind == LabelKind.Credential && SecretDetector.LooksRandom(text)))
        {
            // The whole value, spaces included: a passphrase has some.
            if (text.Length is >= MinPassword and <= MaxSecret && !IsPlaceholderWord(text))
            {
                context.Add(0, text.Length, FindingType.Secret, Confidence.High);
            }
        }
    }

    /// <summary>Looks at <paramref name="start"/> for a value of the kind.</summary>
    public static void Value(ref ScanContext context, LabelKind kind, int start)
    {
        if (kind is LabelKind.Person or LabelKind.Name)
        {
            context.LabelledEnd = PersonNameDetector.Detect(ref context, start, kind, isWhole: false);
        }
        else if (kind is LabelKind.Password or LabelKind.Credential)
        {
            context.LabelledEnd = Secret(ref context, kind, start);
        }
    }

    private static int Secret(ref ScanContext context, LabelKind kind, int start)
    {
        ReadOnlySpan<char> text = context.Text;
        foreach (string scheme in (ReadOnlySpan<string>)["Bearer ", "Basic ", "Token "])
        {
            if (text[start..].StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
            {
                start += scheme.Length;
                break;
            }
        }

        char quote = context.At(start - 1);
        ReadOnlySpan<char> rest = text.Slice(start, Math.Min(MaxSecret, text.Length - start));
        int length = quote is '"' or '\'' or '`'
            ? rest.IndexOfAny(quote, '\n')
            : rest.IndexOfAny(BareSecretEnd);
        length = length < 0 ? rest.Length : length;
        ReadOnlySpan<char> value = rest[..length].TrimEnd("\\.*");
        bool isSecret = kind == LabelKind.Password
            ? value.Length >= MinPassword
            : value.Length >= MinCredential && SecretDetector.LooksRandom(value);
        if (isSecret && !IsPlaceholderWord(value))
        {
            context.Add(start, start + value.Length, FindingType.Secret, Confidence.High);
        }

        return start + length;
    }

    private static bool IsPlaceholderWord(ReadOnlySpan<char> value)
    {
        if (Replacement.PlaceholderFormat.IsPlaceholder(value) || value[0] is '<' or '$' or '{' || value.Trim('*').IsEmpty)
        {
            return true;
        }

        foreach (string word in NotSecrets)
        {
            if (value.Equals(word, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static int SkipToValue(ReadOnlySpan<char> text, int at)
    {
        int limit = Math.Min(text.Length, at + 8);
        while (at < limit && text[at] is ' ' or '\t' or '"' or '\'' or '\\' or '*' or '`' or '>' or '[' or '=')
        {
            at++;
        }

        return at;
    }
}
