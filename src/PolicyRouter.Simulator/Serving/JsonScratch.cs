using System.Buffers;
using System.Text.Json;

namespace PolicyRouter.Simulator.Serving;

/// <summary>
/// A reusable buffer per thread for bodies that are written in one go, so that a plain answer costs no growing buffers. Valid until the
/// next <see cref="Take"/> on the same thread: never keep one across an await.
/// </summary>
internal readonly struct JsonScratch
{
    private const int LargestKept = 1_048_576;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _bufferOfThread;

    [ThreadStatic]
    private static Utf8JsonWriter? _writerOfThread;

    private readonly ArrayBufferWriter<byte> _buffer;
    private readonly Utf8JsonWriter _json;

    private JsonScratch(ArrayBufferWriter<byte> buffer, Utf8JsonWriter json)
    {
        _buffer = buffer;
        _json = json;
    }

    public ReadOnlySpan<byte> Written
    {
        get
        {
            _json.Flush();
            return _buffer.WrittenSpan;
        }
    }

    public static JsonScratch Take(out Utf8JsonWriter json)
    {
        if (_bufferOfThread is not { } buffer || buffer.Capacity > LargestKept)
        {
            _bufferOfThread = buffer = new ArrayBufferWriter<byte>(4_096);
        }

        buffer.ResetWrittenCount();
        json = _writerOfThread ??= new Utf8JsonWriter(buffer, Answers.Json.Writing);
        json.Reset(buffer);
        return new JsonScratch(buffer, json);
    }
}
