using System.Text.Json;
using Amazon.Runtime.EventStreams;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Providers.Adapters;

namespace PolicyRouter.Fuzz.Targets;

/// <summary>
/// What Amazon Bedrock streams: the bytes as they are, and once more as the payload of a message whose checksums are right, since no fuzzer guesses those. However they are cut, the
/// same comes out; nothing is thrown but what <see cref="FailureOf"/> takes for a provider's fault.
/// </summary>
internal static class AmazonEventsTarget
{
    public static void Run(ReadOnlySpan<byte> input)
    {
        var bytes = input.ToArray();
        Check(bytes);
        Check([.. Framed(bytes), .. Framed("{\"bytes\":\"e30=\"}"u8.ToArray())]);
    }

    private static void Check(byte[] bytes)
    {
        var allocation = Allocation.Begin();
        var whole = Read(bytes, int.MaxValue);
        // A message may say that it has 4 MiB before its end is missed.
        allocation.End(bytes.Length, fixedBytes: 9 * 1_048_576);
        foreach (var slice in (int[])[1, 5])
        {
            var cut = Read(bytes, slice);
            BrokenPromiseException.ThrowUnless(whole.Fault == cut.Fault && whole.Events.SequenceEqual(cut.Events), "the events do not depend on how the bytes were cut");
        }
    }

    private static (List<string> Events, string? Fault) Read(byte[] bytes, int slice)
    {
        List<string> events = [];
        using SlicedStream stream = new(bytes, slice);
        using AmazonEventReader reader = new(stream);
        try
        {
            while (Completed.Of(reader.ReadAsync(CancellationToken.None)))
            {
                events.Add(Convert.ToHexString(reader.Data.Span));
            }

            return (events, null);
        }
        catch (Exception refused) when (refused is MalformedAnswerException or ProviderStreamException or JsonException)
        {
            return (events, refused.GetType().Name);
        }
    }

    private static byte[] Framed(byte[] payload) => new EventStreamMessage([Header(":message-type", "event"), Header(":event-type", "chunk")], payload).ToByteArray();

    private static EventStreamHeader Header(string name, string value)
    {
        EventStreamHeader header = new(name);
        header.SetString(value);
        return header;
    }
}
