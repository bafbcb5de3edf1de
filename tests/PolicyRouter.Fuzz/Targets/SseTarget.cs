using PolicyRouter.Gateway.Wire.Sse;

namespace PolicyRouter.Fuzz.Targets;

/// <summary>
/// What a provider streams as server-sent events. However the bytes are cut, the same events come out, as a second, slow reading of the format has them (WHATWG HTML, section
/// 9.2.6); nothing but <see cref="SseFormatException"/> is thrown.
/// </summary>
internal static class SseTarget
{
    // Small, so that an input can reach them.
    private static readonly SseLimits Limits = new(LineBytes: 256, EventBytes: 512, Events: 64);

    public static void Run(ReadOnlySpan<byte> input)
    {
        var bytes = input.ToArray();
        var allocation = Allocation.Begin();
        var whole = Read(bytes, int.MaxValue);
        allocation.End(bytes.Length, fixedBytes: 262_144);
        foreach (var slice in (int[])[1, 2, 7])
        {
            var cut = Read(bytes, slice);
            BrokenPromiseException.ThrowUnless(whole.Fault == cut.Fault && whole.Events.SequenceEqual(cut.Events), "the events do not depend on how the bytes were cut");
        }

        if (whole.Fault is null)
        {
            BrokenPromiseException.ThrowUnless(whole.Events.SequenceEqual(SlowSse.Read(bytes)), "the events are those of the format");
        }
    }

    private static (List<string> Events, string? Fault) Read(byte[] bytes, int slice)
    {
        List<string> events = [];
        using SlicedStream stream = new(bytes, slice);
        using SseReader reader = new(stream, Limits);
        try
        {
            while (reader.TryRead() || Completed.Of(reader.ReadAsync(CancellationToken.None)))
            {
                events.Add($"{reader.EventName} {Convert.ToHexString(reader.Data.Span)}");
            }

            return (events, null);
        }
        catch (SseFormatException refused)
        {
            return (events, refused.Message);
        }
    }
}
