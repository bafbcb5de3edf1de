using System.Text.Json.Nodes;
using PolicyRouter.Policies.Reading;
using static PolicyRouter.Policies.Schemas.SchemaParts;

namespace PolicyRouter.Policies.Schemas;

/// <summary>Schema of <c>data-classes.yaml</c>.</summary>
internal static class DataClassesSchema
{
    public static JsonObject Create() => File("data-classes", "Data classes: which kinds of data exist, where people live, what it is for", Map(
        "The words that rules and requests use. Nothing here grants permission.",
        ("format", Format("data-classes")),
        ("classes", List("Kinds of data. unclassified always exists.", Map(
            "One kind of data.",
            ("id", Name("How rules and requests name it.")),
            ("label", Text("What people call it.")),
            ("is also?", Words("Classes that such data belongs to as well: it needs their permits too, and their forbids bind it.")),
            ("citation?", Text("Where it is defined."))))),
        ("escalation?", OneOf("How a request gets its classes. Fixed by the engine, shown for the reader.", [DataClassesReader.Escalation])),
        ("lowering?", List("The only ways down; each line is a legal decision.", Map(
            "One way down.",
            ("from", Name("The class before.")),
            ("to", Name("The class after.")),
            ("by", Pattern("How the text is redacted: redact and a profile.", "^redact \\S+$")),
            ("needs approval", Name("The role of the person who must approve each such request.")),
            ("citation", Text("What allows it."))), mayBeEmpty: true)),
        ("zones", List("Where people live and machines stand. unknown always exists and is never good news.", Name("A zone."))),
        ("adequacy?", List("Zones between which data may go without a paper.", Map(
            "One finding.",
            ("from", Text("The zone where the people live.")),
            ("to", Text("The zone whose protection is held adequate.")),
            ("in force", InForce("When the finding is in force.")),
            ("citation", Text("The decision."))), mayBeEmpty: true)),
        ("purposes", List("What a request can be for.", Name("A purpose."))),
        ("features", List("What a request can use.", Name("A feature."))),
        ("business units?", List("Parts of the organisation that rules may speak of.", Name("A business unit.")))));
}
