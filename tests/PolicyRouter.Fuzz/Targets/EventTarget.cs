using PolicyRouter.Audit.Events;

namespace PolicyRouter.Fuzz.Targets;

/// <summary>
/// Events as they lie in a database that somebody else can write to. Nothing but <see cref="FormatException"/> is thrown; an event that is read is written in a canonical form
/// that is read as the same.
/// </summary>
internal static class EventTarget
{
    public static void Run(ReadOnlySpan<byte> input)
    {
        AuditEvent read;
        try
        {
            read = CanonicalJsonReader.Read(input.ToArray());
        }
        catch (FormatException)
        {
            return;
        }

        var written = CanonicalJson.Write(read);
        BrokenPromiseException.ThrowUnless(CanonicalJson.Write(CanonicalJsonReader.Read(written)).AsSpan().SequenceEqual(written), "the canonical form of an event is one");
    }
}
