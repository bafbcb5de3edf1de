namespace PolicyRouter.Gateway.Wire;

/// <summary>How one wire format writes answers, and what they become for one API.</summary>
internal interface IAnswerFormat
{
    /// <summary>A whole answer in the form of the caller's API.</summary>
    /// <exception cref="System.Text.Json.JsonException">It is not JSON.</exception>
    /// <exception cref="Providers.MalformedAnswerException">It is not an answer in this format.</exception>
    public ReadOnlyMemory<byte> ReadWhole(ReadOnlyMemory<byte> body, AnswerFacts facts);

    /// <summary>A reader for one stream.</summary>
    public IStreamFormat OpenStream();
}

/// <summary>The events of one stream in one wire format. Use once.</summary>
internal interface IStreamFormat
{
    /// <summary>Takes one event and appends the JSON objects that the caller's API has for it: chunks.</summary>
    /// <param name="data">Valid until the next event is read; so are the chunks unless they are kept.</param>
    /// <returns>True when the event ends the answer properly.</returns>
    /// <exception cref="System.Text.Json.JsonException">It is not JSON.</exception>
    /// <exception cref="Providers.MalformedAnswerException">It is not an event of this format.</exception>
    /// <exception cref="Providers.ProviderStreamException">The provider reports an error.</exception>
    public bool Accept(string eventName, ReadOnlyMemory<byte> data, List<StreamChunk> chunks);

    /// <summary>Notes what a chunk says about the answer; true when it carries some of the answer or its end.</summary>
    public bool Note(StreamChunk chunk, AnswerFacts facts);
}
