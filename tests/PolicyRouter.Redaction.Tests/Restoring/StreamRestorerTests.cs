using System.Text;
using CsCheck;
using PolicyRouter.Redaction.Replacement;
using PolicyRouter.Redaction.Restoring;

namespace PolicyRouter.Redaction.Tests.Restoring;

public sealed class StreamRestorerTests
{
    private const string Nonce = "QX7K4";

    private static readonly string[] Fragments =
    [
        "EMAIL_QX7K4_1", "email_qx7k4_1", "EMAIL\\_QX7K4\\_1", "SSN_QX7K4_2", "\"SSN_QX7K4_2\"", "\"", "NAME_QX7K4_3", "NAME_QX7K4_12", "NAME_QX7K4_", "1", "2", "0", "_", "\\",
        "EMAIL", "E", "N", "QX7K4", "_QX7K4_", "**", " ", "text", "😀", "\u2028", "\n", "SECRET_QX7K4_4", "SECRET_QX7K4_40",
    ];

    private static readonly Gen<string> Answers =
        Gen.OneOf(Gen.Int[0, Fragments.Length - 1].Select(static i => Fragments[i]), Gen.Char[' ', '~'].Select(static c => c.ToString()))
            .Array[0, 16].Select(string.Concat);

    [Fact]
    public void AnyAnswerInAnyPieces_IsRestoredLikeTheWhole() =>
        (from answer in Answers
         from cuts in Gen.Int[0, 200].Array[0, 12]
         from json in Gen.Bool
         select (answer, cuts, json)).Sample(static sample =>
        {
            using PlaceholderTable table = Table();
            RestoreContext context = sample.json ? RestoreContext.JsonString : RestoreContext.Text;
            Assert.Equal(table.Restore(sample.answer, context) ?? sample.answer, Streamed(table, context, Pieces(sample.answer, sample.cuts)));
        }, iter: 30_000);

    [Fact]
    public void AnswerCutAtEveryCharacter_IsRestoredLikeTheWhole()
    {
        using PlaceholderTable table = Table();
        string answer = string.Join(" and ", Fragments) + string.Concat(Fragments);
        string whole = table.Restore(answer, RestoreContext.Text) ?? answer;
        Assert.Equal(whole, Streamed(table, RestoreContext.Text, answer.Select(static c => c.ToString())));
        for (int cut = 0; cut <= answer.Length; cut++)
        {
            Assert.Equal(whole, Streamed(table, RestoreContext.Text, [answer[..cut], answer[cut..]]));
        }
    }

    [Fact]
    public void OrdinaryText_IsNotHeldBack()
    {
        using PlaceholderTable table = Table();
        StreamRestorer restorer = new(table, RestoreContext.Text);
        Assert.Equal("The pulse is 72. ", restorer.Push("The pulse is 72. "));
        Assert.Equal("EMAIL is ", restorer.Push("EMAIL is "));
        Assert.Equal("EMAIL_QX7K5 ", restorer.Push("EMAIL_QX7K5 "));
        Assert.Equal(string.Empty, restorer.Push("SECRET_QX7K4_5"));
        Assert.Equal("[secret] ", restorer.Push(" "));
        Assert.Equal(string.Empty, restorer.Flush());
    }

    [Fact]
    public void OnlyTheSuffixThatCouldBecomeAPlaceholder_IsHeldBack()
    {
        using PlaceholderTable table = Table();
        StreamRestorer restorer = new(table, RestoreContext.Text);
        Assert.Equal("write to ", restorer.Push("write to EMA"));
        Assert.Equal(string.Empty, restorer.Push("IL_QX7"));
        Assert.Equal(string.Empty, restorer.Push("K4_1"));
        Assert.Equal("ann@example.org.", restorer.Push("."));
        Assert.Equal("E", restorer.Push("E") + restorer.Flush());
    }

    [Fact]
    public void StreamThatIsCutOff_ShowsWhatWasHeldBack()
    {
        using PlaceholderTable table = Table();
        StreamRestorer restorer = new(table, RestoreContext.Text);
        Assert.Equal("see ", restorer.Push("see EMAIL_QX7K4_1"));
        Assert.Equal("ann@example.org", restorer.Flush());
        Assert.Equal(string.Empty, restorer.Push("EMAIL_QX"));
        Assert.Equal("EMAIL_QX", restorer.Flush());
        Assert.Equal(string.Empty, restorer.Flush());
    }

    [Fact]
    public void TwoInterleavedStreams_DoNotMix()
    {
        using PlaceholderTable table = Table();
        StreamRestorer first = new(table, RestoreContext.Text);
        StreamRestorer second = new(table, RestoreContext.Text);
        string a = first.Push("EMAIL_QX");
        string b = second.Push("NAME_QX7K4");
        a += first.Push("7K4_1!");
        b += second.Push("_3!");
        Assert.Equal("ann@example.org!", a + first.Flush());
        Assert.Equal("John Smith!", b + second.Flush());
    }

    [Fact]
    public void TableWithoutPlaceholders_HandsPiecesThrough()
    {
        using PlaceholderTable table = new(Nonce);
        const string Piece = "EMAIL_QX7K4_";
        Assert.Same(Piece, new StreamRestorer(table, RestoreContext.Text).Push(Piece));
    }

    [Fact]
    public void PieceThatStaysAsItIs_IsNotCopied()
    {
        using PlaceholderTable table = Table();
        StreamRestorer restorer = new(table, RestoreContext.Text);
        Assert.Null(restorer.Take("The pulse is 72. "));
        Assert.Null(restorer.Take("EMAIL_QX7K5 "));
        Assert.Null(restorer.Take(string.Empty));
        Assert.Equal(string.Empty, restorer.Take("EMAIL"));
        Assert.Equal("EMAIL.", restorer.Take("."));
        Assert.Equal("ann@example.org.", restorer.Take("EMAIL_QX7K4_1."));
    }

    /// <summary>Where a placeholder may begin is found by its first letter in two cases: no third character is taken for it.</summary>
    [Fact]
    public void EveryCharacterThatAKindMayBeginWith_IsLookedFor()
    {
        foreach (string kind in PlaceholderFormat.AllKinds)
        {
            for (int c = char.MinValue; c <= char.MaxValue; c++)
            {
                bool isSame = string.Equals(kind[..1], ((char)c).ToString(), StringComparison.OrdinalIgnoreCase);
                Assert.Equal(c == char.ToUpperInvariant(kind[0]) || c == char.ToLowerInvariant(kind[0]), isSame);
            }
        }
    }

    private static PlaceholderTable Table()
    {
        PlaceholderTable table = new(Nonce);
        table.Assign("ann@example.org", "EMAIL", isBareNumber: false);
        table.Assign("123456789", "SSN", isBareNumber: true);
        table.Assign("John Smith", "NAME", isBareNumber: false);
        table.Assign("a\"b\\c", "SECRET", isBareNumber: false);
        return table;
    }

    private static string Streamed(PlaceholderTable table, RestoreContext context, IEnumerable<string> pieces)
    {
        StreamRestorer restorer = new(table, context);
        StringBuilder shown = new();
        foreach (string piece in pieces)
        {
            shown.Append(restorer.Push(piece));
        }

        return shown.Append(restorer.Flush()).ToString();
    }

    private static List<string> Pieces(string answer, int[] cuts)
    {
        List<string> pieces = [];
        int at = 0;
        foreach (int cut in cuts.Select(c => c % (answer.Length + 1)).Append(answer.Length).Order())
        {
            pieces.Add(answer[at..cut]);
            at = cut;
        }

        return pieces;
    }
}
