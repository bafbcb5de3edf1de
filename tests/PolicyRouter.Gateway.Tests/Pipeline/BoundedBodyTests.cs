using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.InteropServices;
using System.Text;
using PolicyRouter.Gateway.Pipeline;

namespace PolicyRouter.Gateway.Tests.Pipeline;

public sealed class BoundedBodyTests
{
    /// <summary>Whoever rents the buffer next is another caller.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2_000)]
    public async Task BufferThatWasReturned_HasNothingOfTheBody(int times)
    {
        var sent = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("zebrafish", times)));
        var body = await BoundedBody.ReadAsync(PipeReader.Create(new ReadOnlySequence<byte>(sent)), sent.Length, sent.Length, CancellationToken.None);
        Assert.True(body!.Memory.Span.SequenceEqual(sent));
        Assert.True(MemoryMarshal.TryGetArray(body.Memory, out var buffer));

        body.Dispose();

        Assert.Equal(-1, buffer.Array.AsSpan().IndexOf("zebra"u8));
        Assert.Throws<ObjectDisposedException>(() => body.Memory);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(10L)]
    [InlineData(11L)]
    public async Task BodyOverTheLimit_IsNone_WhateverItsHeadSays(long? declared) => Assert.Null(
        await BoundedBody.ReadAsync(PipeReader.Create(new ReadOnlySequence<byte>(new byte[11])), declared, 10, CancellationToken.None));
}
