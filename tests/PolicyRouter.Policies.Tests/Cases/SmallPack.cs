using PolicyRouter.Policies.Cases;
using PolicyRouter.Policies.Tests.Packs;

namespace PolicyRouter.Policies.Tests.Cases;

/// <summary>Two deployments, one paper and a few rules: small enough to know by heart which case notices what.</summary>
internal static class SmallPack
{
    public const string Tests = "tests/core.tests.yaml";

    /// <summary>The line on which the first case of <see cref="Create"/> stands.</summary>
    public const int FirstCaseLine = 4;

    private const string Registry = """
        format: policyrouter/registry/v1
        legal timezone: America/New_York
        agreements:
          - {id: BAA, type: baa, with: acme, in force: {from: 2026-03-01, until: 2026-12-31}, review by: 2026-10-01,
             covers: {services: [s], models: any, features: [chat], regions: [us]},
             document: {path: contracts/baa.pdf, sha256: "<64 hex>", signed on: 2026-02-01}}
        deployments:
          - {id: cloud, provider: acme, service: s, model: m, hosting: vendor, features: [chat],
             processing regions: [us], storage regions: [us], retention days: 0, training on our data: never, status: approved}
          - {id: own, provider: ourselves, service: vllm, model: m, hosting: own-premises, features: [chat],
             processing regions: [us], storage regions: [us], retention days: 0, training on our data: never, status: approved}
        """;

    private const string Classes = """
        format: policyrouter/data-classes/v1
        classes:
          - {id: public, label: Public}
          - {id: phi, label: Health}
          - {id: unclassified, label: Nobody knows}
        zones: [us]
        purposes: [treatment, marketing]
        business units: [radiology]
        features: [chat]
        """;

    private const string Rules = """
        format: policyrouter/rules/v1
        defaults: {owner: o, in force: {from: 2020-01-01, until: further notice}}
        rules:
          - {id: P-ALL, title: t, effect: permit, covers data: [public, phi], when all: [{deployment status is: approved}], reason: r, citation: c}
          - {id: F-BAA, title: t, effect: forbid, when all: [{data includes any of: [phi]}, {purpose is one of: [treatment]}],
             unless any: [{agreement in force: baa}, {hosting is one of: [own-premises]}], reason: r, citation: c}
          - {id: D-AUDIT, title: t, effect: require, duty: {audit: full}, when all: [{data includes any of: [phi]}], reason: r, citation: c}
          - {id: W-OWN, title: t, effect: prefer, prefer: [{hosting is one of: [own-premises]}], when all: [{data includes any of: [phi]}], reason: r, citation: c}

        """;

    /// <summary>The pack in a folder of its own; <paramref name="cases"/> are the entries of the list, one a line.</summary>
    public static ScratchPack Create(params string[] cases)
    {
        ScratchPack pack = new(TestFolders.Example);
        return pack.Write("registry.yaml", Registry).Write("data-classes.yaml", Classes).Write("rules/core.yaml", Rules)
            .Write(Tests, "format: policyrouter/tests/v1\ntoday: 2026-06-01\n" + (cases.Length == 0 ? "cases: []\n" : "cases:\n" + string.Concat(cases.Select(static c => $"  - {{{c}}}\n"))));
    }

    /// <summary>One case: phi for treatment unless told otherwise.</summary>
    public static string Case(string name, string expected, string? today = null, string data = "[phi]", string purpose = "treatment") =>
        $"name: {name}, {(today is null ? "" : $"today: {today}, ")}given: {{data: {data}, subjects: [us], purpose: {purpose}, features: [chat]}}, {expected}";

    /// <summary>What the cases are worth when nobody proves survivors equal.</summary>
    public static SuiteReport Report(params string[] cases)
    {
        using var pack = Create(cases);
        return SuiteRunner.Run(pack.Snapshot(), mutations: true, equivalent: null);
    }
}
