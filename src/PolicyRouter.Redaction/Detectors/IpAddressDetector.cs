using System.Net;
using PolicyRouter.Redaction.Labels;
using PolicyRouter.Redaction.Scanning;

namespace PolicyRouter.Redaction.Detectors;

/// <summary>IPv4 (RFC 791, dotted quad), IPv6 (RFC 4291) and IEEE 802 hardware addresses.</summary>
internal static class IpAddressDetector
{
    private const int MaxColonForm = 45;

    /// <returns>The last group of the address, or -1.</returns>
    public static int DetectV4(ref ScanContext context, scoped DigitGroups groups, int first)
    {
        int last = first + 3;
        if (last >= groups.Count || (first > 0 && groups.Separator(first - 1)[^1] == '.')
            || (last + 1 < groups.Count && groups.Separator(last)[0] == '.'))
        {
            return -1;
        }

        for (int i = first; i <= last; i++)
        {
            bool isOctet = groups[i].Length <= 3 && groups.Value(i) <= 255 && (groups[i].Length == 1 || context.Text[groups[i].Start] != '0');
            if (!isOctet || (i < last && groups.SingleSeparator(i) != '.'))
            {
                return -1;
            }
        }

        int start = groups[first].Start;
        if (!context.StartsWord(start) || context.At(start - 1) is '.' or '-' || !context.EndsWord(groups[last].End)
            || LabelReader.Before(context.Text, start, context.Key).Kind == LabelKind.Version)
        {
            return -1;
        }

        context.Add(start, groups[last].End, FindingType.IpAddress, Confidence.High);
        return last;
    }

    /// <summary>Looks at the hexadecimal groups around the colon at <paramref name="at"/>; returns where they end, or the next place.</summary>
    public static int DetectColonForm(ref ScanContext context, int at)
    {
        ReadOnlySpan<char> text = context.Text;
        int start = at;
        while (start > 0 && at - start < MaxColonForm && IsColonForm(text[start - 1]))
        {
            start--;
        }

        int end = at;
        while (end < text.Length && end - start <= MaxColonForm && IsColonForm(text[end]))
        {
            end++;
        }

        ReadOnlySpan<char> token = text[start..end].TrimEnd('.');
        if (token.Length > 2 && token[^1] == ':' && token[^2] != ':')
        {
            token = token[..^1];
        }

        if (token.Length > MaxColonForm || token.Length < 6 || !context.StartsWord(start) || !context.EndsWord(start + token.Length)
            || token.IndexOfAnyInRange('0', '9') < 0)
        {
            return at + 1;
        }

        int colons = token.Count(':');
        if (colons == 5 && IsHardwareAddress(token))
        {
            context.Add(start, start + token.Length, FindingType.OtherIdentifier, Confidence.High);
        }
        else if ((colons == 7 || token.Contains("::", StringComparison.Ordinal)) && IPAddress.TryParse(token, out _))
        {
            context.Add(start, start + token.Length, FindingType.IpAddress, Confidence.High);
        }
        else
        {
            return at + 1;
        }

        return start + token.Length;
    }

    private static bool IsColonForm(char c) => char.IsAsciiHexDigit(c) || c is ':' or '.';

    private static bool IsHardwareAddress(ReadOnlySpan<char> token)
    {
        for (int i = 0; i < token.Length; i++)
        {
            if (i % 3 == 2 ? token[i] != ':' : !char.IsAsciiHexDigit(token[i]))
            {
                return false;
            }
        }

        return token.Length == 17;
    }
}
