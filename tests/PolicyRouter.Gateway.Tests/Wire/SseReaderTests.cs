using System.Buffers;
using System.Text;
using CsCheck;
using PolicyRouter.Gateway.Wire.Sse;

namespace PolicyRouter.Gateway.Tests.Wire;

public sealed class SseReaderTests
{
    [Theory]
    [InlineData("data: a\n\ndata: b\n\n", "a|b")]
    [InlineData("data: a\r\n\r\ndata: b\r\n\r\n", "a|b")]
    [InlineData("data: a\r\rdata: b\r\r", "a|b")]
    [InlineData("data:a\n\n", "a")]
    [InlineData("data:  a\n\n", " a")]
    [InlineData("data: a\ndata: b\n\n", "a\nb")]
    [InlineData(": keep-alive\n\n: again\ndata: a\n\n", "a")]
    [InlineData("id: 1\nretry: 5\nevent: ping\n\ndata: a\n\n", "a")]
    [InlineData("data\n\n", "")]
    [InlineData("data: a\u2028b\n\n", "a\u2028b")]
    [InlineData("\uFEFFdata: a\n\n", "a")]
    [InlineData("data: a\n\ndata: cut", "a")]
    public async Task Events_AreReadByTheRulesOfTheFormat(string stream, string expected) =>
        Assert.Equal(expected, string.Join('|', await ReadAsync(Encoding.UTF8.GetBytes(stream), int.MaxValue)));

    /// <summary>Whoever rents the buffer next is another caller.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2_000)]
    public async Task BufferThatWasReturned_HasNothingOfTheStream(int events)
    {
        var stream = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("data: words of a patient\n\n", events)) + "data: words");
        SseReader reader = new(new MemoryStream(stream), SseLimits.Default);
        while (await reader.ReadAsync(CancellationToken.None))
        {
            Assert.Equal("words of a patient", Encoding.UTF8.GetString(reader.Data.Span));
        }

        reader.Dispose();

        // The pool hands out first what this thread gave back last.
        var next = ArrayPool<byte>.Shared.Rent(16_384);
        Assert.Equal(-1, next.AsSpan().IndexOf("words"u8));
        ArrayPool<byte>.Shared.Return(next);
    }

    [Fact]
    public async Task AnEventName_BelongsToItsEventOnly()
    {
        using SseReader reader = new(new MemoryStream("event: error\ndata: a\n\ndata: b\n\n"u8.ToArray()), SseLimits.Default);

        Assert.True(await reader.ReadAsync(CancellationToken.None));
        Assert.Equal("error", reader.EventName);
        Assert.True(await reader.ReadAsync(CancellationToken.None));
        Assert.Equal("", reader.EventName);
    }

    [Fact]
    public async Task AnyCuttingOfTheStream_GivesTheSameEvents() => await Gen.Select(
            Gen.OneOf<string>("data: é😀\u2028", "data: x", "", ": c", "event: ping", "data", "foo: bar").Array[0, 12],
            Gen.OneOf<string>("\n", "\r\n", "\r").Array[12],
            Gen.Int[1, 7])
        .SampleAsync(
            async (lines, ends, size) =>
            {
                var bytes = Encoding.UTF8.GetBytes(string.Concat(lines.Zip(ends, static (line, end) => line + end)) + "\n\n");

                Assert.Equal(await ReadAsync(bytes, int.MaxValue), await ReadAsync(bytes, size));
            },
            iter: 500);

    /// <summary>What has arrived is read without waiting, and an event of which a part has arrived goes on when the rest is there.</summary>
    [Fact]
    public async Task EventsThatHaveArrived_AreReadWithoutWaiting() => await Gen.Select(
            Gen.OneOf<string>("data: é😀", "data: x", "", "", ": c", "event: ping", "data").Array[0, 12], Gen.OneOf<string>("\n", "\r\n", "\r").Array[12], Gen.Int[1, 30])
        .SampleAsync(
            async (lines, ends, size) =>
            {
                var bytes = Encoding.UTF8.GetBytes(string.Concat(lines.Zip(ends, static (line, end) => line + end)) + "\n\n");
                using SseReader reader = new(new SlicedStream(bytes, size), SseLimits.Default);
                List<string> events = [];
                do
                {
                    while (reader.TryRead())
                    {
                        events.Add(Encoding.UTF8.GetString(reader.Data.Span));
                    }

                    if (!await reader.ReadAsync(CancellationToken.None))
                    {
                        break;
                    }

                    events.Add(Encoding.UTF8.GetString(reader.Data.Span));
                }
                while (true);

                Assert.Equal(await ReadAsync(bytes, int.MaxValue), events);
            },
            iter: 500);

    [Theory]
    [InlineData("data: 0123456789", 8, 100, 10)]
    [InlineData("data: 0123456789\n\n", 8, 100, 10)]
    [InlineData("data: 0123\ndata: 4567\n\n", 100, 6, 10)]
    [InlineData("data: 1\n\ndata: 2\n\ndata: 3\n\n", 100, 100, 2)]
    public async Task WhatIsOverALimit_IsRefused(string stream, int lineBytes, int eventBytes, int events) =>
        await Assert.ThrowsAsync<SseFormatException>(() => ReadAsync(Encoding.UTF8.GetBytes(stream), 5, new SseLimits(lineBytes, eventBytes, events)));

    private static async Task<List<string>> ReadAsync(byte[] bytes, int size, SseLimits? limits = null)
    {
        using SseReader reader = new(new SlicedStream(bytes, size), limits ?? SseLimits.Default);
        List<string> events = [];
        while (await reader.ReadAsync(CancellationToken.None))
        {
            events.Add(Encoding.UTF8.GetString(reader.Data.Span));
        }

        return events;
    }

    /// <summary>Gives at most so many bytes at a time, as a network may.</summary>
    private sealed class SlicedStream(byte[] bytes, int size) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(size, buffer.Length)], cancellationToken);
    }
}
