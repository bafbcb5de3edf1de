namespace PolicyRouter.Gateway.Wire;

/// <summary>How one wire format writes answers.</summary>
internal interface IAnswerFormat
{
    /// <summary>A whole answer as an OpenAI <c>chat.completion</c> object.</summary>
    /// <exception cref="System.Text.Json.JsonException">It is not JSON.</exception>
    /// <exception cref="Providers.MalformedAnswerException">It is not an answer in this format.</exception>
    public ReadOnlyMemory<byte> ReadWhole(ReadOnlyMemory<byte> body, AnswerFacts facts);

    /// <summary>A reader for one stream.</summary>
    public IStreamFormat OpenStream();
}

/// <summary>The events of one stream in one wire format. Use once.</summary>
internal interface IStreamFormat
{
    /// <summary>Takes one event and appends the OpenAI <c>chat.completion.chunk</c> objects it becomes.</summary>
    /// <param name="data">Valid only during the call.</param>
    /// <returns>True when the event ends the answer properly.</returns>
    /// <exception cref="System.Text.Json.JsonException">It is not JSON.</exception>
    /// <exception cref="Providers.MalformedAnswerException">It is not an event of this format.</exception>
    /// <exception cref="Providers.ProviderStreamException">The provider reports an error.</exception>
    public bool Accept(string eventName, ReadOnlyMemory<byte> data, List<ReadOnlyMemory<byte>> chunks);
}
