using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace PolicyRouter.Gateway.Control;

/// <summary>JSON answers of our own API.</summary>
internal static class ControlJson
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    public static Task WriteAsync<T>(HttpContext http, T value) => WriteAsync(http, writer => JsonSerializer.Serialize(writer, value, Web));

    public static async Task WriteAsync(HttpContext http, Action<Utf8JsonWriter> write)
    {
        ArrayBufferWriter<byte> buffer = new();
        await using (Utf8JsonWriter writer = new(buffer))
        {
            write(writer);
        }

        http.Response.ContentType = "application/json";
        http.Response.ContentLength = buffer.WrittenCount;
        await http.Response.Body.WriteAsync(buffer.WrittenMemory, http.RequestAborted);
    }
}
