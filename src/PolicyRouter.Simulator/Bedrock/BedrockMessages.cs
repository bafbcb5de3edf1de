using System.Buffers;
using System.Text.Json;
using Amazon.Runtime.EventStreams;
using PolicyRouter.Simulator.Answers;
using PolicyRouter.Simulator.Serving;

namespace PolicyRouter.Simulator.Bedrock;

/// <summary>Messages of <c>application/vnd.amazon.eventstream</c>.</summary>
internal static class BedrockMessages
{
    /// <summary>A piece of the model's answer: one event's JSON, in base64, with the padding that hides its length.</summary>
    public static byte[] Chunk(ReadOnlySpan<byte> json)
    {
        ArrayBufferWriter<byte> payload = new();
        using (Utf8JsonWriter writer = new(payload, Json.Writing))
        {
            writer.WriteStartObject();
            writer.WriteBase64String("bytes"u8, json);
            writer.WriteString("p"u8, "abcdef"u8);
            writer.WriteEndObject();
        }

        return Message("event", ":event-type", "chunk", payload);
    }

    /// <summary>An error after which nothing comes.</summary>
    public static byte[] Exception(WireError error)
    {
        ArrayBufferWriter<byte> payload = new();
        using (Utf8JsonWriter writer = new(payload, Json.Writing))
        {
            writer.WriteStartObject();
            writer.WriteString("message"u8, error.Message);
            writer.WriteEndObject();
        }

        return Message("exception", ":exception-type", error.Type, payload);
    }

    private static byte[] Message(string messageType, string typeHeader, string type, ArrayBufferWriter<byte> payload)
    {
        List<IEventStreamHeader> headers =
        [
            Header(typeHeader, type),
            Header(":content-type", "application/json"),
            Header(":message-type", messageType),
        ];
        return new EventStreamMessage(headers, payload.WrittenSpan.ToArray()).ToByteArray();
    }

    private static EventStreamHeader Header(string name, string value)
    {
        EventStreamHeader header = new(name);
        header.SetString(value);
        return header;
    }
}
