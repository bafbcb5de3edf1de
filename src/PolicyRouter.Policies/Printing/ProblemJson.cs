using System.Text.Json;
using PolicyRouter.Policies.Reading;

namespace PolicyRouter.Policies.Printing;

/// <summary>Problems of a policy folder as JSON: the shape that <c>policy check --json</c> and the control plane share.</summary>
public static class ProblemJson
{
    /// <summary>Writes the property <c>problems</c>: an array of one object each, in the given order.</summary>
    public static void WriteProperty(Utf8JsonWriter writer, IReadOnlyList<Problem> problems)
    {
        writer.WriteStartArray("problems");
        foreach (var problem in problems)
        {
            Write(writer, problem);
        }

        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, Problem problem)
    {
        writer.WriteStartObject();
        writer.WriteString("file", problem.File);
        writer.WriteNumber("line", problem.Line);
        writer.WriteNumber("column", problem.Column);
        writer.WriteString("severity", ProblemPrinter.Word(problem.Severity));
        writer.WriteString("code", problem.Code);
        writer.WriteString("message", problem.Message);
        writer.WriteString("sourceLine", problem.SourceLine);
        writer.WriteString("suggestion", problem.Suggestion);
        writer.WriteString("ifShipped", problem.IfShipped);
        writer.WriteStartArray("known");
        foreach (var word in problem.Known)
        {
            writer.WriteStringValue(word);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
