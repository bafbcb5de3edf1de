using PolicyRouter.Redaction.Replacement;

namespace PolicyRouter.Gateway.Wire.OpenAi;

/// <summary>Which strings of an answer are text, and what kind.</summary>
internal static class AnswerWords
{
    /// <summary>True for the few strings below <c>choices</c> that are no text. Everything else may hold placeholders.</summary>
    public static bool IsNoText(string key) => key is "role" or "type" or "id" or "index" or "finish_reason" or "object";

    /// <summary>Arguments are JSON inside a string; restored values must not break out of it.</summary>
    public static RestoreContext ContextOf(string key) => key == "arguments" ? RestoreContext.JsonString : RestoreContext.Text;
}
