namespace PolicyRouter.Gateway.Wire;

/// <summary>The features a request uses, collected while it is read.</summary>
internal sealed class PromptFeatures
{
    public bool Tools { get; set; }
    public bool JsonSchema { get; set; }
    public bool Vision { get; set; }
    public bool Audio { get; set; }
    public bool Files { get; set; }
    public bool WebSearch { get; set; }
    public bool Store { get; set; }
    public bool CodeExecution { get; set; }
    public bool HasUninspectableContent { get; private set; }

    /// <summary>A part that cannot be looked into.</summary>
    public void SeeOpaque() => HasUninspectableContent = true;

    /// <summary>An image, audio or a file, by the feature of <see cref="MediaWords"/> that it uses.</summary>
    public void SeeMedia(string feature)
    {
        Vision |= feature == MediaWords.Vision;
        Audio |= feature == MediaWords.Audio;
        Files |= feature == MediaWords.Files;
        SeeOpaque();
    }

    /// <param name="basic">The feature that every request of the API uses.</param>
    public IReadOnlyList<string> ToList(string basic)
    {
        List<string> used = [basic];
        Add(Tools, "tools");
        Add(JsonSchema, "json-schema");
        Add(Vision, "vision");
        Add(Audio, "audio");
        Add(Files, "files");
        Add(WebSearch, "web-search");
        Add(CodeExecution, "code-execution");
        Add(Store, "store");
        return used;

        void Add(bool isUsed, string feature)
        {
            if (isUsed)
            {
                used.Add(feature);
            }
        }
    }
}
