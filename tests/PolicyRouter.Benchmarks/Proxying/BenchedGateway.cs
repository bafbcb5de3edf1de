using System.Globalization;
using System.Net.Http.Headers;
using PolicyRouter.Audit.LocalPostgres;
using PolicyRouter.Benchmarks.Appending;

namespace PolicyRouter.Benchmarks.Proxying;

/// <summary>A running gateway, with what only operators and the machine know of it.</summary>
internal sealed record BenchedGateway(Contender Contender, string Home, Uri Ready, Uri Metrics, string OperatorToken)
{
    private static readonly string Lock = Path.Combine("data", "postmaster.pid");

    /// <summary>What <c>/metrics</c> says now.</summary>
    public async Task<GatewayFigures> FiguresAsync()
    {
        using HttpClient http = new();
        using HttpRequestMessage request = new(HttpMethod.Get, Metrics);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", OperatorToken);
        using var response = await http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        return new GatewayFigures((await response.Content.ReadAsStringAsync()).Split('\n'));
    }

    /// <summary>Microseconds of CPU of its database, all processes together; 0 where that cannot be told.</summary>
    public double DatabaseMicroseconds()
    {
        var file = Array.Find(ClusterFolders(Home), static folder => File.Exists(Path.Combine(folder, Lock)));
        return file is null ? 0 : DatabaseCpu.Microseconds(int.Parse(File.ReadLines(Path.Combine(file, Lock)).First(), CultureInfo.InvariantCulture)) ?? 0;
    }

    /// <summary>Where the data of the gateway's own PostgreSQL may lie.</summary>
    public static string[] ClusterFolders(string home)
    {
        var own = Path.Combine(home, "postgres");
        return [own, ClusterFolder.Substitute(own)];
    }

    /// <summary>File descriptors that its process holds; 0 where that cannot be told.</summary>
    public int Descriptors()
    {
        var folder = string.Create(CultureInfo.InvariantCulture, $"/proc/{Contender.Process!.Id}/fd");
        return Directory.Exists(folder) ? Directory.EnumerateFileSystemEntries(folder).Count() : 0;
    }
}

/// <summary>Lines of a Prometheus exposition.</summary>
internal sealed record GatewayFigures(IReadOnlyList<string> Lines)
{
    public double AllocatedBytes => Sum("dotnet_gc_heap_total_allocated_bytes_total");
    public double HeapMiB => Sum("dotnet_gc_last_collection_heap_size_bytes") / 1_048_576;
    public double Collections => Sum("dotnet_gc_collections_total");

    /// <summary>The sum of all series of a metric.</summary>
    /// <exception cref="InvalidOperationException">There is none: a figure made of nothing would be 0.</exception>
    private double Sum(string name)
    {
        var values = Lines.Where(line => line.StartsWith(name, StringComparison.Ordinal) && line[name.Length] is '{' or ' ')
            .Select(static line => line[(line.LastIndexOf('}') + 1)..].Trim().Split(' ')[0]).ToList();
        return values.Count > 0
            ? values.Sum(static value => double.Parse(value, CultureInfo.InvariantCulture))
            : throw new InvalidOperationException($"/metrics has no {name}.");
    }
}
