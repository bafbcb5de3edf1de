using System.Diagnostics.CodeAnalysis;

namespace PolicyRouter.Fuzz;

/// <summary>A parser did not do what it promises. The message says which promise; the input is the evidence.</summary>
[SuppressMessage("Design", "CA1032", Justification = "Thrown here only, always with a promise.")]
internal sealed class BrokenPromiseException(string message) : Exception(message)
{
    public static void ThrowUnless([DoesNotReturnIf(false)] bool holds, string promise)
    {
        if (!holds)
        {
            throw new BrokenPromiseException(promise);
        }
    }
}
