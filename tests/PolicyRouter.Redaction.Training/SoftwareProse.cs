using System.Collections;
using System.Reflection;
using System.Resources;
using System.Text.RegularExpressions;
using PolicyRouter.Redaction.Names;

namespace PolicyRouter.Redaction.Training;

/// <summary>
/// Ordinary sentences in several languages that name nobody: the messages of the .NET SDK, from the resources of its assemblies. Without them the tagger
/// takes every capitalised word of a foreign text for a name.
/// </summary>
internal static partial class SoftwareProse
{
    private const int MinWords = 4;
    private const int MaxLength = 400;

    private static readonly string[] Languages = ["de", "es", "fr", "it", "pl", "pt-BR", "cs", "tr"];

    /// <param name="sdk">The folder of one SDK version, which has a folder for each language.</param>
    /// <param name="perLanguage">So many sentences of each language at most, spread over all there are.</param>
    public static IEnumerable<Sentence> Read(string sdk, int perLanguage)
    {
        foreach (string language in Languages)
        {
            SortedSet<string> messages = new(StringComparer.Ordinal);
            foreach (string file in Directory.EnumerateFiles(Path.Combine(sdk, language), "*.resources.dll"))
            {
                messages.UnionWith(Messages(file));
            }

            int step = Math.Max(1, messages.Count / perLanguage);
            foreach (string message in messages.Where((_, i) => i % step == 0).Take(perLanguage))
            {
                yield return new Sentence(message, Array.Empty<(int, int, NameTag)>());
            }
        }
    }

    private static IEnumerable<string> Messages(string file)
    {
        Assembly assembly = Assembly.LoadFile(file);
        foreach (string name in assembly.GetManifestResourceNames().Where(static name => name.EndsWith(".resources", StringComparison.Ordinal)))
        {
            using ResourceReader reader = new(assembly.GetManifestResourceStream(name)!);
            IDictionaryEnumerator entries = reader.GetEnumerator();
            while (entries.MoveNext())
            {
                if (entries.Value is string text && text.Length <= MaxLength && text.Count(static c => c == ' ') >= MinWords)
                {
                    yield return Placeholder().Replace(text, "4");
                }
            }
        }
    }

    [GeneratedRegex(@"\{\d+[^}]*\}|%\w")]
    private static partial Regex Placeholder();
}
