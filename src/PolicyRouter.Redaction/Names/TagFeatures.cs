namespace PolicyRouter.Redaction.Names;

/// <summary>
/// What the tagger looks at to tag one token: the word and its neighbours, how they are written, the lists they stand in, and the tags already given.
/// Each feature is a slot of the model's table; two features may share one.
/// </summary>
internal static class TagFeatures
{
    /// <summary>Features of a token that do not depend on tags.</summary>
    public const int OfToken = 25;

    /// <summary>Features that depend on the tags of the two tokens before.</summary>
    public const int OfTags = 5;

    /// <summary>The slots of the features of one token that do not depend on tags.</summary>
    public static void Read(ReadOnlySpan<Token> tokens, int at, int bits, Span<int> slots)
    {
        Token none = default;
        ref readonly Token t = ref tokens[at];
        ref readonly Token left = ref At(tokens, at - 1, in none);
        ref readonly Token left2 = ref At(tokens, at - 2, in none);
        ref readonly Token right = ref At(tokens, at + 1, in none);
        ref readonly Token right2 = ref At(tokens, at + 2, in none);
        uint shape = (uint)t.Shape | ((uint)t.Line << 5);
        uint lists = (uint)t.Lists;
        uint leftForm = (uint)left.Shape | ((uint)left.Lists << 5);
        uint rightForm = (uint)right.Shape | ((uint)right.Lists << 5);
        uint form = shape | (lists << 7);
        slots[0] = Slot(0, shape, 0, bits);
        slots[1] = Slot(1, t.Word, 0, bits);
        slots[2] = Slot(2, t.Word, shape, bits);
        slots[3] = Slot(3, left.Word, (uint)left.Shape, bits);
        slots[4] = Slot(4, right.Word, (uint)right.Shape, bits);
        slots[5] = Slot(5, left2.Word, (uint)left2.Shape, bits);
        slots[6] = Slot(6, right2.Word, (uint)right2.Shape, bits);
        slots[7] = Slot(7, left.Word, t.Word, bits);
        slots[8] = Slot(8, t.Word, right.Word, bits);
        slots[9] = Slot(9, left.Word, right.Word ^ (shape << 24), bits);
        slots[10] = Slot(10, left.Word, form, bits);
        slots[11] = Slot(11, right.Word, form, bits);
        slots[12] = Slot(12, form, 0, bits);
        slots[13] = Slot(13, form, leftForm, bits);
        slots[14] = Slot(14, form, rightForm, bits);
        slots[15] = Slot(15, form, leftForm | (rightForm << 16), bits);
        slots[16] = Slot(16, leftForm, (uint)left2.Shape | ((uint)left2.Lists << 5) | (shape << 16), bits);
        slots[17] = Slot(17, rightForm, (uint)right2.Shape | ((uint)right2.Lists << 5) | (shape << 16), bits);
        slots[18] = Slot(18, t.Start3, shape, bits);
        slots[19] = Slot(19, t.End2, shape, bits);
        slots[20] = Slot(20, t.End3, shape, bits);
        slots[21] = Slot(21, (uint)left.Shape | ((uint)t.Shape << 5) | ((uint)right.Shape << 10), (uint)left2.Shape | ((uint)right2.Shape << 5), bits);
        slots[22] = Slot(22, left2.Word, left.Word ^ (shape << 24), bits);
        slots[23] = Slot(23, right.Word, right2.Word ^ (shape << 24), bits);
        slots[24] = Slot(24, left.End3, shape | ((uint)right.Shape << 8), bits);
    }

    /// <summary>The slots of the features of one token that depend on the tags before it.</summary>
    public static void ReadTags(ReadOnlySpan<Token> tokens, int at, NameTag before, NameTag before2, int bits, Span<int> slots)
    {
        Token none = default;
        ref readonly Token t = ref tokens[at];
        uint tag = (uint)before | ((uint)before2 << 2);
        uint form = (uint)t.Shape | ((uint)t.Line << 5) | ((uint)t.Lists << 7);
        slots[0] = Slot(32, (uint)before, 0, bits);
        slots[1] = Slot(33, tag, (uint)t.Shape, bits);
        slots[2] = Slot(34, tag, form, bits);
        slots[3] = Slot(35, (uint)before, t.Word, bits);
        slots[4] = Slot(36, (uint)before, At(tokens, at - 1, in none).Word ^ (form << 16), bits);
    }

    private static ref readonly Token At(ReadOnlySpan<Token> tokens, int at, in Token none)
    {
        if ((uint)at < (uint)tokens.Length)
        {
            return ref tokens[at];
        }

        return ref none;
    }

    private static int Slot(uint feature, uint first, uint second, int bits)
    {
        ulong mixed = ((first * 0x9E3779B97F4A7C15UL) ^ (((second + (ulong)feature) << 1) * 0xC2B2AE3D27D4EB4FUL)) + (feature * 0x165667B19E3779F9UL);
        mixed ^= mixed >> 29;
        return (int)((mixed * 0xBF58476D1CE4E5B9UL) >> (64 - bits));
    }
}
