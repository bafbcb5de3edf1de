using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using PolicyRouter.Simulator.Answers;

namespace PolicyRouter.Simulator.Serving;

/// <summary>Writes the events of one answer in one wire's form. The caller flushes.</summary>
internal abstract class AnswerStream(PipeWriter output) : IDisposable
{
    protected Utf8JsonWriter Json { get; } = new(output, Answers.Json.Writing);

    protected PipeWriter Output { get; } = output;

    /// <summary>A function call has all its arguments from its start, so that pieces with more of them are left out.</summary>
    public virtual bool CallsComeWhole => false;

    /// <summary>What comes before the first piece.</summary>
    public abstract void Open();

    public abstract void Write(AnswerPiece piece);

    /// <summary>Finish reason and usage, unless <see cref="Terminate"/> carries them.</summary>
    public abstract void Close();

    /// <summary>The event after which a client knows that it has everything.</summary>
    public abstract void Terminate();

    public abstract void WriteError(WireError error, string requestId);

    /// <summary>Half of an event, closed like a whole one.</summary>
    public abstract void WriteMalformed();

    public void Dispose() => Json.Dispose();

    /// <summary>Starts an event whose data <see cref="Json"/> then takes.</summary>
    protected void BeginData()
    {
        Output.Write("data: "u8);
        Json.Reset(Output);
    }

    protected void EndData()
    {
        Json.Flush();
        Output.Write("\n\n"u8);
    }
}
