namespace PolicyRouter.Policies.Facts;

/// <summary>Somebody who may sign approvals or break-glass tokens: a line of <c>people</c> in <c>registry.yaml</c>.</summary>
/// <param name="Id">The key id in what they sign.</param>
/// <param name="Roles">Roles they may sign for, such as <c>privacy-office</c> or <c>break-glass</c>.</param>
/// <param name="PublicKey">SubjectPublicKeyInfo (RFC 5280) of a P-256 key.</param>
internal sealed record Person(string Id, string Name, IReadOnlyList<string> Roles, ReadOnlyMemory<byte> PublicKey);
