using System.Security.Cryptography;
using System.Text;
using CsCheck;

namespace PolicyRouter.Redaction.Tests.Detectors;

/// <summary>Base64 and hexadecimal digits as programs write them: in any character encoding, wrapped, long, or of something that is no text.</summary>
public class EncodedBlocksTests
{
    private const string Secret = "Patient: José Martínez, SSN 536-22-1847, seen today";

    private static readonly Encoding[] Encodings = [Encoding.UTF8, Encoding.Latin1, Encoding.Unicode, Encoding.BigEndianUnicode];

    private static readonly Gen<string> Words = Gen.OneOf<string>("the", "chart", "was", "read", "by", "señora", "and", "signed,", "then", "filed.").Array[0, 60].Select(static words => string.Join(' ', words));

    [Theory]
    [InlineData("\u000BMSH|^~\\&|ADT|HOSP|||20261127||ADT^A01|1|P|2.5\rPID|1||E48151^^^HOSP^MR||Martinez^Maria||||||||||||536-22-1847\r\u001C\r")]
    [InlineData("Patient: Maria Martinez, SSN 536-22-1847.\fpage 2")]
    [InlineData("\0SSN 536-22-1847\0")]
    [InlineData("a\u0001\u0002\u0003\u0004b SSN 536-22-1847 \u0001\u0002\u0003")]
    public void ControlCharacters_HideNothing(string text) => AssertFound($"Decode: {Convert.ToBase64String(Encoding.UTF8.GetBytes(text))}");

