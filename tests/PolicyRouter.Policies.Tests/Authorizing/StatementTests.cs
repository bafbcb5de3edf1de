using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using PolicyRouter.Policies.Authorizing;

namespace PolicyRouter.Policies.Tests.Authorizing;

/// <summary>Ways to get a token or an approval past the check that do not work.</summary>
public sealed class StatementTests : IDisposable
{
    private static readonly string[] Both = ["ana", "ben"];
    private readonly Signers _signers = new();

    [Fact]
    public void ATokenSignedByTwoPeople_Holds()
    {
        var token = _signers.Checked(_signers.Token(Both));

        Assert.NotNull(token);
        Assert.Equal(["ana", "ben"], token.SignedBy);
        Assert.Equal(["F-PHI-RETENTION"], token.Rules);
        Assert.Equal(("ward", "INC-7", Signers.Now.AddHours(1)), (token.Caller, token.Ticket, token.Expires));
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("one person", "ana")]
    [InlineData("one person twice", "ana", "ana")]
    [InlineData("somebody without the role", "ana", "cleo")]
    public void ATokenWithoutTwoWhoMay_DoesNotHold(string why, params string[] signers) =>
        Assert.True(_signers.Checked(_signers.Token(signers)) is null, why);

    [Fact]
    public void OneStranger_SpoilsAToken_EvenBesideTwoWhoMay()
    {
        var token = StatementWriter.Sign(_signers.Token(Both), "dora", _signers.Key("stranger"));
        Assert.Null(_signers.Checked(token));
    }

    [Fact]
    public void ASignatureUnderAnothersName_DoesNotHold() =>
        Assert.Null(_signers.Checked(StatementWriter.Sign(_signers.Token(["ana"]), "ben", _signers.Key("ana"))));

    [Fact]
    public void ATokenForMoreThanFourHours_DoesNotHold()
    {
        Assert.NotNull(_signers.Checked(_signers.Token(Both, lifetime: TimeSpan.FromHours(4))));
        Assert.Null(_signers.Checked(_signers.Token(Both, lifetime: TimeSpan.FromHours(4) + TimeSpan.FromSeconds(1))));
    }

    [Fact]
    public void ATokenHolds_UntilItsLastSecond_AndNotBeforeItBegins()
    {
        Assert.NotNull(_signers.Checked(_signers.Token(Both, since: TimeSpan.FromSeconds(3599))));
        Assert.Null(_signers.Checked(_signers.Token(Both, since: TimeSpan.FromSeconds(3600))));
        Assert.Null(_signers.Checked(_signers.Token(Both, since: TimeSpan.FromMinutes(-2))));
    }

    [Theory]
    [InlineData("F-HIPAA-BAA")]
    [InlineData("P-PUBLIC")]
    [InlineData("D-PHI-AUDIT")]
    [InlineData("F-NOBODY-KNOWS")]
    public void ATokenThatNamesAnythingButOverridableForbids_DoesNotHold(string rule)
    {
        Assert.Null(_signers.Checked(_signers.Token(Both, rules: [rule])));
        Assert.Null(_signers.Checked(_signers.Token(Both, rules: ["F-PHI-RETENTION", rule])));
    }

    [Theory]
    [InlineData("")]
    [InlineData("the patient is called Ann")]
    [InlineData("INC-7\nforged line")]
    public void ATicketThatIsNoReference_DoesNotHold(string ticket) => Assert.Null(_signers.Checked(_signers.Token(Both, ticket: ticket)));

    [Fact]
    public void AnotherCallersToken_DoesNotHold() => Assert.Null(_signers.Checked(_signers.Token(Both, caller: "ward"), caller: "lab"));

    [Fact]
    public void AnApproval_IsNoToken_AndATokenNoApproval()
    {
        Assert.Null(_signers.Checked(_signers.SignedBy(Both, StatementWriter.Approval("F-PHI-RETENTION", Signers.Request, "A-1", Signers.Now, TimeSpan.FromHours(1)))));
        Assert.Empty(_signers.Approvals(_signers.SignedBy(["cleo"], StatementWriter.BreakGlass(["F-PHI-RETENTION"], ["phi"], "ward", "T", Signers.Now, TimeSpan.FromHours(1)))));
    }

    [Fact]
    public void AnApproval_CountsForEveryRoleOfItsSigner() =>
        Assert.Equal(
            [("P-X", "privacy-office", "cleo", "A-1"), ("P-X", "irb", "cleo", "A-1")],
            _signers.Approvals(_signers.Approval("cleo", "P-X")).Select(static a => (a.Rule, a.Role, a.Person, a.TokenId)));

