namespace PolicyRouter.Audit.LocalPostgres;

/// <summary>No private PostgreSQL could be had. The message names what to do about it.</summary>
public sealed class LocalPostgresException(string message) : Exception(message);
