using System.Globalization;

namespace PolicyRouter.Redaction.Replacement;

/// <summary>One value and the placeholder that stands for it.</summary>
internal sealed class PlaceholderEntry(int number, string kind, char[] value, bool isBareNumber, int hash, int next)
{
    /// <summary>The number in the placeholder.</summary>
    public int Number { get; } = number;
    public string Kind { get; } = kind;

    /// <summary>The value as it was written. Zeroed when the table is disposed.</summary>
    public char[] Value { get; } = value;

    /// <summary>True for a number token of JSON: its placeholder is a string, so it is written with quotes and restored without.</summary>
    public bool IsBareNumber { get; } = isBareNumber;
    public int Hash { get; } = hash;

    /// <summary>Index of the next entry with the same hash, or -1.</summary>
    public int Next { get; } = next;

    /// <summary>Characters of the placeholder, quotes of a bare number included.</summary>
    public int PlaceholderLength =>
        Kind.Length + 2 + PlaceholderFormat.NonceLength + DigitsOf(Number) + (IsBareNumber ? 2 : 0);

    /// <summary>Writes the placeholder; returns its length.</summary>
    public int Write(string nonce, Span<char> destination)
    {
        int written;
        bool fits = IsBareNumber
            ? destination.TryWrite(CultureInfo.InvariantCulture, $"\"{Kind}_{nonce}_{Number}\"", out written)
            : destination.TryWrite(CultureInfo.InvariantCulture, $"{Kind}_{nonce}_{Number}", out written);
        return fits ? written : throw new ArgumentException("The destination is too short for the placeholder.", nameof(destination));
    }

    private static int DigitsOf(int number)
    {
        int digits = 1;
        while (number >= 10)
        {
            number /= 10;
            digits++;
        }

        return digits;
    }
}
