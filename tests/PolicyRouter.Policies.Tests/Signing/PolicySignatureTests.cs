using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using PolicyRouter.Policies.Reading;
using PolicyRouter.Policies.Signing;
using PolicyRouter.Policies.Tests.Packs;

namespace PolicyRouter.Policies.Tests.Signing;

/// <summary>Who stands behind a folder, and ways to pretend that do not work.</summary>
public sealed class PolicySignatureTests : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ScratchPack _pack = new(TestFolders.Example);

    [Fact]
    public void ASignedFolder_Loads()
    {
        var unsigned = _pack.Snapshot().Version;
        Sign();

        Assert.Equal(unsigned, Assert.IsType<PolicyLoadResult.Loaded>(Load()).Snapshot.Version);
    }

    [Theory]
    [InlineData("registry.yaml")]
    [InlineData("data-classes.yaml")]
    [InlineData("rules/core.yaml")]
    [InlineData("tests/core.tests.yaml")]
    public void OneByteMoreInAnyFile_SpoilsIt(string file)
    {
        Sign();
        _pack.Write(file, _pack.Read(file) + "\n");

        AssertRefused("it was made for other content");
    }

    [Fact]
    public void AFileAddedOrRemoved_SpoilsIt()
    {
        Sign();
        _pack.Write("rules/more.yaml", Points.Example.More("  - {id: P-X, title: t, effect: permit, covers data: [npi], when all: [{deployment status is: approved}], reason: r, citation: c}\n"));
        AssertRefused("it was made for other content");

        File.Delete(Path.Combine(_pack.Folder, "rules", "more.yaml"));
        Assert.IsType<PolicyLoadResult.Loaded>(Load());
        File.Delete(Path.Combine(_pack.Folder, "tests", "core.tests.yaml"));
        AssertRefused("it was made for other content");
    }

    [Fact]
    public void WithoutASignature_OrWithAnothersOne_NothingLoads()
    {
        AssertRefused("the folder is not signed");

        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(SignatureFile, PolicySignature.Sign(_pack.Snapshot().Version, other));
        AssertRefused("it was made with another key");

        // Another's signature under our key's name.
        var forged = JsonNode.Parse(PolicySignature.Sign(_pack.Snapshot().Version, other))!;
        forged["keyId"] = PolicySignature.KeyIdOf(_key);
        File.WriteAllText(SignatureFile, forged.ToJsonString());
        AssertRefused("it does not match");
    }

    [Fact]
    public void TheSignatureOfAnotherFolder_DoesNotHold_WhateverVersionItNames()
    {
        var other = JsonNode.Parse(PolicySignature.Sign("sha256:" + new string('0', 64), _key))!;
        other["version"] = _pack.Snapshot().Version;
        File.WriteAllText(SignatureFile, other.ToJsonString());

        AssertRefused("it does not match");
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"format\":\"policyrouter/policy-signature/v1\"}")]
    [InlineData("{\"format\":1}")]
    public void AMalformedFile_IsRefusedWithAPlace(string content)
    {
        File.WriteAllText(SignatureFile, content);
        AssertRefused("it is malformed");
    }

    [Fact]
    public void AHugeFile_IsNotRead()
    {
        using (var file = File.Create(SignatureFile))
        {
            file.SetLength(50 * 1_048_576);
        }

        AssertRefused("it is larger than a signature can be");
    }

    [Fact]
    public void NoChangeOfACharacter_LeavesAnotherMeaning()
    {
        var version = _pack.Snapshot().Version;
        var content = PolicySignature.Sign(version, _key);
        Gen.Select(Gen.Int[0, content.Length - 1], Gen.Char[' ', '~']).Sample(
            (at, character) =>
            {
                var changed = content[..at] + character + content[(at + 1)..];
                // White space may move, and base64url has bits to spare in its last character.
                return PolicySignature.FaultOf(Encoding.UTF8.GetBytes(changed), version, _key) is not null || Signature(changed).SequenceEqual(Signature(content));
            },
            iter: 3_000);

        static byte[] Signature(string file) => System.Buffers.Text.Base64Url.DecodeFromChars(JsonNode.Parse(file)!["signature"]!.GetValue<string>());
    }

    [Fact]
    public void KeysOfOtherCurves_AreRefused()
    {
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);

        Assert.Throws<CryptographicException>(() => PolicySignature.Sign("sha256:0", p384));
        Assert.Throws<CryptographicException>(() => PolicySignature.ReadKey(p384.ExportSubjectPublicKeyInfoPem()));
    }

    public void Dispose()
    {
        _key.Dispose();
        _pack.Dispose();
    }

    private string SignatureFile => Path.Combine(_pack.Folder, PolicySignature.FileName);

    private void Sign() => File.WriteAllText(SignatureFile, PolicySignature.Sign(_pack.Snapshot().Version, _key));

    private PolicyLoadResult Load() => _pack.Load(TestFolders.Options with { Verifier = PolicyVerifier.FromPem(_key.ExportSubjectPublicKeyInfoPem()) });

    private void AssertRefused(string why)
    {
        var error = Assert.Single(Assert.IsType<PolicyLoadResult.Refused>(Load()).Problems, static problem => problem.Severity is Severity.Error);
        Assert.Equal(("PR028", "policies/policy.sig", 1, 1), (error.Code, error.File, error.Line, error.Column));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }
}
