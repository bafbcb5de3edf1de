using System.Text;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Redaction;
using PolicyRouter.Redaction.Replacement;

namespace PolicyRouter.Gateway.Tests.Wire;

/// <summary>Short ways to have placeholders, and chunks of a stream restored.</summary>
internal static class Relayed
{
    /// <summary>What stands for a value in the texts of a table.</summary>
    public static string Placeholder(PlaceholderTable table, string value, string profileName)
    {
        Assert.True(RedactionProfile.TryGet(profileName, out var profile));
        var replaced = 0;
        return table.Replace(value, [new Finding(0, value.Length, FindingType.Email, Confidence.High)], [profile], ref replaced)!;
    }

    public static List<ReadOnlyMemory<byte>> Taken(this IStreamedRestorer restorer, ReadOnlyMemory<byte> chunk) => restorer.Events(chunk).ConvertAll(static one => one.Data);

    public static List<string> Taken(this IStreamedRestorer restorer, string chunk) => restorer.Taken(Prompts.Bytes(chunk)).ConvertAll(static data => Encoding.UTF8.GetString(data.Span));

    public static List<ReadOnlyMemory<byte>> Finished(this IStreamedRestorer restorer)
    {
        List<RelayedEvent> output = [];
        restorer.Finish(output);
        return output.ConvertAll(static one => one.Data);
    }

    /// <summary>The events that a chunk becomes, in copies that outlast it.</summary>
    public static List<RelayedEvent> Events(this IStreamedRestorer restorer, ReadOnlyMemory<byte> chunk)
    {
        using var taken = StreamChunk.Of(chunk);
        List<RelayedEvent> output = [];
        restorer.Take(taken, output);
        return output.ConvertAll(static one => one with { Data = one.Data.ToArray() });
    }
}
