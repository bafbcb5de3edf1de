using System.Globalization;

namespace PolicyRouter.Fuzz;

/// <summary>The bar of docs/threat-model.md: reading costs less than a hundred times what was sent, beside a fixed sum.</summary>
internal readonly struct Allocation
{
    private const int TimesInput = 100;
    private readonly long _before;

    private Allocation(long before) => _before = before;

    public static Allocation Begin() => new(GC.GetAllocatedBytesForCurrentThread());

    /// <param name="fixedBytes">What it may cost whatever the input.</param>
    /// <exception cref="BrokenPromiseException">It cost more.</exception>
    public void End(int inputBytes, int fixedBytes)
    {
        var spent = GC.GetAllocatedBytesForCurrentThread() - _before;
        BrokenPromiseException.ThrowUnless(
            spent <= fixedBytes + ((long)TimesInput * inputBytes),
            string.Create(CultureInfo.InvariantCulture, $"{inputBytes} bytes of input cost {spent} bytes of memory"));
    }
}
