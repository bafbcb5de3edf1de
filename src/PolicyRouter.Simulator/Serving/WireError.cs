namespace PolicyRouter.Simulator.Serving;

/// <summary>An error before it takes the shape of a wire. Messages never repeat the request's text or credential.</summary>
internal sealed record WireError(int Status, string Type, string Message, string? Code = null, string? Param = null);
