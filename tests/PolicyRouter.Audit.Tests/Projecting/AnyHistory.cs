using CsCheck;
using PolicyRouter.Audit.Events;

namespace PolicyRouter.Audit.Tests.Projecting;

/// <summary>Requests as they come: permitted or not, tried several times or not, ended once, never or by mistake twice, around the turn of days, with any text and any number.</summary>
internal static class AnyHistory
{
    private static readonly Gen<string> Name = Gen.Frequency(
        (8, Gen.OneOf(Gen.Const("a"), Gen.Const("b"), Gen.Const("c"), Gen.Const("ä"))), (1, Gen.Const("")), (1, Gen.Char.Array[0, 6].Select(static characters => new string(characters))));

    private static readonly Gen<DateTimeOffset> Time = Gen.Long[0, 3 * 24 * 3_600_000L].Select(static ms => Sample.Noon.AddMilliseconds(ms));
    private static readonly Gen<long?> Number = Gen.OneOf(Gen.Const((long?)null), Gen.Long[0, 5_000].Select(static number => (long?)number), Gen.Long.Select(static number => (long?)number));

    private static readonly Gen<RequestDecided> Decided = Gen.Select(Time, Name, Name, Name.Array[0, 3], Gen.Int[0, 3], Name).Select(static (at, app, tenant, classes, kind, deployment) =>
        kind == 0
            ? Sample.Deny(at) with { App = app, Tenant = tenant, FinalClasses = classes }
            : Sample.Permit(Guid.CreateVersion7(), at, deployment) with { App = app, Tenant = tenant, FinalClasses = classes });

    private static readonly Gen<(DateTimeOffset At, string Deployment)> Attempt = Gen.Select(Time, Name);

    private static readonly Gen<RequestCompleted> Ended = Gen.Select(Gen.OneOf(Gen.Const("completed"), Gen.Const("failed"), Gen.Const("cancelled"), Gen.Const("handed-off")), Name, Number, Number, Number, Gen.Bool)
        .Select(static (outcome, deployment, input, output, cost, estimated) => Sample.End(default, outcome, deployment.Length > 0 ? deployment : null) with
        {
            InputTokens = input, OutputTokens = output, CostMicros = cost, Currency = cost is null ? null : "USD", AreTokensEstimated = estimated,
        });

    /// <summary>One list of events per request, in their order.</summary>
    public static readonly Gen<IReadOnlyList<AuditEvent>[]> Requests = Gen.Select(Decided, Attempt.Array[0, 2], Ended.Array[0, 2])
        .Select(static (decided, attempts, ends) => (IReadOnlyList<AuditEvent>)
        [
            decided,
            .. attempts.Select((attempt, i) => Sample.Attempt(decided.Id, i + 2, attempt.Deployment) with { At = attempt.At }),
            .. ends.Select(end => end with { Id = Guid.CreateVersion7(), RequestId = decided.Id }),
        ])
        .Array[1, 60];

}
