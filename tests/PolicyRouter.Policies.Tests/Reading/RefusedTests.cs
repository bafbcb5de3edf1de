using PolicyRouter.Policies.Reading;
using PolicyRouter.Policies.Tests.Packs;
using PolicyRouter.Policies.Tests.Points;

namespace PolicyRouter.Policies.Tests.Reading;

/// <summary>What a policy folder may not say, and the code it is refused with.</summary>
public class RefusedTests
{
    [Theory]
    [InlineData("PR004", "title: No BAA", "title:\tNo BAA")]
    [InlineData("PR004", "title: No BAA", "title: No \u201CBAA\u201D")]
    [InlineData("PR004", "title: No BAA", "title: No \u202EBAA")]
    [InlineData("PR004", "title: No BAA", "title: No B\u0410A")]
    [InlineData("PR004", "title: No BAA", "title: No\u00A0BAA")]
    [InlineData("PR004", "title: No BAA", "title: No\u200BBAA")]
    [InlineData("PR004", "title: No BAA in force, no PHI", "title: \"No BAA \\u202E in force\"")]
    [InlineData("PR004", "title: No BAA in force, no PHI", "title: \"No BAA\\u200B in force\"")]
    [InlineData("PR004", "title: No BAA in force, no PHI", "title: \"No\\_BAA in force\"")]
    [InlineData("PR004", "title: No BAA in force, no PHI", "title: \"No B\\u0410A in force\"")]
    [InlineData("PR004", "title: No BAA in force, no PHI", "title: \"No BAA\\U000E0041 in force\"")]
    [InlineData("PR004", "title: No BAA in force, no PHI", "title: No BAA\U000E0041 in force")]
    [InlineData("PR004", "    title: No BAA in force, no PHI", "    \"ti\\u200Btle\": No BAA in force, no PHI")]
    [InlineData("PR011", "title: No BAA in force, no PHI", "title: \"  \"")]
    [InlineData("PR011", "title: No BAA in force, no PHI", "title: ~")]
    [InlineData("PR011", "reason: Minimum necessary.", "reason: null")]
    [InlineData("PR011", "reason: Minimum necessary.", "reason: \" \"")]
    [InlineData("PR011", "owner: privacy-office", "owner: NULL")]
    [InlineData("PR011", "citation: [45 CFR 164.506]", "citation: [~]")]
    [InlineData("PR011", "citation: [45 CFR 164.506]", "citation: \" \"")]
    [InlineData("PR007", "title: No BAA", "title: &x No BAA")]
    [InlineData("PR007", "title: No BAA in force, no PHI", "title: *x")]
    [InlineData("PR007", "title: No BAA in force, no PHI", "title: !!str No BAA")]
    [InlineData("PR007", "title: No BAA in force, no PHI", "title: !mine No BAA")]
    [InlineData("PR007", "    title: No BAA in force, no PHI", "    title: x\n    <<: {a: b}")]
    [InlineData("PR008", "    title: No BAA", "    title: x\n    title: No BAA")]
    [InlineData("PR009", "    title: No BAA", "    titel: x\n    title: No BAA")]
    [InlineData("PR010", "    title: No BAA in force, no PHI\n", "")]
    [InlineData("PR011", "citation: [45 CFR 164.502(e)", "citation: [[45 CFR 164.502(e)]")]
    [InlineData("PR011", "unless any: [{agreement in force: baa}", "unless any: [agreement in force")]
    [InlineData("PR011", "{every transfer is covered: true}", "{every transfer is covered: false}")]
    [InlineData("PR012", "{data includes any of: [card-secret]}", "{data includes any of: [card-secrets]}")]
    [InlineData("PR012", "{agreement in force: baa}", "{agrement in force: baa}")]
    [InlineData("PR012", "[treatment, payment, healthcare-operations]", "[treatment, payment, operations]")]
    [InlineData("PR013", "id: F-SUD", "id: f-hipaa-baa")]
    [InlineData("PR014", "in force: {from: 2026-01-01, until: further notice}", "in force: {from: 2026-01-01, until: 2025-12-31}")]
    [InlineData("PR014", "in force: {from: 2026-01-01, until: further notice}", "in force: {from: 1 January, until: further notice}")]
    [InlineData("PR015", "{training on our data is: never}", "{data includes any of: [phi]}")]
    [InlineData("PR015", "unless any: [{retention days at most: 0}]", "unless any: [{data includes any of: [public]}]")]
    [InlineData("PR015", "unless any: [{retention days at most: 0}]", "unless any: [{processing includes unknown place: true}]")]
    [InlineData("PR012", "strength: overridable", "shadow: maybe")]
    [InlineData("PR023", "duty: {redact: hipaa-direct-identifiers}", "duty: {redact: hipaa-direct-identifiers, approval: privacy office}")]
    [InlineData("PR015", "when all: [{data includes any of: [sud-part2]}]", "when all: [{approval held: privacy-office}]")]
    [InlineData("PR015", "unless any: [{retention days at most: 0}]", "unless any: [{feature used is any of: [chat]}]")]
    [InlineData("PR012", "unless any: [{retention days at most: 0}]", "unless any: [{business unit is one of: [clinic]}]")]
    [InlineData("PR021", "redact: hipaa-direct-identifiers", "redact: hipaa-everything")]
    [InlineData("PR022", "duty: {audit: full, keep years: 6}", "duty: {keep years: 6, retention days: 30}")]
    [InlineData("PR022", "duty: {audit: full, keep years: 6}", "duty: {keep years: 6, retention days: 2191}")]
    [InlineData("PR023", "id: F-SUD", "id: F SUD")]
    public void ARuleFile_IsRefused(string code, string old, string replacement) => AssertRefused(Example.Rules, code, old, replacement);

