using System.Text;
using CsCheck;
using PolicyRouter.Policies.Printing;
using PolicyRouter.Policies.Reading;
using PolicyRouter.Policies.Tests.Packs;

namespace PolicyRouter.Policies.Tests.Reading;

public sealed class LoaderFuzzTests : IDisposable
{
    // Every kind of file there is.
    private static readonly string[] Files =
        ["registry.yaml", "data-classes.yaml", "endpoints.yaml", "redaction.yaml", "routes.yaml", "rules/core.yaml", "tests/core.tests.yaml", "tenants/north.yaml"];

    private static readonly string[] Scraps =
    [
        "[", "]", "{", "}", ": ", "- ", "\n", "  ", "\"", "'", "#", "&a ", "*a ", "!!int ", "<<: ", "\t", "? ", "| ", "> ", "%TAG ! x\n", "---\n", "...\n",
        "unknown", "-1", "99999999999999999999", "2026-02-30", "\u202E", "\uFEFF", "\0", "any", "null", "~",
    ];

    private static readonly Gen<(int File, int At, int Length, string Scrap)[]> Changes =
        Gen.Select(Gen.Int[0, Files.Length - 1], Gen.Int[0, 12_000], Gen.Int[0, 40], Gen.OneOf<string>(Scraps)).Array[1, 4];

    private static readonly Gen<(int File, int Line, int Other, int Kind)[]> Moves =
        Gen.Select(Gen.Int[0, Files.Length - 1], Gen.Int[0, 400], Gen.Int[0, 400], Gen.Int[0, 3]).Array[1, 5];

    private readonly ScratchPack _pack = new(Path.Combine(TestFolders.Root, "tests", "PolicyRouter.Policies.Tests", "Packs", "full"));

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

                refused += IsRefused(_pack.Load()) ? 1 : 0;
            },
            iter: 600, threads: 1);

        Assert.True(refused > 100, $"only {refused} mutations were refused");
    }

    /// <summary>Lines moved, doubled, dropped and shifted are still YAML more often than not, and then the policy itself is odd: the whole analysis must stand it.</summary>
    [Fact]
    public void RearrangedFiles_AreReviewedOrYieldPrintableProblems_AndNeverThrow()
    {
        using ScratchPack pack = new(TestFolders.Shipped);
        var originals = Files.Where(static file => !file.StartsWith("tenants", StringComparison.Ordinal)).ToDictionary(static file => file, file => pack.Read(file).Split('\n'));
        var options = TestFolders.Options with { Review = new(new(2026, 11, 2, 17, 0, 0, TimeSpan.Zero), RunsCases: true) };
        var reviewed = 0;
        var refused = 0;
        Moves.Sample(
            moves =>
            {
                foreach (var (file, lines) in originals)
                {
                    var text = lines.ToList();
                    foreach (var (_, line, other, kind) in moves.Where(move => Files[move.File] == file))
                    {
                        Rearrange(text, line % text.Count, other % text.Count, kind);
                    }

                    pack.Write(file, string.Join('\n', text));
                }

                var result = pack.Load(options);
                refused += IsRefused(result) ? 1 : 0;
                reviewed += result.Problems.Any(static problem => problem.Code is "PR026" or "PR027" or "PR111") ? 1 : 0;
            },
            iter: 200, threads: 1);

        Assert.True(reviewed > 0 && refused > 0, $"{reviewed} reviewed, {refused} refused");
    }

    private static void Rearrange(List<string> lines, int line, int other, int kind)
    {
        switch (kind)
        {
            case 0:
                (lines[line], lines[other]) = (lines[other], lines[line]);
                break;
            case 1:
                lines.Insert(other, lines[line]);
                break;
            case 2 when lines.Count > 1:
                lines.RemoveAt(line);
                break;
            default:
                lines[line] = "  " + lines[line];
                break;
        }
    }

    private static bool IsRefused(PolicyLoadResult result)
    {
        Assert.Equal(result is PolicyLoadResult.Refused, result.Problems.Any(static p => p.Severity is Severity.Error));
        Assert.All(result.Problems, static problem => Assert.NotEmpty(ProblemPrinter.Print(problem)));
        return result is PolicyLoadResult.Refused;
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
