using System.Text.Json.Nodes;
using PolicyRouter.Policies.Facts;
using static PolicyRouter.Policies.Schemas.SchemaParts;

namespace PolicyRouter.Policies.Schemas;

/// <summary>Schema of <c>redaction.yaml</c>.</summary>
internal static class RedactionSchema
{
    public static JsonObject Create()
    {
        var replacement = Map(
            "What stands in the place of some kinds of value.",
            ("kinds", AnyOf(
                "Kinds of value.",
                OneOf("One kind.", RedactionWords.Kinds),
                List("Several kinds.", OneOf("One kind.", RedactionWords.Kinds)))),
            ("by", OneOf(
                "placeholder: comes back in the answer. erase: nothing. mask: asterisks, of a card the first six and last four digits stay. pseudonym: a keyed hash, the same in every request. "
                + "shift: a date moved by the conversation's days. generalise: year, 90+, first digits of the ZIP code. keep: the value itself.",
                RedactionWords.Methods)));
        var profile = Map(
            "A profile that changes one that every gateway has. Rules name it in \"redact\".",
            ("id", Name("Its name.")),
            ("based on", Text("The profile that it changes.")),
            ("confidence at least?", OneOf("Findings of less confidence stay as they are. Low, unless it says otherwise.", RedactionWords.Confidences)),
            ("replace?", List("What stands for some kinds; the others as in the profile it is based on.", replacement)));
        return File("redaction", "Redaction: what is removed from prompts beyond what every gateway finds, and how", Map(
            "A text in both lists is refused.",
            ("format", Format("redaction")),
            ("profiles?", List("Profiles of the policy's own.", profile, mayBeEmpty: true)),
            ("always redact?", List(
                "Texts that are removed wherever they stand as whole words, whatever their letter case, if the profile covers their kind.",
                Map("One text.", ("text", Text("The text, 3 to 200 characters.")), ("as", OneOf("Which kind of value it is.", RedactionWords.Kinds))),
                mayBeEmpty: true)),
            ("never redact?", Words("Texts that are nobody's, whatever a detector says, letter case aside."))));
    }
}
