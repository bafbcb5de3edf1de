using System.Text;
using System.Text.Json;
using PolicyRouter.Audit.Verifying;

namespace PolicyRouter.Audit.Exporting;

/// <summary>One event as a row of a table: what most questions are about, and the event itself as the last column.</summary>
internal static class ExportedRow
{
    public static readonly string[] TextColumns =
        ["type", "id", "at", "requestId", "app", "tenant", "route", "outcome", "refusalCode", "finalClasses", "authorizedDeployment", "policyVersion", "event"];

    /// <summary>The values of <see cref="TextColumns"/>; null where the event has none.</summary>
    public static string?[] TextsOf(FoundEntry entry)
    {
        using var document = JsonDocument.Parse(entry.Bytes);
        var values = new string?[TextColumns.Length];
        for (var i = 0; i < values.Length - 1; i++)
        {
            values[i] = document.RootElement.TryGetProperty(TextColumns[i], out var value) ? Text(value) : null;
        }

        values[^1] = Encoding.UTF8.GetString(entry.Bytes);
        return values;
    }

    private static string? Text(JsonElement value) => value.ValueKind is JsonValueKind.Array
        ? string.Join(' ', value.EnumerateArray().Select(static item => item.GetString()))
        : value.GetString();
}
