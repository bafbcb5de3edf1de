namespace PolicyRouter.EndToEnd.Tests;

/// <summary>What this process still holds on to.</summary>
internal static class LiveMemory
{
    /// <summary>Bytes of the heap after full collections.</summary>
    public static long Bytes()
    {
        // Twice: finalisers of the first let go of more.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