    [Fact]
    public void AnApprovalOfAnotherRequest_OrForTooLong_OrExpired_OrByTwo_DoesNotHold()
    {
        Assert.Empty(_signers.Approvals(_signers.Approval("cleo", "P-X", request: Signers.Request + "0")));
        Assert.Empty(_signers.Approvals(_signers.Approval("cleo", "P-X", lifetime: TimeSpan.FromDays(31))));
        Assert.Empty(_signers.Approvals(_signers.Approval("cleo", "P-X", since: TimeSpan.FromHours(1))));
        Assert.Empty(_signers.Approvals(_signers.Approval("cleo", "P-X", id: "")));
        Assert.Empty(_signers.Approvals(StatementWriter.Sign(_signers.Approval("cleo", "P-X"), "ana", _signers.Key("ana"))));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("HS256")]
    [InlineData("ES384")]
    public void AnotherAlgorithm_DoesNotHold(string algorithm) =>
        Assert.Null(_signers.Checked(WithHeader(new JsonObject { ["alg"] = algorithm, ["kid"] = "ben" })));

    [Fact]
    public void ACriticalHeader_DoesNotHold() =>
        Assert.Null(_signers.Checked(WithHeader(new JsonObject { ["alg"] = "ES256", ["kid"] = "ben", ["crit"] = new JsonArray("exp") })));

    [Fact]
    public void ADuplicateClaim_DoesNotHold()
    {
        var claims = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(JsonNode.Parse(_signers.Token([]))!["payload"]!.GetValue<string>()));
        var twice = Encoding.UTF8.GetBytes(claims.Replace("\"sub\"", "\"sub\":\"lab\",\"sub\"", StringComparison.Ordinal));
        var statement = new JsonObject { ["payload"] = Base64Url.EncodeToString(twice), ["signatures"] = new JsonArray() }.ToJsonString();

        Assert.Null(_signers.Checked(_signers.SignedBy(Both, statement)));
    }

    [Fact]
    public void AnyChangeOfAnyCharacter_SpoilsAToken()
    {
        var token = _signers.Token(Both);
        Gen.Select(Gen.Int[0, token.Length - 1], Gen.Char['!', '~']).Sample(
            (at, character) =>
            {
                var changed = token[..at] + character + token[(at + 1)..];
                // Base64url of 64 bytes has bits to spare in its last character, and names of unknown members change nothing.
                return changed == token || _signers.Checked(changed) is null || Payload(changed) == Payload(token);
            },
            iter: 2_000);
    }

    [Fact]
    public void AnyText_IsRefusedWithoutAnException() =>
        Gen.OneOf(Gen.String, Gen.Select(Gen.String, Gen.String).Select(static (a, b) => new JsonObject
        {
            ["payload"] = a,
            ["signatures"] = new JsonArray(new JsonObject { ["protected"] = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(b)), ["signature"] = a }),
        }.ToJsonString()), Gen.Const("{\"payload\":1,\"signatures\":{}}"), Gen.Const(new string('[', 10_000)), Gen.Const(new string('a', 100_000)))
            .Sample(text => _signers.Checked(text) is null && _signers.Approvals(text).Count == 0, iter: 2_000);

    [Fact]
    public void WhatIsNoStatement_CannotBeSigned()
    {
        Assert.Throws<FormatException>(() => StatementWriter.Sign("not json", "ana", _signers.Key("ana")));
        Assert.Throws<FormatException>(() => StatementWriter.Sign("{}", "ana", _signers.Key("ana")));
        Assert.Throws<FormatException>(() => StatementWriter.Sign("{\"payload\":1,\"signatures\":[]}", "ana", _signers.Key("ana")));
    }

    public void Dispose() => _signers.Dispose();

    private static string Payload(string statement) => JsonNode.Parse(statement)!["payload"]!.GetValue<string>();

    /// <summary>Ana's signature and one of Ben under this header.</summary>
    private string WithHeader(JsonObject header)
    {
        var token = JsonNode.Parse(_signers.Token(["ana"]))!;
        var head = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header.ToJsonString()));
        var signature = _signers.Key("ben").SignData(
            Encoding.ASCII.GetBytes($"{head}.{token["payload"]!.GetValue<string>()}"), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        token["signatures"]!.AsArray().Add(new JsonObject { ["protected"] = head, ["signature"] = Base64Url.EncodeToString(signature) });
        return token.ToJsonString();
    }
}
