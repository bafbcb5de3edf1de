using System.Globalization;

namespace PolicyRouter.Testing;

/// <summary>How long tests go on that can go on for longer: as every run needs, or as an environment variable asks.</summary>
public static class Campaign
{
    /// <param name="variable">The name of the environment variable; what is no positive number counts as absent.</param>
    /// <param name="otherwise">In a run that asks for nothing.</param>
    public static int Length(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var asked) && asked > 0 ? asked : otherwise;
}
