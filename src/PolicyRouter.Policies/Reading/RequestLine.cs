using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using PolicyRouter.Policies.Deciding;

namespace PolicyRouter.Policies.Reading;

/// <summary>
/// A request as JSON, as <c>policy decide</c> and <c>POST /api/policy/evaluate</c> take it, and the id under which its author will look for the answer.
/// </summary>
public sealed record RequestLine(string? Id, PolicyRequest? Request)
{
    // A misspelt key would silently weaken a question, so that unknown ones are refused.
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        PropertyNameCaseInsensitive = false,
    };

    /// <param name="today">The day of a request that names none.</param>
    /// <returns>Null when the text is not a request.</returns>
    public static RequestLine? Read(string line, DateOnly today)
    {
        try
        {
            return JsonSerializer.Deserialize<Fields>(line, Strict) is { } fields ? fields.ToRequest(today) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record Fields
    {
        public string? Id { get; init; }
        public string[]? Floor { get; init; }
        public string[]? Data { get; init; }
        public string[]? Detected { get; init; }
        public string[]? Subjects { get; init; }
        public string? Purpose { get; init; }
        public string[]? Features { get; init; }
        public string? On { get; init; }
        public string? Route { get; init; }
        public string? Caller { get; init; }
        public string? Tenant { get; init; }
        public string? BusinessUnit { get; init; }

        public RequestLine? ToRequest(DateOnly today)
        {
            var day = today;
            if (On is not null && !DateOnly.TryParseExact(On, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day))
            {
                return null;
            }

            string[]?[] lists = [Floor, Data, Detected, Subjects, Features];
            return lists.Any(static list => list?.Contains(null) ?? false) ? null : new(Id, new()
            {
                Day = day,
                FloorClasses = Floor ?? [],
                DeclaredClasses = Data ?? [],
                DetectedClasses = Detected ?? [],
                Subjects = Subjects ?? [],
                Purpose = Purpose,
                Features = Features ?? ["chat"],
                Route = Route,
                Caller = Caller,
                Tenant = Tenant,
                BusinessUnit = BusinessUnit,
            });
        }
    }
}
