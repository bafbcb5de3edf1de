using System.Text;
using CsCheck;
using PolicyRouter.Policies.Printing;
using PolicyRouter.Policies.Reading;
using PolicyRouter.Policies.Tests.Packs;

namespace PolicyRouter.Policies.Tests.Reading;

public sealed class LoaderFuzzTests : IDisposable
{
    private static readonly string[] Files = ["registry.yaml", "data-classes.yaml", "endpoints.yaml", "routes.yaml", "rules/core.yaml", "rules/hipaa.yaml", "tests/core.tests.yaml"];

    private static readonly string[] Scraps =
    [
        "[", "]", "{", "}", ": ", "- ", "\n", "  ", "\"", "'", "#", "&a ", "*a ", "!!int ", "<<: ", "\t", "? ", "| ", "> ", "%TAG ! x\n", "---\n", "...\n",
        "unknown", "-1", "99999999999999999999", "2026-02-30", "\u202E", "\uFEFF", "\0", "any", "null", "~",
    ];

    private static readonly Gen<(int File, int At, int Length, string Scrap)[]> Changes =
        Gen.Select(Gen.Int[0, Files.Length - 1], Gen.Int[0, 12_000], Gen.Int[0, 40], Gen.OneOf<string>(Scraps)).Array[1, 4];

    private readonly ScratchPack _pack = new(TestFolders.Shipped);

    [Fact]
    public void MutatedFiles_LoadOrYieldPrintableProblems_AndNeverThrow()
    {
        var originals = Files.ToDictionary(static file => file, _pack.Read);
        var refused = 0;
        Changes.Sample(
            changes =>
            {
                foreach (var (file, text) in originals)
                {
                    StringBuilder mutated = new(text);
                    foreach (var change in changes.Where(c => Files[c.File] == file))
                    {
                        var at = change.At % mutated.Length;
                        mutated.Remove(at, Math.Min(change.Length, mutated.Length - at)).Insert(at, change.Scrap).Append(' ');
                    }

                    _pack.Write(file, mutated.ToString());
                }

                var result = _pack.Load();
                Assert.Equal(result is PolicyLoadResult.Refused, result.Problems.Any(static p => p.Severity is Severity.Error));
                Assert.All(result.Problems, static problem => Assert.NotEmpty(ProblemPrinter.Print(problem)));
                refused += result is PolicyLoadResult.Refused ? 1 : 0;
            },
            iter: 300, threads: 1);

        Assert.True(refused > 50, $"only {refused} mutations were refused");
    }

    [Fact]
    public void RandomBytes_NeverThrow() => Gen.Byte.Array[0, 300].Sample(
        bytes =>
        {
            File.WriteAllBytes(Path.Combine(_pack.Folder, "routes.yaml"), bytes);
            Assert.All(_pack.Load().Problems, static problem => Assert.NotEmpty(ProblemPrinter.Print(problem)));
        },
        iter: 300, threads: 1);

    public void Dispose() => _pack.Dispose();
}
