using System.Text.Json;
using System.Text.Json.Nodes;

namespace PolicyRouter.Cli.Demo;

/// <summary>One request of the demonstration, before it is sent.</summary>
/// <param name="Number">1-based.</param>
/// <param name="Marker">Three harmless words that stand in the prompt, so that it can be recognised at the providers.</param>
internal sealed record DemoRequest(int Number, TrafficKind Kind, PlantedText Planted, string Marker, bool IsStreaming)
{
    public byte[] Body()
    {
        JsonObject body = new()
        {
            ["model"] = Kind.Model,
            ["stream"] = IsStreaming,
            ["max_tokens"] = 200,
            ["messages"] = new JsonArray(
                new JsonObject { ["role"] = "system", ["content"] = "You help the staff of a hospital group. Be brief." },
                new JsonObject { ["role"] = "user", ["content"] = $"{Planted.Text} (thread {Marker})" }),
        };
        return JsonSerializer.SerializeToUtf8Bytes(body);
    }
}

/// <summary>What the app saw.</summary>
/// <param name="Code">The error code of the contract; null when it was served.</param>
/// <param name="Why">Rule ids and fixed words of the refusal; empty when it was served.</param>
/// <param name="Answer">The whole text of the answer, streamed or not; null when there is none.</param>
internal sealed record DemoOutcome(
    DemoRequest Request, string Phase, int Status, string? Code, IReadOnlyList<string> Why, Guid DecisionId, string? Deployment, int Attempts, int Redactions,
    TimeSpan Elapsed, string? Answer)
{
    public bool IsServed => Status == 200;
}

/// <summary>Deals out the requests of a run: the same ones for the same seed, in the proportions of <see cref="TrafficKinds"/>.</summary>
internal sealed class DemoTraffic
{
    private static readonly string[] Words =
    [
        "kilo", "bravo", "tango", "amber", "cedar", "delta", "echo", "fjord", "grove", "harbor", "island", "juniper", "lagoon", "meadow", "north",
        "orchard", "pebble", "quartz", "river", "summit",
    ];

    private readonly People _people;
    private readonly List<TrafficKind> _deck;
    private int _dealt;

    public DemoTraffic(int seed)
    {
        _people = new People(seed);
        _deck = [.. TrafficKinds.All.SelectMany(static kind => Enumerable.Repeat(kind, kind.Weight))];
    }

    public IReadOnlyList<DemoRequest> Deal(int count)
    {
        List<DemoRequest> requests = [];
        for (var i = 0; i < count; i++)
        {
            // Whole decks, shuffled: every stretch of the run has every kind in it.
            if (_dealt % _deck.Count == 0)
            {
                Shuffle();
            }

            var kind = _deck[_dealt % _deck.Count];
            var number = ++_dealt;
            requests.Add(new DemoRequest(number, kind, kind.Write(_people), MarkerOf(number), IsStreaming: number % 2 == 0));
        }

        return requests;
    }

    private void Shuffle()
    {
        for (var i = _deck.Count - 1; i > 0; i--)
        {
            var j = _people.Random.Int(0, i);
            (_deck[i], _deck[j]) = (_deck[j], _deck[i]);
        }
    }

    private static string MarkerOf(int number) =>
        $"{Words[number / (Words.Length * Words.Length) % Words.Length]}-{Words[number / Words.Length % Words.Length]}-{Words[number % Words.Length]}";
}
