using System.Buffers.Text;
using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using PolicyRouter.Policies.Authorizing;

namespace PolicyRouter.Cli.Authorizing;

/// <summary>
/// <c>break-glass</c>: makes a token for <c>X-Break-Glass</c>. The first person states what it is for and signs; the second adds a signature with
/// <c>--add</c>. Whether it holds is for the gateway to say.
/// </summary>
internal static class BreakGlassCommand
{
    internal static Command Create()
    {
        Option<string[]> rules = new("--rule") { Description = "An overridable forbid to switch off; may be repeated.", HelpName = "RULE" };
        Option<string[]> classes = new("--class") { Description = "A class of the data; may be repeated. All final classes must be covered.", HelpName = "CLASS" };
        Option<string> app = new("--app") { Description = "The caller it is for (sub of its token).", HelpName = "NAME" };
        Option<string> ticket = new("--ticket") { Description = "The reference of the emergency.", HelpName = "ID" };
        Option<int> minutes = new("--minutes") { Description = "How long it holds, up to 240.", DefaultValueFactory = static _ => 60 };
        minutes.Validators.Add(static result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 240)
            {
                result.AddError("--minutes is from 1 to 240.");
            }
        });
        Option<string> add = new("--add") { Description = "A file with a token to add a signature to, instead of making one.", HelpName = "FILE" };
        var person = SigningKey.PersonOption();
        var key = SigningKey.KeyOption();
        Command command = new("break-glass", "Makes a break-glass token, which takes two people: the second signs with --add.")
        {
            rules, classes, app, ticket, minutes, add, person, key,
        };
        command.Validators.Add(result =>
        {
            bool[] given = [result.GetValue(rules) is { Length: > 0 }, result.GetValue(classes) is { Length: > 0 }, result.GetValue(app) is not null, result.GetValue(ticket) is not null];
            if (result.GetValue(add) is null ? !given.All(static one => one) : given.Any(static one => one))
            {
                result.AddError("Give either --rule, --class, --app and --ticket, or --add.");
            }
        });
        command.SetAction(parsed =>
        {
            var error = parsed.InvocationConfiguration.Error;
            return SigningKey.Sign(parsed.GetRequiredValue(key), signer =>
            {
                var statement = parsed.GetValue(add) is { } file
                    ? File.ReadAllText(file)
                    : StatementWriter.BreakGlass(
                        parsed.GetRequiredValue(rules), parsed.GetRequiredValue(classes), parsed.GetRequiredValue(app), parsed.GetRequiredValue(ticket),
                        TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(parsed.GetValue(minutes)));
                var signed = StatementWriter.Sign(statement, parsed.GetRequiredValue(person), signer);
                error.WriteLine($"You have signed: {Claims(signed)}");
                return signed;
            }, parsed.InvocationConfiguration.Output, error);
        });
        return command;
    }

    // What is signed is shown to whoever signs it: the second person has not written it.
    private static string Claims(string statement) =>
        JsonNode.Parse(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(JsonNode.Parse(statement)!["payload"]!.GetValue<string>())))!.ToJsonString();
}
