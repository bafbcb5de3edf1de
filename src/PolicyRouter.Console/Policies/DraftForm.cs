using System.Text;
using Microsoft.AspNetCore.Http;
using PolicyRouter.Policies.Reading;

namespace PolicyRouter.WebConsole.Policies;

/// <summary>Reads the form in which somebody hands in a draft: files or an archive, pasted text, and the folder they are laid over.</summary>
internal static class DraftForm
{
    /// <summary>Largest request with a draft, in bytes: what a draft may have, and what a form adds.</summary>
    public const int MostBytes = PolicyDraft.MostBytes + 262_144;

    private const string Name = "draft";

    private static readonly string[] TopLevel = ["registry.yaml", "data-classes.yaml", "endpoints.yaml", "routes.yaml", "redaction.yaml"];

    /// <exception cref="FormatException">It is no draft. The message is for who filled in the form.</exception>
    public static async Task<PolicyDraft> ReadAsync(IFormCollection form, IReadOnlyList<ShelvedPolicy> shelf, CancellationToken cancellationToken)
    {
        var based = BaseOf(form["base"].ToString(), shelf);
        List<KeyValuePair<string, byte[]>> files = [];
        foreach (var file in form.Files.Where(static file => file.Length > 0))
        {
            using MemoryStream content = new();
            await file.CopyToAsync(content, cancellationToken);
            content.Position = 0;
            if (file.FileName.EndsWith(".zip", StringComparison.OrdinalIgnoreCase))
            {
                var archive = PolicyDraft.OfZip(Name, content);
                // Of a whole folder, what is not in it is gone: nothing of the one below may shine through.
                based = archive.Paths.Contains(TopLevel[0]) ? null : based;
                files.AddRange(archive.Files);
            }
            else
            {
                files.Add(KeyValuePair.Create(PathOf(file.FileName, based), content.ToArray()));
            }
        }

        if (form["text"].ToString() is { Length: > 0 } text)
        {
            var path = form["path"].ToString().Trim();
            files.Add(KeyValuePair.Create(
                path.Length > 0 ? path : throw new FormatException("Say which file the pasted text is, as rules/hipaa.yaml."), Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\n"))));
        }

        return files.Count == 0 ? throw new FormatException("There is nothing in the form: choose files, or paste the text of one.")
            : based is null ? PolicyDraft.Of(Name, files) : based.With(files);
    }

    private static PolicyDraft? BaseOf(string name, IReadOnlyList<ShelvedPolicy> shelf)
    {
        if (name.Length == 0)
        {
            return null;
        }

        if (shelf.FirstOrDefault(policy => policy.Name == name)?.Folder is not { } folder)
        {
            throw new FormatException("The folder that the draft is laid over is not at hand.");
        }

        try
        {
            return PolicyDraft.OfFolder(Name, folder);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new FormatException("The folder that the draft is laid over cannot be read.", unreadable);
        }
    }

    /// <summary>Browsers send the names of single files without their folder: the file of that name in the folder below, else where such files belong.</summary>
    private static string PathOf(string sent, PolicyDraft? based)
    {
        var name = sent.Replace('\\', '/').Split('/')[^1];
        var known = based?.Paths.Where(path => path == name || path.EndsWith("/" + name, StringComparison.Ordinal)).ToList() ?? [];
        return known.Count == 1 ? known[0]
            : TopLevel.Contains(name, StringComparer.Ordinal) ? name
            : name.EndsWith(".tests.yaml", StringComparison.Ordinal) ? $"tests/{name}" : $"rules/{name}";
    }
}
