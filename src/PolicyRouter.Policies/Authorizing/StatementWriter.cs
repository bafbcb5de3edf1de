using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PolicyRouter.Policies.Deciding;

namespace PolicyRouter.Policies.Authorizing;

/// <summary>
/// Makes what people sign: break-glass tokens and approvals, as JWS in general JSON serialization (RFC 7515 section 7.2.1), ES256. Whether one holds
/// is for <see cref="PolicySnapshot.CheckBreakGlass"/> and <see cref="PolicySnapshot.CheckApproval"/> to say.
/// </summary>
public static class StatementWriter
{
    /// <summary>A break-glass token that nobody has signed yet.</summary>
    /// <param name="ticket">A reference: at most 64 letters, digits and <c>-._/#</c>.</param>
    /// <param name="lifetime">At most <see cref="BreakGlass.Longest"/>.</param>
    public static string BreakGlass(
        IReadOnlyCollection<string> rules, IReadOnlyCollection<string> classes, string caller, string ticket, DateTimeOffset now, TimeSpan lifetime) =>
        Unsigned(new JsonObject
        {
            ["format"] = OverrideCheck.BreakGlassFormat,
            ["rules"] = Words(rules),
            ["classes"] = Words(classes),
            ["sub"] = caller,
            ["ticket"] = ticket,
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = (now + lifetime).ToUnixTimeSeconds(),
        });

    /// <summary>An approval that nobody has signed yet.</summary>
    /// <param name="requestHash">As the refusal named it.</param>
    /// <param name="lifetime">At most 30 days.</param>
    /// <param name="id">Its own id, never used before by this person: at most 64 letters, digits and <c>-._/#</c>.</param>
    public static string Approval(string rule, string requestHash, string id, DateTimeOffset now, TimeSpan lifetime) => Unsigned(new JsonObject
    {
        ["format"] = OverrideCheck.ApprovalFormat,
        ["rules"] = Words([rule]),
        ["request"] = requestHash,
        ["jti"] = id,
        ["iat"] = now.ToUnixTimeSeconds(),
        ["exp"] = (now + lifetime).ToUnixTimeSeconds(),
    });

    /// <summary>The same statement with one signature more.</summary>
    /// <param name="person">The id of the signer under <c>people</c> in <c>registry.yaml</c>.</param>
    /// <param name="key">Their P-256 private key.</param>
    /// <exception cref="FormatException"><paramref name="statement"/> is no statement.</exception>
    public static string Sign(string statement, string person, ECDsa key)
    {
        if (Parse(statement) is not JsonObject { } parsed || parsed["payload"]?.GetValueKind() is not JsonValueKind.String || parsed["signatures"] is not JsonArray signatures)
        {
            throw new FormatException("This is no statement to sign: it has no payload and signatures.");
        }

        var header = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(new JsonObject { ["alg"] = "ES256", ["kid"] = person }.ToJsonString()));
        var signed = Encoding.ASCII.GetBytes($"{header}.{parsed["payload"]!.GetValue<string>()}");
        var signature = key.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        signatures.Add(new JsonObject { ["protected"] = header, ["signature"] = Base64Url.EncodeToString(signature) });
        return parsed.ToJsonString();
    }

    private static JsonNode? Parse(string statement)
    {
        try
        {
            return JsonNode.Parse(statement);
        }
        catch (JsonException)
        {
            throw new FormatException("This is no statement to sign: it is not JSON.");
        }
    }

    private static string Unsigned(JsonObject claims) => new JsonObject
    {
        ["payload"] = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString())),
        ["signatures"] = new JsonArray(),
    }.ToJsonString();

    private static JsonArray Words(IReadOnlyCollection<string> words) => [.. words.Select(static word => (JsonNode)word)];
}
