using System.Collections.Frozen;
using System.Text.Json;

namespace PolicyRouter.Gateway.Wire.OpenAi;

/// <summary>The shape of a chat completions body.</summary>
internal sealed class ChatShape : PromptShape
{
    private static readonly FrozenSet<string> Roles = FrozenSet.ToFrozenSet(["system", "developer", "user", "assistant", "tool", "function"], StringComparer.Ordinal);

    public override string Feature => "chat";

    public override string Content => "messages";

    public override PromptScope ChildOf(PromptFrame parent) => (parent.Scope, parent.Key) switch
    {
        (PromptScope.Root, "messages") => PromptScope.Messages,
        (PromptScope.Root, "metadata") => PromptScope.Metadata,
        (PromptScope.Root, "stream_options") => PromptScope.StreamOptions,
        (PromptScope.Root, "response_format") => PromptScope.ResponseFormat,
        (PromptScope.Root, "modalities") => PromptScope.Modalities,
        (PromptScope.Messages, _) => PromptScope.Message,
        (PromptScope.Message, "content") => PromptScope.Content,
        (PromptScope.Content, _) => PromptScope.Part,
        (PromptScope.Part, "image_url" or "input_audio" or "file") => PromptScope.Media,
        (PromptScope.Message, "tool_calls") => PromptScope.ToolCalls,
        (PromptScope.ToolCalls, _) => PromptScope.ToolCall,
        (PromptScope.ToolCall, "extra_content") or (PromptScope.CallNote, "google") => PromptScope.CallNote,
        (PromptScope.Root, "tools") => PromptScope.Tools,
        (PromptScope.Tools, _) => PromptScope.Tool,
        (PromptScope.Root, "functions") or (PromptScope.Tool, _) or (PromptScope.Message, "function_call") or (PromptScope.ToolCall or PromptScope.ResponseFormat or PromptScope.Metadata, _) => PromptScope.FreeForm,
        _ => PromptScope.Other,
    };

    /// <summary>What is wrong with an object or array in this place; null when nothing is.</summary>
    public override GatewayError? Check(PromptFrame parent, bool isArray) => (parent.Scope, parent.Key) switch
    {
        (PromptScope.Root, "model") => NotA("model", "string", "model"),
        (PromptScope.Root, "stream") => NotA("stream", "boolean", "stream"),
        (PromptScope.Root, "messages") when !isArray => NotA("messages", "array", "messages"),
        (PromptScope.Root, "metadata") when isArray => NotA("metadata", "object", "metadata"),
        (PromptScope.Root, "stream_options") when isArray => NotA("stream_options", "object", "stream_options"),
        (PromptScope.Root, "response_format") when isArray => NotA("response_format", "object", "response_format"),
        (PromptScope.Root, "modalities") when !isArray => NotA("modalities", "array", "modalities"),
        (PromptScope.Root, "tools") when !isArray => NotA("tools", "array", "tools"),
        (PromptScope.Tools, _) when isArray => NotA("tools[]", "object", "tools"),
        (PromptScope.Tool, "type") => NotA("tools[].type", "string", "tools"),
        (PromptScope.Messages, _) when isArray => NotA("messages[]", "object", "messages"),
        (PromptScope.Message, "role") => NotA("role", "string", "messages"),
        (PromptScope.Message, "content") when !isArray => NotA("content", "string or an array", "messages"),
        (PromptScope.Content, _) when isArray => NotA("content[]", "object", "messages"),
        (PromptScope.Part, "type") => NotA("content[].type", "string", "messages"),
        (PromptScope.ResponseFormat, "type") => NotA("response_format.type", "string", "response_format"),
        (PromptScope.Metadata, var key) when MetadataMembers.IsOwn(key) => NotA($"metadata.{key}", "string", "metadata"),
        _ => null,
    };

    /// <summary>What is wrong with a string, number, boolean or null in this place; null when nothing is.</summary>
    public override GatewayError? CheckScalar(PromptFrame parent, JsonTokenType type) => (parent.Scope, parent.Key) switch
    {
        (PromptScope.Root, "model") when type is not JsonTokenType.String => NotA("model", "string", "model"),
        (PromptScope.Root, "messages") => NotA("messages", "array", "messages"),
        (PromptScope.Root, "stream" or "store") when type is not (JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null) =>
            NotA(parent.Key, "boolean", parent.Key),
        (PromptScope.Root, "metadata" or "stream_options" or "response_format") when type is not JsonTokenType.Null =>
            NotA(parent.Key, "object", parent.Key),
        (PromptScope.Root, "modalities") when type is not JsonTokenType.Null => NotA("modalities", "array", "modalities"),
        (PromptScope.Messages, _) => NotA("messages[]", "object", "messages"),
        (PromptScope.Message, "role") when type is not JsonTokenType.String => NotA("role", "string", "messages"),
        (PromptScope.Message, "content") when type is not (JsonTokenType.String or JsonTokenType.Null) =>
            NotA("content", "string or an array", "messages"),
        (PromptScope.Content, _) when type is not JsonTokenType.String => NotA("content[]", "object", "messages"),
        (PromptScope.Part, "type") when type is not JsonTokenType.String => NotA("content[].type", "string", "messages"),
        (PromptScope.StreamOptions, "include_usage") when type is not (JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null) =>
            NotA("stream_options.include_usage", "boolean", "stream_options"),
        (PromptScope.Metadata, var key) when MetadataMembers.IsOwn(key) && type is not JsonTokenType.String =>
            NotA($"metadata.{key}", "string", "metadata"),
        _ => null,
    };

    public override bool IsId(PromptScope scope, string key) => (scope, key) is (PromptScope.Message, "tool_call_id") or (PromptScope.ToolCall, "id");

    public override bool HoldsBytes(string kind, string outer, string key) =>
        (kind, outer, key) is ("image_url", "image_url", "url") or ("image_url", "", "image_url") or ("input_audio", "input_audio", "data") or ("file", "file", "file_data");

    public override bool IsRole(string role) => Roles.Contains(role);

    public override void SeeRootField(PromptFeatures features, string name)
    {
        switch (name)
        {
            case "tools" or "functions" or "tool_choice" or "function_call":
                features.Tools = true;
                break;
            case "audio":
                features.Audio = true;
                break;
        }
    }

    public override void SeeMessageField(PromptFeatures features, string name)
    {
        switch (name)
        {
            case "tool_calls" or "function_call" or "tool_call_id":
                features.Tools = true;
                break;
            case "audio":
                // A reference to audio the provider still holds: as opaque as the audio itself.
                features.Audio = true;
                features.SeeOpaque();
                break;
        }
    }

    public override void SeePart(PromptFeatures features, string kind)
    {
        switch (kind)
        {
            case "text" or "refusal":
                return;
            case "image_url":
                features.Vision = true;
                break;
            case "input_audio":
                features.Audio = true;
                break;
            default:
                features.Files = true;
                break;
        }

        features.SeeOpaque();
    }

    public override void SeeTool(PromptFeatures features, string kind)
    {
        switch (kind)
        {
            case "function" or "custom":
                break;
            case "code_interpreter" or "code_execution":
                features.CodeExecution = true;
                break;
            case "file_search" or "image_generation":
                features.Files = true;
                break;
            default:
                features.WebSearch = true;
                break;
        }
    }

    public override bool NamesPart(string key) => key is "image_url" or "input_audio" or "file";
}