    [Theory]
    [InlineData("title: No BAA in force, no PHI", "title: \"No \\\"BAA\\\" in force\\n\"")]
    [InlineData("title: No BAA in force, no PHI", "title: \"Kein g\\u00FCltiger BAA \U0001F512\"")]
    [InlineData("title: No BAA in force, no PHI", "title: \"null\"")]
    [InlineData("duty: {audit: full, keep years: 6}", "duty: {audit: full, keep years: 6, retention days: 2192}")]
    public void ARuleFile_IsTaken(string old, string replacement)
    {
        using ScratchPack pack = new(TestFolders.Example);
        pack.Replace(Example.Rules, old, replacement);

        Assert.Empty(pack.Errors());
    }

    [Fact]
    public void AForbiddenCharacter_IsReportedOnce_WrittenOrHidden()
    {
        using ScratchPack pack = new(TestFolders.Example);
        pack.Replace(Example.Rules, "title: No BAA in force, no PHI", "title: \"No \u202EBAA\"").Replace(Example.Rules, "reason: Minimum necessary.", "reason: \"Minimum \\u202Enecessary.\"");

        Assert.Equal(
            ["the character U+202E, which changes the direction of text", "an escape hides the character U+202E, which changes the direction of text"],
            pack.Errors().Select(static problem => problem.Message));
    }

    [Fact]
    public void APaperThatIsSignedAfterItsEnd_SaysSoWhereItIsSigned()
    {
        using ScratchPack pack = new(TestFolders.Example);
        pack.Replace(Example.Registry, "signed on: 2025-11-30", "signed on: 2029-01-01");

        var problem = Assert.Single(pack.Errors());
        Assert.Equal("agreement DPA-MISTRAL-2026 is never in force: it is signed only on 2029-01-01, after its last day", problem.Message);
        Assert.StartsWith("document:", problem.SourceLine![(problem.Column - 1)..], StringComparison.Ordinal);
    }

    /// <summary>Opening a pipe waits for somebody who writes to it, which would hold the gateway for ever.</summary>
    [Theory]
    [InlineData("rules/more.yaml")]
    [InlineData("redaction.yaml")]
    public async Task APipe_IsNotOpened(string file)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using ScratchPack pack = new(TestFolders.Example);
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", [Path.Combine(pack.Folder, file)]))
        {
            await mkfifo.WaitForExitAsync();
        }

