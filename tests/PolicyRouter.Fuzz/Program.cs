using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using PolicyRouter.Fuzz;
using SharpFuzz;

// afl TARGET | replay TARGET FILE... | mutate TARGET CORPUS SECONDS [SEED]: tests/PolicyRouter.Fuzz/README.md.
if (args is not [var verb, var name, ..] || FuzzTarget.Named(name) is not { } target)
{
    Console.Error.WriteLine($"usage: afl|replay|mutate TARGET ...\ntargets: {string.Join(", ", FuzzTarget.All.Select(static target => target.Name))}");
    return 2;
}

switch (verb)
{
    case "afl":
        // Whatever comes through is a crash, which AFL++ keeps; so is the end of the process.
        Fuzzer.OutOfProcess.Run(stream =>
        {
            using MemoryStream input = new();
            stream.CopyTo(input);
            target.Run(input.GetBuffer().AsSpan(0, (int)input.Length));
        });
        return 0;

    case "replay":
        // All of them, also when one has failed.
        return args[2..].Aggregate(0, (code, file) => Holds(target, File.ReadAllBytes(file), file) ? code : 1);

    case "mutate" when args is [_, _, var corpus, var seconds, ..]:
        return Mutate(target, corpus, int.Parse(seconds, CultureInfo.InvariantCulture), args is [_, _, _, _, var seed] ? int.Parse(seed, CultureInfo.InvariantCulture) : Environment.TickCount);

    default:
        Console.Error.WriteLine("usage: afl|replay|mutate TARGET ...");
        return 2;
}

static int Mutate(FuzzTarget target, string corpus, int seconds, int seed)
{
    Mutator mutator = new([.. Directory.EnumerateFiles(corpus).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)], seed);
    var started = Stopwatch.GetTimestamp();
    var (runs, found) = (0L, 0);
    while (Stopwatch.GetElapsedTime(started).TotalSeconds < seconds && found < 20)
    {
        runs++;
        var input = mutator.Next();
        var file = $"found-{target.Name}-{Convert.ToHexStringLower(SHA256.HashData(input))[..12]}";
        if (!Holds(target, input, file))
        {
            found++;
            File.WriteAllBytes(file, input);
        }
    }

    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{target.Name}: {runs} inputs with seed {seed} in {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s, {found} findings"));
    return found == 0 ? 0 : 1;
}

static bool Holds(FuzzTarget target, byte[] input, string file)
{
    try
    {
        target.Run(input);
        return true;
    }
#pragma warning disable CA1031 // Any exception is the finding.
    catch (Exception finding)
#pragma warning restore CA1031
    {
        Console.Error.WriteLine($"{file}: {finding}");
        return false;
    }
}
