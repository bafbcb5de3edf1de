namespace PolicyRouter.Audit.Projecting;

/// <summary>Something else works on what should be made again. Nothing was changed.</summary>
public sealed class RebuildRefusedException(string message) : Exception(message);
