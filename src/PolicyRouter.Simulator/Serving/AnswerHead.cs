namespace PolicyRouter.Simulator.Serving;

/// <summary>What every event of one answer repeats. <see cref="Seed"/> cuts the answer and makes its ids.</summary>
internal readonly record struct AnswerHead(string Id, string Model, long Created, ulong Seed);
