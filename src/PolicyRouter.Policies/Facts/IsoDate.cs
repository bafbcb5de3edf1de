using System.Globalization;

namespace PolicyRouter.Policies.Facts;

/// <summary>Dates as policy files and texts write them: ISO 8601.</summary>
internal static class IsoDate
{
    public static string Iso(this DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
