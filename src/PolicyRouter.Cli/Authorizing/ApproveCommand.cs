using System.CommandLine;
using PolicyRouter.Policies.Authorizing;

namespace PolicyRouter.Cli.Authorizing;

/// <summary><c>approve</c>: makes an approval for <c>X-Approval</c>, of one request under one rule or lowering. It counts once.</summary>
internal static class ApproveCommand
{
    internal static Command Create()
    {
        Option<string> rule = new("--rule") { Description = "The rule that asks for it, or \"lowering FROM to TO\".", Required = true, HelpName = "RULE" };
        Option<string> request = new("--request") { Description = "The request, as the refusal named it: hmac-sha256:KEY:HEX.", Required = true, HelpName = "HASH" };
        Option<int> hours = new("--hours") { Description = "How long it holds, up to 720.", DefaultValueFactory = static _ => 24 };
        hours.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 720)
            {
                result.AddError("--hours is from 1 to 720.");
            }
        });
        var person = SigningKey.PersonOption();
        var key = SigningKey.KeyOption();
        Command command = new("approve", "Makes one person's approval of one request, which counts once.") { rule, request, hours, person, key };
        command.SetAction(parsed => SigningKey.Sign(
            parsed.GetRequiredValue(key),
            signer => StatementWriter.Sign(
                StatementWriter.Approval(
                    parsed.GetRequiredValue(rule), parsed.GetRequiredValue(request), Guid.CreateVersion7().ToString("N"), TimeProvider.System.GetUtcNow(),
                    TimeSpan.FromHours(parsed.GetValue(hours))),
                parsed.GetRequiredValue(person),
                signer),
            parsed.InvocationConfiguration.Output,
            parsed.InvocationConfiguration.Error));
        return command;
    }
}
