using System.Text.Json;
using PolicyRouter.Gateway.Wire.Messages;

namespace PolicyRouter.Gateway.Providers.Adapters;

/// <summary>Moves between the body of an API and that of a provider who has parts of it elsewhere, in the path for instance.</summary>
internal static class Envelope
{
    /// <summary>The body without some of its members, and with others.</summary>
    /// <exception cref="JsonException">The body is not JSON: a bug, because it was read before.</exception>
    public static ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> body, string[] without, params ReadOnlySpan<(string Name, string Value)> with)
    {
        using var document = JsonDocument.Parse(body);
        var added = with.ToArray();
        return MessageJson.Write(writer =>
        {
            writer.WriteStartObject();
            foreach (var (name, value) in added)
            {
                writer.WriteString(name, value);
            }

            foreach (var member in document.RootElement.EnumerateObject())
            {
                if (!without.Contains(member.Name) && !Array.Exists(added, other => other.Name == member.Name))
                {
                    member.WriteTo(writer);
                }
            }

            writer.WriteEndObject();
        });
    }
}
