using PolicyRouter.Audit.Events;

namespace PolicyRouter.WebConsole.Tests;

/// <summary>Every address, as every role, as people of each tenant and of none: nobody sees what is another tenant's.</summary>
public class TenantMatrixTests
{
    private static readonly Guid North = Guid.Parse("019a0000-0000-7000-8000-00000000000a");
    private static readonly Guid South = Guid.Parse("019a0000-0000-7000-8000-00000000000b");

    // All that is in the log.
    private const string Period = "from=2026-01-01T00:00&to=2096-01-01T00:00";

    private static readonly string[] Addresses =
    [
        "/", "/?last=all", "/?last=all&text=tenant%3Anorth", "/?last=all&text=-tenant%3Anobody", "/?last=all&text=app%3Anorth*", "/?last=all&text=app%3Asouth*", $"/?last=all&text=id%3A{South}", $"/?last=all&text=id%3A{North}",
        $"/decisions/{North}", $"/decisions/{South}", "/policies", "/policies/impact?policy=policies", "/resilience", "/resilience?lost=entra-id", "/integrity", "/policies/draft", "/report", $"/report?{Period}", $"/report/download?format=markdown&{Period}", $"/report/download?format=html&{Period}", "/export:csv", "/export:ndjson",
    ];

    public static TheoryData<string, string> RolesAndTenants()
    {
        TheoryData<string, string> data = [];
        foreach (var role in new[] { "auditor", "legal", "operator" })
        {
            foreach (var tenant in new[] { "north", "south", "" })
            {
                data.Add(role, tenant);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(RolesAndTenants))]
    public async Task NobodySeesAnotherTenantsRequests(string role, string tenant)
    {
        await using var gateway = await ControlPlaneDouble.StartAsync();
        AuditEvent[] events =
        [
            Record.Permit(North, app: "northern-app", tenant: "north"), Record.End(North), Record.Permit(South, app: "southern-app", tenant: "south"), Record.End(South),
            new HistoryRead { Id = Guid.CreateVersion7(), At = TimeProvider.System.GetUtcNow(), Reader = "someone", Query = "northern-app and southern-app", Rows = 1 },
        ];
        await using var console = await ConsoleUnderTest.SignedInAsync(role, tenant.Length > 0 ? tenant : null, gateway, policies: true, events: events);
        var seen = new List<string>();
        foreach (var address in Addresses)
        {
            if (address.StartsWith("/export:", StringComparison.Ordinal))
            {
                using var export = await console.PostAsync("/", "/export", [], ("format", address["/export:".Length..]), ("query", "?last=all"));
                seen.Add(await export.Content.ReadAsStringAsync());
            }
            else
            {
                using var reply = await console.GetAsync(address);
                seen.Add(await reply.Content.ReadAsStringAsync());
            }
        }

        // The address of a page is not a secret, what it leads to is: only texts that come from the log count.
        Assert.Equal(tenant != "south", seen.Any(static text => text.Contains("northern-app", StringComparison.Ordinal)));
        Assert.Equal(tenant != "north", seen.Any(static text => text.Contains("southern-app", StringComparison.Ordinal)));
    }
}
