using System.Security.Cryptography;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Policies.Reading;

/// <summary>Reads <c>people</c> of the registry: who may sign approvals and break-glass tokens, for which roles, with which key.</summary>
internal static class PeopleReader
{
    private const string Curve = "1.2.840.10045.3.1.7";

    public static List<Person> Read(IReadOnlyList<PolicyNode> nodes, Vocabulary words)
    {
        List<Person> people = [];
        List<ScalarNode> ids = [];
        foreach (var node in nodes)
        {
            if (MapReader.Of(node, "person", words.Log) is not { } entry)
            {
                continue;
            }

            using var effectOfErrors = words.Log.IfShipped(() => $"what {entry.What} signs would not count");
            var id = entry.Text("id");
            entry.What = $"person {id?.Text}";
            var name = entry.Text("name");
            var roles = entry.Words("roles");
            var key = entry.Text("public key");
            entry.Close();
            foreach (var role in roles)
            {
                words.CheckName(role, "role");
            }

            var bytes = key is null ? null : ReadKey(key, entry.What, words.Log);
            if (id is not null && words.CheckName(id, "person") && name is not null && bytes is not null)
            {
                ids.Add(id);
                people.Add(new(id.Text, name.Text, [.. roles.Select(static role => role.Text)], bytes));
            }
        }

        words.CheckUnique(ids, "person");
        foreach (var twice in people.GroupBy(static person => Convert.ToHexString(person.PublicKey.Span), StringComparer.Ordinal).Where(static group => group.Count() > 1))
        {
            // Two names with one key would let one person sign as two.
            words.Log.Error(
                ids.First(id => id.Text == twice.Last().Id), ProblemCodes.Contradiction,
                $"{string.Join(" and ", twice.Select(static person => person.Id))} have the same public key, so one person could sign as two");
        }

        return people;
    }

    private static byte[]? ReadKey(ScalarNode key, string what, ProblemLog log)
    {
        try
        {
            var bytes = Convert.FromBase64String(key.Text);
            using var parsed = ECDsa.Create();
            parsed.ImportSubjectPublicKeyInfo(bytes, out var read);
            if (read == bytes.Length && parsed.ExportParameters(includePrivateParameters: false).Curve.Oid.Value == Curve)
            {
                return bytes;
            }
        }
        catch (Exception broken) when (broken is FormatException or CryptographicException)
        {
            // Reported below, without the line: what stands there may be a private key by mistake.
        }

        log.AboutLine(
            key, ProblemCodes.Credential, $"the public key of {what} must be a P-256 public key in one line of base64",
            "openssl ec -in key.pem -pubout -outform DER | base64 -w0");
        return null;
    }
}
