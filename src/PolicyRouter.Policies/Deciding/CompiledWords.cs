using PolicyRouter.Policies.Facts;
using PolicyRouter.Policies.Rules;

namespace PolicyRouter.Policies.Deciding;

/// <summary>The closed lists of one policy as bits, and the closure of every class under "is also".</summary>
internal sealed class CompiledWords
{
    public const string Unclassified = "unclassified";
    public const string PersonalData = "pii";

    private readonly ulong[] _closure;

    public CompiledWords(PolicyModel model)
    {
        Classes = new(model.Classes.Select(static c => c.Id).Append(Unclassified));
        Zones = new(model.Zones);
        Purposes = new(model.Purposes);
        Features = new(model.Features);
        UnclassifiedBit = Classes.Bit(Unclassified);
        PersonalDataBit = Classes.Bit(PersonalData) & ~WordBits.Unknown;
        _closure = Close(model.Classes);
    }

    public WordBits Classes { get; }
    public WordBits Zones { get; }
    public WordBits Purposes { get; }
    public WordBits Features { get; }
    public ulong UnclassifiedBit { get; }

    /// <summary>Zero when the policy has no class <c>pii</c>.</summary>
    public ulong PersonalDataBit { get; }

    /// <summary>The class and everything it "is also"; unclassified when nobody has defined it.</summary>
    public ulong Closure(string label)
    {
        var bit = Classes.Bit(label);
        return bit == WordBits.Unknown ? UnclassifiedBit : _closure[System.Numerics.BitOperations.TrailingZeroCount(bit)];
    }

    /// <summary>The bits that make a condition true. Unknown facts have their bit in it where unknown counts as a match.</summary>
    public ulong Mask(RequestCondition condition, bool whenUnknown) => condition.Fact switch
    {
        RequestFact.Classes => Known(Classes.Bits(condition.Words)) | UnclassifiedBit,
        RequestFact.Subjects => Known(Zones.Bits(condition.Words)) | WordBits.Unknown,
        _ => Known(Purposes.Bits(condition.Words)) | (whenUnknown ? WordBits.Unknown : 0),
    };

    private static ulong Known(ulong bits) => bits & ~WordBits.Unknown;

    private ulong[] Close(IReadOnlyList<DataClass> classes)
    {
        var closure = new ulong[Classes.Words.Count];
        for (var i = 0; i < closure.Length; i++)
        {
            closure[i] = 1UL << i;
        }

        bool grew;
        do
        {
            grew = false;
            foreach (var dataClass in classes)
            {
                var index = System.Numerics.BitOperations.TrailingZeroCount(Classes.Bit(dataClass.Id));
                var closed = dataClass.IsAlso.Aggregate(
                    closure[index],
                    (bits, parent) => bits | (Classes.Bit(parent) is var bit and not WordBits.Unknown
                        ? closure[System.Numerics.BitOperations.TrailingZeroCount(bit)]
                        : UnclassifiedBit));
                grew |= closed != closure[index];
                closure[index] = closed;
            }
        }
        while (grew);

        return closure;
    }
}
