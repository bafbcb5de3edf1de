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
        BusinessUnits = new(model.BusinessUnits);
        Approvals = new(ApprovalsAskedFor(model));
        UnclassifiedBit = Classes.Bit(Unclassified);
        PersonalDataBit = Classes.Bit(PersonalData) & ~WordBits.Unknown;
        _closure = Close(model.Classes);
    }

    public WordBits Classes { get; }
    public WordBits Zones { get; }
    public WordBits Purposes { get; }
    public WordBits Features { get; }
    public WordBits BusinessUnits { get; }

    /// <summary>One word per rule and role whose approval it asks for: <see cref="ApprovalOf"/>.</summary>
    public WordBits Approvals { get; }

    /// <summary>The same, as the rules and roles they are made of.</summary>
    public IEnumerable<NeededApproval> NeededApprovals => Approvals.Words.Select(static word =>
    {
        var space = word.IndexOf(' ', StringComparison.Ordinal);
        return new NeededApproval(word[..space], word[(space + 1)..]);
    });
    public ulong UnclassifiedBit { get; }

    /// <summary>Zero when the policy has no class <c>pii</c>.</summary>
    public ulong PersonalDataBit { get; }

    /// <summary>The class and everything it "is also"; unclassified when nobody has defined it.</summary>
    public ulong Closure(string label)
    {
        var bit = Classes.Bit(label);
        return bit == WordBits.Unknown ? UnclassifiedBit : _closure[System.Numerics.BitOperations.TrailingZeroCount(bit)];
    }

    /// <summary>The same of all of them.</summary>
    public ulong Closure(IReadOnlyCollection<string> labels)
    {
        var closure = 0UL;
        if (labels is IReadOnlyList<string> list)
        {
            // By index, which takes no enumerator.
            for (var i = 0; i < list.Count; i++)
            {
                closure |= Closure(list[i]);
            }

            return closure;
        }

        foreach (var label in labels)
        {
            closure |= Closure(label);
        }

        return closure;
    }

    /// <summary>The bits that make a condition true. Unknown facts have their bit in it where unknown counts as a match.</summary>
    public ulong Mask(string rule, RequestCondition condition, bool whenUnknown) => condition.Fact switch
    {
        RequestFact.Classes => Known(Classes.Bits(condition.Words)) | UnclassifiedBit,
        RequestFact.Subjects => Known(Zones.Bits(condition.Words)) | WordBits.Unknown,
        RequestFact.Features => Known(Features.Bits(condition.Words)) | WordBits.Unknown,
        RequestFact.Purpose => Known(Purposes.Bits(condition.Words)) | (whenUnknown ? WordBits.Unknown : 0),
        RequestFact.BusinessUnit => Known(BusinessUnits.Bits(condition.Words)) | (whenUnknown ? WordBits.Unknown : 0),
        _ => Known(Approvals.Bits(condition.Words.Select(role => ApprovalOf(rule, role)))),
    };

    /// <summary>The name of one approval: a rule, and the role that gives it. Role and rule names hold no space.</summary>
    public static string ApprovalOf(string rule, string role) => $"{rule} {role}";

    /// <summary>True when the duty asks for an approval that is not among these.</summary>
    public bool LacksApproval(FiringDuty duty, ulong approvals) => duty.Approval is { } role && (Approvals.Bit(ApprovalOf(duty.Rule, role)) & approvals) == 0;

    /// <summary>Every approval that some rule asks for.</summary>
    public static IEnumerable<string> ApprovalsAskedFor(PolicyModel model) => model.Rules.Concat(model.Tenants.SelectMany(static t => t.Rules))
        .SelectMany(static rule => rule.WhenAll.Concat(rule.UnlessAny).OfType<ApprovalHeld>().Select(static c => c.Role)
            .Concat(rule.Duty?.Approval is { } role ? [role] : [])
            .Select(role => ApprovalOf(rule.Id, role)))
        .Concat(model.Tenants.SelectMany(static tenant => tenant.Narrowed.SelectMany(static narrowed =>
            narrowed.Value.OfType<ApprovalHeld>().Select(held => ApprovalOf(narrowed.Key, held.Role)))));

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
