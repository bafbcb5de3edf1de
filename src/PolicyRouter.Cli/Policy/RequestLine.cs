using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using PolicyRouter.Policies.Deciding;

namespace PolicyRouter.Cli.Policy;

/// <summary>A request of <c>policy decide</c>, and the id under which its author will look for the answer.</summary>
internal sealed record RequestLine(string? Id, PolicyRequest? Request)
{
    // A misspelt key would silently weaken a question, so that unknown ones are refused.
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        PropertyNameCaseInsensitive = false,
    };

    /// <summary>Null when the line is not a request.</summary>
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
