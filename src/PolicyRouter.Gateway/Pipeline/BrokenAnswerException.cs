namespace PolicyRouter.Gateway.Pipeline;

/// <summary>
/// A streamed answer broke after its first byte and the error event has been written. Thrown out of the endpoint on purpose: the
/// server then sends what is buffered and ends the connection without the mark of a whole body (RFC 9112 section 8), so that
/// clients which ignore error events fail too. Aborting at once could overtake the event.
/// </summary>
internal sealed class BrokenAnswerException(string code) : Exception(code);
