using System.Buffers.Binary;
using System.Text.Json;
using PolicyRouter.Simulator.Answers;
using PolicyRouter.Simulator.Serving;

namespace PolicyRouter.Simulator.OpenAi;

/// <summary>Answers <c>/embeddings</c>: unit vectors that depend on the text and the seed only, as floats or base64.</summary>
internal static class OpenAiEmbeddings
{
    private const int DefaultDimensions = 256;
    private const int MostDimensions = 4_096;

    public static WireError? Write(Utf8JsonWriter json, JsonElement body, ProviderProfile profile)
    {
        var dimensions = body.Integer("dimensions"u8) ?? DefaultDimensions;
        if (dimensions is < 1 or > MostDimensions)
        {
            return new WireError(400, "invalid_request_error", "Invalid 'dimensions'.", "invalid_value", "dimensions");
        }

        if (Texts(body) is not { Count: > 0 } texts)
        {
            return new WireError(400, "invalid_request_error", "Invalid 'input': expected text, or an array of texts or tokens.", "invalid_type", "input");
        }

        var isBase64 = body.Text("encoding_format"u8) is "base64";
        var characters = 0;
        json.WriteStartObject();
        json.WriteString("object"u8, "list"u8);
        json.WriteStartArray("data"u8);
        for (var index = 0; index < texts.Count; index++)
        {
            characters += texts[index].Length;
            json.WriteStartObject();
            json.WriteString("object"u8, "embedding"u8);
            json.WriteNumber("index"u8, index);
            WriteVector(json, Vector(texts[index], dimensions, (ulong)profile.Seed), isBase64);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("model"u8, profile.Model);
        json.WriteStartObject("usage"u8);
        json.WriteNumber("prompt_tokens"u8, Tokens.Of(characters));
        json.WriteNumber("total_tokens"u8, Tokens.Of(characters));
        json.WriteEndObject();
        json.WriteEndObject();
        return null;
    }

    private static List<string>? Texts(JsonElement body)
    {
        if (!body.TryGet("input"u8, out var input))
        {
            return null;
        }

        if (input.ValueKind is JsonValueKind.String)
        {
            return [input.GetString()!];
        }

        if (input.ValueKind is not JsonValueKind.Array || input.GetArrayLength() == 0)
        {
            return null;
        }

        // One array of token numbers is one text; an array of arrays is several.
        return input[0].ValueKind is JsonValueKind.Number
            ? [input.GetRawText()]
            : [.. input.EnumerateArray().Select(item => item.ValueKind is JsonValueKind.String ? item.GetString()! : item.GetRawText())];
    }

    private static float[] Vector(string text, int dimensions, ulong seed)
    {
        Dice dice = new(Dice.SeedFor(seed, text));
        float[] vector = new float[dimensions];
        double squares = 0;
        for (var i = 0; i < dimensions; i++)
        {
            vector[i] = (float)(dice.NextShare() - 0.5);
            squares += vector[i] * (double)vector[i];
        }

        var length = (float)Math.Sqrt(squares);
        for (var i = 0; i < dimensions; i++)
        {
            vector[i] /= length;
        }

        return vector;
    }

    private static void WriteVector(Utf8JsonWriter json, float[] vector, bool isBase64)
    {
        if (isBase64)
        {
            var bytes = new byte[vector.Length * sizeof(float)];
            for (var i = 0; i < vector.Length; i++)
            {
                BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), vector[i]);
            }

            json.WriteBase64String("embedding"u8, bytes);
            return;
        }

        json.WriteStartArray("embedding"u8);
        foreach (var number in vector)
        {
            json.WriteNumberValue(number);
        }

        json.WriteEndArray();
    }
}