    [Theory]
    [InlineData("utf-8")]
    [InlineData("iso-8859-1")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    public void AnyCharacterEncoding_IsRead_WithItsMarkAndWithout(string name)
    {
        var encoding = Encoding.GetEncoding(name);
        AssertFound($"Decode: {Convert.ToBase64String(encoding.GetBytes(Secret))}");
        AssertFound($"Decode: {Convert.ToBase64String([.. encoding.GetPreamble(), .. encoding.GetBytes(Secret)])}");
        AssertFound($"Decode: {Convert.ToHexString(encoding.GetBytes(Secret))}");
    }

    [Fact]
    public void TheDashOfWindows_IsADash() => AssertFound($"Decode: {Convert.ToBase64String([.. "SSN is 536"u8, 0x96, .. "22"u8, 0x96, .. "1847 she says"u8])}");

    [Fact]
    public void ALongRun_IsReadToItsEnd()
    {
        var text = string.Concat(Enumerable.Repeat("The visit went well and nothing else was said. ", 6_000)) + Secret;

        AssertFound($"Decode: {Convert.ToBase64String(Encoding.UTF8.GetBytes(text))}");
    }

    /// <summary>Text in base64 or hexadecimal digits is found whatever its encoding, its alphabet, its lines and what stands around it.</summary>
    [Fact]
    public void WrappedText_IsFound_WhereverALineEnds() => Gen.Select(
            Gen.Select(Words, Words), Gen.Int[0, Encodings.Length - 1], Gen.Int[0, 2], Gen.Int[4, 100], Gen.OneOf<string>("\r\n", "\n", "\r", "\n    ", "\n> ", "\\n", "\\r\\n", " \n"),
            Gen.OneOf<string>("Decode: ", "Decode this base64\n", "", "see https://example.org/decode/", "data:text/plain;base64,", "> "), Gen.OneOf<string>("", "\nThanks for it", ".", "\n\nBye", "\n-----END"))
        .Sample(
            static (around, which, form, width, gap, before, after) =>
            {
                var bytes = Encodings[which].GetBytes($"{around.Item1} SSN 536-22-1847 {around.Item2}");
                var code = form switch { 0 => Convert.ToBase64String(bytes), 1 => System.Buffers.Text.Base64Url.EncodeToString(bytes), _ => Convert.ToHexStringLower(bytes) };

                // Hexadecimal digits are known by having no others in their line: a path before them is one, and lines of four digits are groups of a number.
                width = form == 2 ? Math.Max(width, 12) : width;
                before = form == 2 && before.EndsWith('/') ? "" : before;

                AssertFound(before + string.Join(gap, code.Chunk(width).Select(static line => new string(line))) + after);
            },
            iter: 1_000);

    [Fact]
    public void ADumpOfHexadecimalDigits_IsOneText()
    {
        AssertFound($"""select '\x{Convert.ToHexStringLower(Encoding.UTF8.GetBytes(Secret))}' from notes""");
        AssertFound($"the word\n{string.Join('\n', Convert.ToHexStringLower(Encoding.UTF8.GetBytes(Secret)).Chunk(60).Select(static line => new string(line)))}\nThanks");
    }

    [Theory]
    [InlineData("89504E470D0A1A0A0000000D49484452")]
    [InlineData("FFD8FFE000104A464946")]
    [InlineData("474946383961")]
    [InlineData("")]
    public void AHundredBytesThatAreNoText_CannotBeLookedInto_AndAreRemovedWhole(string signature)
    {
        var code = Convert.ToBase64String([.. Convert.FromHexString(signature), .. Noise(120)]);

        Assert.Equal([new Finding(8, code.Length, FindingType.OtherIdentifier, Confidence.Low)], Scans.Of($"Decode: {code}"));

        var wrapped = string.Join("\r\n", code.TrimEnd('=').Chunk(76).Select(static line => new string(line)));
        Assert.Equal([new Finding(8, wrapped.Length, FindingType.OtherIdentifier, Confidence.Low)], Scans.Of($"Decode: {wrapped}"));
    }

    [Theory]
    [InlineData("D0CF11E0A1B11AE1")]
    [InlineData("377ABCAF271C")]
    [InlineData("526172211A07")]
    [InlineData("1F8B08")]
    public void ADocumentOrAnArchive_IsKnownByItsBeginning(string signature)
    {
        var code = Convert.ToBase64String([.. Convert.FromHexString(signature), .. Noise(16)]);

        Assert.Contains(Scans.Of($"Decode this base64\n{code}"), static finding => finding is { Start: 19, Type: FindingType.OtherIdentifier, Confidence: Confidence.Low });
    }

    [Fact]
    public void TextThatAnArchiveHolds_IsFound() =>
        AssertFound($"Decode: {Convert.ToBase64String([.. "PK\u0003\u0004"u8, .. Noise(26), .. Encoding.UTF8.GetBytes(Secret)])}");

    public static TheoryData<string> Harmless()
    {
        var hashes = Enumerable.Range(0, 20).Select(static i => SHA256.HashData([(byte)i])).ToArray();
        return new(
            "sha512-" + Convert.ToBase64String(SHA512.HashData("a"u8)),
            Convert.ToHexStringLower(SHA512.HashData("a"u8)),
            string.Concat(hashes.Select(Convert.ToHexStringLower)),
            string.Join('\n', hashes.Select(Convert.ToHexStringLower)),
            string.Join('\n', hashes.Select(static hash => Convert.ToBase64String(hash))),
            string.Join('\n', hashes.Select(static hash => System.Buffers.Text.Base64Url.EncodeToString(hash))),
            string.Join('\n', hashes.Select(static hash => new Guid(hash.AsSpan(0, 16)).ToString())),
            string.Join('_', hashes.Select(static hash => new Guid(hash.AsSpan(0, 16)).ToString())),
            "src/main/java/org/springframework/boot/autoconfigure/condition/OnBeanCondition/RegisteredBeans/AbstractNestedCondition/MemberConditions/Level2",
            "how-to-write-a-very-long-address-of-a-page-that-Nobody-will-ever-Type-in-by-hand-because-it-was-made-from-its-title-in-2024-or-so",
            string.Concat(Enumerable.Repeat("AbstractSingletonProxyFactoryBean2", 8)),
            string.Join('\n', Enumerable.Repeat("RequestProcessorFactory\nHttpHandler2\nabc", 50)),
            new string('-', 200) + "Chapter1" + new string('-', 200));
    }

    [Theory]
    [MemberData(nameof(Harmless))]
    public void HashesAndIdentifiers_AreLeftAlone(string text) => Assert.Equal("", Scans.Shown(text));

    private static void AssertFound(string text) => Assert.Contains(Scans.Of(text), static finding => finding is { Type: FindingType.UsSsn, Confidence: Confidence.High });

    /// <summary>The same bytes in every run.</summary>
    private static byte[] Noise(int count)
    {
        var noise = new byte[count];
        using var generator = Aes.Create();
        generator.Key = new byte[16];
        return [.. generator.EncryptCbc(noise, new byte[16], PaddingMode.Zeros).Take(count)];
    }
}
