namespace PolicyRouter.Audit.Reading.Sums;

/// <summary>Requests that were decided on one day and have ended.</summary>
/// <param name="Day">UTC.</param>
/// <param name="Deployment">Who answered; null when nobody did.</param>
/// <param name="Currency">ISO 4217; null when no cost was recorded.</param>
/// <param name="Requests">Ends recorded.</param>
/// <param name="Ended">The same by how they ended: <c>completed</c>, <c>failed</c>, <c>cancelled</c>, <c>incomplete</c>, <c>handed-off</c>, <c>not-sent</c>, <c>unknown</c>.</param>
/// <param name="EstimatedInputTokens">Of the input tokens those that we counted, as the provider did not say.</param>
/// <param name="CostMicros">Millionths of the currency.</param>
/// <param name="Unpriced">Requests with tokens and no price: their cost is in no sum.</param>
public sealed record UsageRow(
    DateOnly Day,
    string Tenant,
    string App,
    string Route,
    string? Deployment,
    string? Currency,
    long Requests,
    IReadOnlyDictionary<string, long> Ended,
    decimal InputTokens,
    decimal OutputTokens,
    decimal EstimatedInputTokens,
    decimal EstimatedOutputTokens,
    decimal CostMicros,
    long Unpriced);
