namespace PolicyRouter.Redaction.Names;

/// <summary>What a token is part of. The numbers are part of the trained model.</summary>
internal enum NameTag : byte
{
    None = 0,
    Person = 1,
    Place = 2,
    Organisation = 3,
}
