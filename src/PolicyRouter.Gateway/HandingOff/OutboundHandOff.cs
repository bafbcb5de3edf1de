using PolicyRouter.Audit.Appending;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Gateway.HandingOff;

/// <summary>
/// A hand-off, ready to leave: only from a note and a receipt for the durable record that authorises exactly that note. It may be posted more than once: the recipient is
/// the same, so is the body, and it drops what it has by the id.
/// </summary>
internal sealed class OutboundHandOff
{
    private OutboundHandOff(HandOffNote note) => Note = note;

    public Guid Id => Note.Id;
    public Guid RequestId => Note.RequestId;
    public HandOff To => Note.To;
    public ReadOnlyMemory<byte> Body => Note.Body;
    private HandOffNote Note { get; }

    /// <exception cref="InvalidOperationException">They do not belong together: a bug, and nothing is sent.</exception>
    public static OutboundHandOff Create(HandOffNote note, AuditReceipt receipt) =>
        receipt.EventId == note.Id
        && receipt.RequestId == note.RequestId
        && string.Equals(receipt.PolicyVersion, note.PolicyVersion, StringComparison.Ordinal)
        && string.Equals(receipt.SentHash, note.Hash, StringComparison.Ordinal)
        && receipt.TryClaim()
            ? new OutboundHandOff(note)
            : throw new InvalidOperationException("The receipt does not authorise this note, or was used before.");
}
