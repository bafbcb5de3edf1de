using System.Text.Json;
using PolicyRouter.Gateway.Wire.Messages;

namespace PolicyRouter.Gateway.Providers.Adapters;

/// <summary>Moves between the body of an API and that of a provider who has parts of it elsewhere, in the path for instance.</summary>
internal static class Envelope
{
    /// <summary>The body without some of its members, and with others.</summary>
    /// <param name="writeOthers">Writes members that the body does not have, or that are left out of it.</param>
    /// <exception cref="JsonException">The body is not JSON: a bug, because it was read before.</exception>
    public static ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> body, string[] without, Action<Utf8JsonWriter>? writeOthers = null)
    {
        using var document = JsonDocument.Parse(body);
        return MessageJson.Write(writer =>
        {
            writer.WriteStartObject();
            writeOthers?.Invoke(writer);
            foreach (var member in document.RootElement.EnumerateObject())
            {
                if (!without.Contains(member.Name))
                {
                    member.WriteTo(writer);
                }
            }

            writer.WriteEndObject();
        });
    }
}
