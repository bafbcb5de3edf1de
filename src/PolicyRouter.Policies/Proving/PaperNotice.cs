using System.Globalization;
using PolicyRouter.Policies.Deciding;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Policies.Proving;

/// <summary>A paper that ends soon or whose review is due.</summary>
/// <param name="IsReview">True when its review is due, false when it ends.</param>
/// <param name="IsNew">True on the days on which people are told: 90, 60, 30 and 7 days before the end, on its last day, and on the day of the review.</param>
/// <param name="Text">Ids and dates in one clause.</param>
public sealed record PaperNotice(bool IsReview, bool IsNew, string Text)
{
    private const int Soon = 90;
    private static readonly int[] Reminders = [Soon, 60, 30, 7, 0];

    /// <summary>In ordinal order of the papers.</summary>
    public static IReadOnlyList<PaperNotice> On(PolicySnapshot policy, DateOnly today)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return [.. policy.Model.Agreements.Where(paper => paper.HoldsOn(today)).OrderBy(static paper => paper.Id, StringComparer.Ordinal).SelectMany(paper => Of(paper, today))];
    }

    private static IEnumerable<PaperNotice> Of(Agreement paper, DateOnly today)
    {
        if (paper.Days?.Until is { } last && last.DayNumber - today.DayNumber is <= Soon and var left)
        {
            yield return new(
                false, Reminders.Contains(left), string.Create(CultureInfo.InvariantCulture, $"{paper.Id} with {paper.With} ends on {last.Iso()}, {left} day{(left == 1 ? "" : "s")} from now"));
        }

        if (paper.ReviewBy is { } review && review <= today)
        {
            yield return new(true, review == today, $"{paper.Id} with {paper.With} was to be reviewed by {review.Iso()}");
        }
    }
}