        var errors = await Task.Run(() => pack.Errors()).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(("PR001", $"policies/{file}"), (errors[0].Code, errors[0].File));
        Assert.Single(errors);
    }

    [Fact]
    public void ALinkToAFile_IsRead_AndAnEmptyFileIsRefused()
    {
        using ScratchPack pack = new(TestFolders.Example);
        File.Move(Path.Combine(pack.Folder, Example.Rules), Path.Combine(pack.Folder, "rules", ".core"));
        File.CreateSymbolicLink(Path.Combine(pack.Folder, Example.Rules), ".core");
        Assert.Empty(pack.Errors());

        pack.Write("rules/more.yaml", "");
        Assert.Equal("PR001", Assert.Single(pack.Errors()).Code);
    }

    [Fact]
    public void EvidenceOfTheLastDayThereIs_IsNoReasonToFail()
    {
        using ScratchPack pack = new(TestFolders.Example);
        pack.Replace(Example.Registry, "retention days: unknown, training on our data: unknown, status: approved", "retention days: unknown, training on our data: unknown, status: approved, evidence: {checked on: 9999-12-31, by: a, source: b}");

        var snapshot = pack.Snapshot();

        Assert.Equal("unknown", Assert.Single(snapshot.Deployments.Single(static one => one.Id == "fastcloud-free").AsOf(new(2026, 11, 2)).ProcessingRegions));
    }

    [Theory]
    [InlineData("PR012", "legal timezone: America/New_York", "legal timezone: America/Gotham")]
    [InlineData("PR012", "with: openai, in force", "with: opnai, in force")]
    [InlineData("PR012", "hosting: own-premises", "hosting: basement")]
    [InlineData("PR012", "processing regions: [unknown]", "processing regions: [mars]")]
    [InlineData("PR012", "features: [chat, vision]", "features: [chat, visions]")]
    [InlineData("PR012", "transfers: [{from: eea, to: us}]", "transfers: [{from: eea, to: usa}]")]
    [InlineData("PR011", "retention days: unknown", "retention days: some")]
    [InlineData("PR013", "id: openai-zdr", "id: mistral-eu")]
    [InlineData("PR014", "until: 2028-12-31", "until: 2025-12-31")]
    [InlineData("PR014", "signed on: 2025-11-30", "signed on: 2029-01-01")]
    [InlineData("PR014", "signed on: 2025-11-30}", "signed on: 2025-11-30}, terminated on: 2026-01-01")]
    [InlineData("PR014", "signed on: 2025-11-30}", "signed on: 2026-06-01}, terminated on: 2026-06-01")]
    [InlineData("PR011", "only if: {retention days at most: 0}", "only if: {}")]
    [InlineData("PR015", "only if: {retention days at most: 0}", "only if: {purpose is one of: [treatment]}")]
    [InlineData("PR009", "legal timezone:", "break-glass: {hours: 4}\nlegal timezone:")]
    [InlineData("PR018", "legal timezone:", "people: [{id: a, name: A, roles: [privacy-office], public key: bm90IGEga2V5}]\nlegal timezone:")]
    [InlineData("PR010", "retention days: 0, training on our data: never, status: approved}", "retention days: 0, training on our data: never, status: approved, evidence: {checked on: 2026-01-01, by: somebody}}")]
    [InlineData("PR023", "id: openai-zdr", "id: auto")]
    public void ARegistry_IsRefused(string code, string old, string replacement) => AssertRefused(Example.Registry, code, old, replacement);

    [Theory]
    [InlineData("PR012", "is also: [pii], citation: 45", "is also: [pi], citation: 45")]
    [InlineData("PR022", "is also: [pii], citation: 45", "is also: [phi], citation: 45")]
    [InlineData("PR023", "zones: [us,", "zones: [unknown, us,")]
    [InlineData("PR021", "zones:", "lowering: [{from: phi, to: internal, by: redact everything, needs approval: privacy-office, citation: c}]\nzones:")]
    [InlineData("PR010", "zones:", "lowering: [{from: phi, to: internal, by: redact hipaa-direct-identifiers, citation: c}]\nzones:")]
    [InlineData("PR012", "PLUS everything the detector finds", "PLUS nothing the detector finds")]
    public void DataClasses_AreRefused(string code, string old, string replacement) => AssertRefused("data-classes.yaml", code, old, replacement);

    [Theory]
    [InlineData("PR017", "endpoints.yaml", "url: https://api.groq.com/openai", "url: http://api.groq.com/openai")]
    [InlineData("PR017", "endpoints.yaml", "url: https://api.groq.com/openai", "url: http://127.0.0.1:9000")]
    [InlineData("PR017", "endpoints.yaml", "url: https://api.groq.com/openai", "url: https://user:word@api.groq.com")]
    [InlineData("PR017", "endpoints.yaml", "url: https://api.groq.com/openai", "url: api.groq.com")]
    [InlineData("PR012", "endpoints.yaml", "  groq-llama:", "  grok-llama:")]
    [InlineData("PR012", "endpoints.yaml", "wire: azure-openai", "wire: azure")]
    [InlineData("PR018", "endpoints.yaml", "credential: vault:groq-key", "credential: vault:a/b")]
    [InlineData("PR018", "endpoints.yaml", "credential: vault:groq-key", "credential: identity:amazon")]
    [InlineData("PR022", "endpoints.yaml", "credential: vault:groq-key", "credential: identity:azure")]
    [InlineData("PR022", "endpoints.yaml", "credential: vault:azure-eastus-key", "credential: identity:google")]
    [InlineData("PR011", "endpoints.yaml", "api version: 2024-10-21", "api version: latest")]
    [InlineData("PR022", "endpoints.yaml", "credential: vault:groq-key", "credential: vault:groq-key\n    api version: 2024-10-21")]
    [InlineData("PR022", "endpoints.yaml", "credential: vault:groq-key", "credential: vault:groq-key\n    inference geo: us")]
    [InlineData("PR022", "endpoints.yaml", "inference geo: us", "inference geo: global")]
    [InlineData("PR022", "endpoints.yaml", "upstream model: us.anthropic", "upstream model: global.anthropic")]
    [InlineData("PR022", "endpoints.yaml", "upstream model: us.anthropic", "upstream model: eu.anthropic")]
    [InlineData("PR022", "endpoints.yaml", "upstream model: us.anthropic", "upstream model: apac.anthropic")]
    [InlineData("PR022", "endpoints.yaml", "https://bedrock-runtime.us-east-1.amazonaws.com\n    wire: bedrock\n    upstream model: us.anthropic", "https://bedrock-runtime.eu-west-1.amazonaws.com\n    wire: bedrock\n    upstream model: anthropic")]
    [InlineData("PR017", "endpoints.yaml", "https://bedrock-runtime.us-east-1.amazonaws.com\n    wire: bedrock", "https://us-east4-aiplatform.googleapis.com\n    wire: vertex-anthropic")]
    [InlineData("PR022", "endpoints.yaml", "https://bedrock-runtime.us-east-1.amazonaws.com\n    wire: bedrock", "https://aiplatform.googleapis.com/v1/projects/p/locations/global\n    wire: vertex-anthropic")]
    [InlineData("PR022", "endpoints.yaml", "output: 0.79, currency: USD", "output: 0.79, currency: EUR")]
    [InlineData("PR011", "endpoints.yaml", "first token: 5s", "first token: 5 seconds")]
    [InlineData("PR011", "endpoints.yaml", "credential: vault:groq-key", "credential: vault:groq-key\n    concurrent requests: 0")]
    [InlineData("PR012", "routes.yaml", "order: cheapest", "order: random")]
    [InlineData("PR013", "routes.yaml", "model: eu-support", "model: mistral-eu")]
    [InlineData("PR013", "routes.yaml", "model: eu-support", "model: clinical-chat")]
    [InlineData("PR022", "routes.yaml", "candidates: [mistral-eu, azure-gpt4o-eastus]", "candidates: any")]
    [InlineData("PR010", "routes.yaml", "when exhausted: refuse", "when exhausted: hand off")]
    [InlineData("PR022", "routes.yaml", "when exhausted: refuse", "when exhausted: refuse\n    hand off: {message: A colleague will answer you., webhook: \"https://crm.example.com/handoff\"}")]
    [InlineData("PR010", "routes.yaml", "when exhausted: refuse", "when exhausted: hand off\n    hand off: {webhook: \"https://crm.example.com/handoff\"}")]
    [InlineData("PR017", "routes.yaml", "when exhausted: refuse", "when exhausted: hand off\n    hand off: {message: Wait., webhook: \"http://crm.example.com/handoff\"}")]
    [InlineData("PR017", "routes.yaml", "when exhausted: refuse", "when exhausted: hand off\n    hand off: {message: Wait., webhook: \"https://crm.example.com/handoff?key=1\"}")]
    [InlineData("PR018", "routes.yaml", "when exhausted: refuse", "when exhausted: hand off\n    hand off: {message: Wait., webhook: \"https://crm.example.com/handoff\", credential: s3cr3t-s3cr3t}")]
    [InlineData("PR018", "routes.yaml", "when exhausted: refuse", "when exhausted: hand off\n    hand off: {message: Wait., webhook: \"https://crm.example.com/handoff\", credential: \"identity:azure\"}")]
    public void EndpointsAndRoutes_AreRefused(string code, string file, string old, string replacement) =>
        AssertRefused(file, code, old, replacement, TestFolders.Shipped);

    [Theory]
    [InlineData("PR012", "based on: pci-pan", "based on: pci-all")]
    [InlineData("PR012", "based on: pci-pan", "based on: research-deidentified")]
    [InlineData("PR012", "confidence at least: medium", "confidence at least: certain")]
    [InlineData("PR012", "kinds: payment-card, by: mask", "kinds: credit-card, by: mask")]
    [InlineData("PR012", "kinds: payment-card, by: mask", "kinds: payment-card, by: hide")]
    [InlineData("PR013", "id: card-masked", "id: pci-pan")]
    [InlineData("PR013", "id: card-masked", "id: research-deidentified")]
    [InlineData("PR013", "kinds: card-security-code, by: erase", "kinds: [card-security-code, payment-card], by: erase")]
    [InlineData("PR011", "text: Project Nightingale", "text: Pr")]
    [InlineData("PR022", "- Mayo Clinic", "- project nightingale")]
    [InlineData("PR009", "never redact:", "never redacted:")]
    [InlineData("PR023", "id: card-masked", "id: card masked")]
    public void Redaction_IsRefused(string code, string old, string replacement) => AssertRefused("redaction.yaml", code, old, replacement, TestFolders.Shipped);

    [Fact]
    public void AProfileOfRedactionYaml_CanBeAskedFor_AndIsUnknownWithoutTheFile()
    {
        using ScratchPack pack = new(TestFolders.Shipped);
        pack.Replace("rules/hipaa.yaml", "redact: hipaa-direct-identifiers", "redact: research-deidentified");
        Assert.Empty(pack.Errors());

        File.Delete(Path.Combine(pack.Folder, "redaction.yaml"));
        Assert.All(pack.Errors(), static problem => Assert.Equal("PR021", problem.Code));
        Assert.NotEmpty(pack.Errors());

        // A file that cannot be read is one problem, not one for each rule that needs it.
        pack.Write("redaction.yaml", "[");
        Assert.Single(pack.Errors());
    }

    [Theory]
    [InlineData("http://127.0.0.1:9000")]
    [InlineData("http://127.8.8.8:9000")]
    [InlineData("http://[::1]:9000")]
    [InlineData("http://localhost:9000")]
    public void PlainHttpOnLoopback_IsAcceptedInDevelopmentOnly(string url)
    {
        using ScratchPack pack = new(TestFolders.Shipped);
        pack.Replace("endpoints.yaml", "https://api.groq.com/openai", url);

        Assert.NotEmpty(pack.Errors());
        Assert.Empty(pack.Errors(TestFolders.Options with { AllowPlainHttpOnLoopback = true }));
    }

    [Theory]
    [InlineData("never fires because its exception covers it", "when all: [{hosting is one of: [vendor]}], unless any: [{hosting is one of: [own-premises, vendor]}]")]
    [InlineData("never fires because its conditions exclude each other", "when all: [{purpose is one of: [treatment]}, {purpose is one of: [marketing]}]")]
    public void ARuleThatCanNeverFire_IsRefused(string why, string conditions)
    {
        using ScratchPack pack = new(TestFolders.Example);
        pack.Write("rules/more.yaml", Example.More($"  - {{id: F-NEW, title: {why}, effect: forbid, {conditions}, reason: r, citation: c}}\n"));

        Assert.Equal("PR020", Assert.Single(pack.Errors()).Code);
    }

    [Theory]
    [InlineData("tenants/clinic.yml", "PR024")]
    [InlineData("rules/more.yml", "PR024")]
    [InlineData("rules/nested/more.yaml", "PR024")]
    [InlineData("break-glass.yaml", "PR024")]
    public void AFileThatWouldHaveNoEffect_IsRefused(string file, string code)
    {
        using ScratchPack pack = new(TestFolders.Example);
        pack.Write(file, "format: x\n");

        Assert.Equal(code, Assert.Single(pack.Errors()).Code);
    }

    [Theory]
    [InlineData("registry.yaml")]
    [InlineData("data-classes.yaml")]
    [InlineData("rules/core.yaml")]
    public void AMissingFile_IsAProblem(string file)
    {
        using ScratchPack pack = new(TestFolders.Example);
        File.Delete(Path.Combine(pack.Folder, file));

        Assert.Equal("PR001", pack.Errors()[0].Code);
    }

    [Fact]
    public void AMissingFolder_IsAProblem() =>
        Assert.Equal("PR001", Assert.Single(PolicyFolder.Load(Path.Combine(TestFolders.Example, "nowhere"), TestFolders.Options).Problems).Code);

    [Theory]
    [InlineData(1_048_577)]
    [InlineData(50_000_000)]
    public void AnOversizeFile_IsAProblem_AndNotReadToItsEnd(int length)
    {
        using ScratchPack pack = new(TestFolders.Example);
        pack.Write("rules/more.yaml", new string('#', length));

        Assert.Equal("PR002", Assert.Single(pack.Errors()).Code);
    }

    [Fact]
    public void AFileThatIsNotUtf8_IsAProblem()
    {
        using ScratchPack pack = new(TestFolders.Example);
        File.WriteAllBytes(Path.Combine(pack.Folder, "rules", "more.yaml"), [0x66, 0xC3, 0x28]);

        Assert.Equal("PR003", Assert.Single(pack.Errors()).Code);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("- ")]
    [InlineData("{a: ")]
    [InlineData("? ")]
    [InlineData("[\"]\", ")]
    public void DeepNesting_IsAProblem_AndNotReadToItsEnd(string opening)
    {
        using ScratchPack pack = new(TestFolders.Example);
        pack.Write("rules/more.yaml", string.Concat(Enumerable.Repeat(opening, 100_000)));

        Assert.Equal("PR005", Assert.Single(pack.Errors()).Code);
    }

    [Fact]
    public void TooManyDeployments_AreRefused()
    {
        using ScratchPack pack = new(TestFolders.Example);
        var more = string.Concat(Enumerable.Range(0, 251).Select(static i =>
            $"  - {{id: extra-{i}, provider: p, service: s, model: m, hosting: vendor, features: [chat], processing regions: [us], storage regions: [us], " +
            "retention days: 0, training on our data: never, status: approved}\n"));
        pack.Write(Example.Registry, pack.Read(Example.Registry).TrimEnd() + "\n" + more);

        Assert.Equal("PR019", Assert.Single(pack.Errors()).Code);
    }

    [Fact]
    public void TooManyZones_AreRefused()
    {
        using ScratchPack pack = new(TestFolders.Example);
        pack.Replace("data-classes.yaml", "zones: [us,", "zones: [" + string.Concat(Enumerable.Range(0, 60).Select(static i => $"z{i}, ")) + "us,");

        Assert.Equal("PR019", Assert.Single(pack.Errors()).Code);
    }

    [Theory]
    [InlineData("credential: SECRET")]
    [InlineData("credential: \"SECRET\"")]
    [InlineData("credentail: SECRET")]
    [InlineData("Credentials: SECRET")]
    [InlineData("credential: {key: SECRET}")]
    [InlineData("credential: [SECRET]")]
    [InlineData("credential: &anchor SECRET")]
    [InlineData("credential: SECRET\tx")]
    [InlineData("credential: SECRET\n    credential: SECRET")]
    [InlineData("credential: SECRET: x")]
    [InlineData("credential: 'SECRET")]
    public void ASecretWrittenByMistake_IsInNothingThatIsSaid(string written)
    {
        using ScratchPack pack = new(TestFolders.Shipped);
        pack.Replace("endpoints.yaml", "credential: vault:groq-key", written.Replace("SECRET", "gsk_live_abcdef0123456789", StringComparison.Ordinal));

        var problems = pack.Load().Problems;

        Assert.Contains(problems, static problem => problem.Severity is Severity.Error);
        Assert.All(problems, static problem => Assert.DoesNotContain("gsk_live", Printing.ProblemPrinter.Print(problem), StringComparison.Ordinal));
    }

    [Fact]
    public void ASecretOnALineWithAnotherSlip_IsInNothingThatIsSaid()
    {
        using ScratchPack pack = new(TestFolders.Shipped);
        pack.Write("endpoints.yaml", "format: policyrouter/endpoints/v1\nendpoints:\n  groq-llama: {url: https://x.example, wire: opnai, upstream model: m, credential: gsk_live_abcdef0123456789, fails with: [x]}\n");

        var problems = pack.Load().Problems;

        Assert.Contains(problems, static problem => problem.Code == "PR012");
        Assert.All(problems, static problem => Assert.DoesNotContain("gsk_live", Printing.ProblemPrinter.Print(problem), StringComparison.Ordinal));
    }

    private static void AssertRefused(string file, string code, string old, string replacement, string? source = null)
    {
        using ScratchPack pack = new(source ?? TestFolders.Example);
        var text = pack.Read(file);
        var at = text.IndexOf(old, StringComparison.Ordinal);
        Assert.True(at >= 0, $"{file} no longer holds: {old}");
        pack.Write(file, text[..at] + replacement + text[(at + old.Length)..]);

        Assert.Contains(code, pack.Errors().Select(static problem => problem.Code));
    }
}
