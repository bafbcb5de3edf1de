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
    public bool HasUninspectableContent { get; private set; }

    /// <summary>A field at the top of the body that is there and not null.</summary>
    public void SeeRootField(string name)
    {
        switch (name)
        {
            case "tools" or "functions" or "tool_choice" or "function_call":
                Tools = true;
                break;
            case "web_search_options":
                WebSearch = true;
                break;
            case "audio":
                Audio = true;
                break;
        }
    }

    /// <summary>A field of a message that is there and not null.</summary>
    public void SeeMessageField(string name)
    {
        switch (name)
        {
            case "tool_calls" or "function_call" or "tool_call_id":
                Tools = true;
                break;
            case "audio":
                // A reference to audio the provider still holds: as opaque as the audio itself.
                Audio = true;
                HasUninspectableContent = true;
                break;
        }
    }

    /// <summary>
    /// The <c>type</c> of a content part, or the name of a field that only one kind of part has. A kind that is not known cannot
    /// be looked into and counts as a file.
    /// </summary>
    public void SeePart(string kind)
    {
        switch (kind)
        {
            case "text" or "refusal":
                return;
            case "image_url":
                Vision = true;
                break;
            case "input_audio":
                Audio = true;
                break;
            default:
                Files = true;
                break;
        }

        HasUninspectableContent = true;
    }

    public IReadOnlyList<string> ToList()
    {
        List<string> used = ["chat"];
        Add(Tools, "tools");
        Add(JsonSchema, "json-schema");
        Add(Vision, "vision");
        Add(Audio, "audio");
        Add(Files, "files");
        Add(WebSearch, "web-search");
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
