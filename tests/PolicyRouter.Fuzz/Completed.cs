namespace PolicyRouter.Fuzz;

/// <summary>Results of work that has nothing to wait for, because its bytes are in memory.</summary>
internal static class Completed
{
    public static T Of<T>(ValueTask<T> task) => Of(task.AsTask());

    public static T Of<T>(Task<T> task)
    {
        BrokenPromiseException.ThrowUnless(task.IsCompleted, "what lies in memory is read without waiting");
        return task.GetAwaiter().GetResult();
    }
}
