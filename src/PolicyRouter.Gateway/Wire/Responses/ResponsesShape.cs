using System.Text.Json;

namespace PolicyRouter.Gateway.Wire.Responses;

/// <summary>
/// The shape of a body of the OpenAI Responses API. What a provider would have to have kept of earlier answers is refused: the gateway lets no provider keep any.
/// </summary>
internal sealed class ResponsesShape : PromptShape
{
    public override string Feature => "chat";

    public override string Content => "input";

    public override bool NeedsRole => false;

    public override PromptScope ChildOf(PromptFrame parent) => (parent.Scope, parent.Key) switch
    {
        (PromptScope.Root, "input") => PromptScope.Messages,
        (PromptScope.Root, "metadata") => PromptScope.Metadata,
        (PromptScope.Root, "tools") => PromptScope.Tools,
        (PromptScope.Root, "text") => PromptScope.ResponseFormat,
        (PromptScope.ResponseFormat, "format") => PromptScope.ResponseFormat,
        (PromptScope.Tools, _) => PromptScope.Tool,
        (PromptScope.Tool or PromptScope.ResponseFormat or PromptScope.Metadata, _) => PromptScope.FreeForm,
        (PromptScope.Messages, _) => PromptScope.Message,
        (PromptScope.Message, "content" or "output") => PromptScope.Content,
        (PromptScope.Content, _) => PromptScope.Part,
        (PromptScope.Part, "input_audio") => PromptScope.Media,
        _ => PromptScope.Other,
    };

    public override GatewayError? Check(PromptFrame parent, bool isArray) => (parent.Scope, parent.Key) switch
    {
        (PromptScope.Root, "model") => NotA("model", "string", "model"),
        (PromptScope.Root, "stream" or "store" or "background") => NotA(parent.Key, "boolean", parent.Key),
        (PromptScope.Root, "input") when !isArray => NotA("input", "string or an array", "input"),
        (PromptScope.Root, "instructions") => NotA("instructions", "string", "instructions"),
        (PromptScope.Root, "tools") when !isArray => NotA("tools", "array", "tools"),
        (PromptScope.Root, "text" or "metadata") when isArray => NotA(parent.Key, "object", parent.Key),
        (PromptScope.Root, "conversation" or "prompt" or "previous_response_id") => Kept(parent.Key),
        (PromptScope.Messages, _) when isArray => NotA("input[]", "object", "input"),
        (PromptScope.Tools, _) when isArray => NotA("tools[]", "object", "tools"),
        (PromptScope.Tool, "type") => NotA("tools[].type", "string", "tools"),
        (PromptScope.Message, "type" or "role") => NotA($"input[].{parent.Key}", "string", "input"),
        (PromptScope.Message, "content" or "output") when !isArray => NotA($"input[].{parent.Key}", "string or an array", "input"),
        (PromptScope.Content, _) when isArray => NotA("content[]", "object", "input"),
        (PromptScope.Part, "type") => NotA("content[].type", "string", "input"),
        (PromptScope.Metadata, var key) when MetadataMembers.IsOwn(key) => NotA($"metadata.{key}", "string", "metadata"),
        _ => null,
    };

    public override GatewayError? CheckScalar(PromptFrame parent, JsonTokenType type) => (parent.Scope, parent.Key) switch
    {
        (PromptScope.Root, "model") when type is not JsonTokenType.String => NotA("model", "string", "model"),
        (PromptScope.Root, "input") when type is not JsonTokenType.String => NotA("input", "string or an array", "input"),
        (PromptScope.Root, "background") when type is JsonTokenType.True => Kept("background"),
        (PromptScope.Root, "stream" or "store" or "background") when type is not (JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null) => NotA(parent.Key, "boolean", parent.Key),
        (PromptScope.Root, "conversation" or "prompt" or "previous_response_id") when type is not JsonTokenType.Null => Kept(parent.Key),
        (PromptScope.Root, "tools") when type is not JsonTokenType.Null => NotA("tools", "array", "tools"),
        (PromptScope.Root, "text" or "metadata") when type is not JsonTokenType.Null => NotA(parent.Key, "object", parent.Key),
        (PromptScope.Messages, _) => NotA("input[]", "object", "input"),
        (PromptScope.Tools, _) => NotA("tools[]", "object", "tools"),
        (PromptScope.Tool, "type") when type is not JsonTokenType.String => NotA("tools[].type", "string", "tools"),
        (PromptScope.Message, "type" or "role") when type is not JsonTokenType.String => NotA($"input[].{parent.Key}", "string", "input"),
        (PromptScope.Message, "content" or "output") when type is not (JsonTokenType.String or JsonTokenType.Null) => NotA($"input[].{parent.Key}", "string or an array", "input"),
        (PromptScope.Content, _) => NotA("content[]", "object", "input"),
        (PromptScope.Part, "type") when type is not JsonTokenType.String => NotA("content[].type", "string", "input"),
        (PromptScope.Metadata, var key) when MetadataMembers.IsOwn(key) && type is not JsonTokenType.String => NotA($"metadata.{key}", "string", "metadata"),
        _ => null,
    };

    public override bool IsId(PromptScope scope, string key) => scope is PromptScope.Message && key is "id" or "call_id";

    public override bool HoldsBytes(string kind, string outer, string key) =>
        (kind, outer, key) is ("input_image", "", "image_url") or ("input_file", "", "file_data") or ("input_audio", "input_audio", "data");

    public override bool IsRole(string role) => role is "user" or "assistant" or "system" or "developer";

    public override void SeeRootField(PromptFeatures features, string name) => features.Tools |= name is "tools" or "tool_choice";

    public override void SeeMessageField(PromptFeatures features, string name)
    {
        if (name == "encrypted_content")
        {
            features.SeeOpaque();
        }
    }

    public override void SeeItem(PromptFeatures features, string kind)
    {
        switch (kind)
        {
            case "message" or "reasoning":
                return;
            case "function_call" or "function_call_output" or "custom_tool_call" or "custom_tool_call_output":
                features.Tools = true;
                return;
            case "item_reference":
                features.Store = true;
                break;
            case "web_search_call" or "mcp_call" or "mcp_list_tools" or "mcp_approval_request" or "mcp_approval_response":
                features.WebSearch = true;
                break;
            case "code_interpreter_call":
                features.CodeExecution = true;
                break;
            default:
                features.Files = true;
                break;
        }

        features.SeeOpaque();
    }

    public override void SeePart(PromptFeatures features, string kind)
    {
        switch (kind)
        {
            case "input_text" or "output_text" or "text" or "refusal" or "summary_text" or "reasoning_text":
                return;
            case "input_image":
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

    public override bool NamesPart(string key) => false;

    public override void SeeTool(PromptFeatures features, string kind)
    {
        switch (kind)
        {
            case "function" or "custom" or "local_shell" or "apply_patch" or "computer" or "computer_use_preview":
                break;
            case "code_interpreter" or "shell":
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

    private static GatewayError Kept(string field) => GatewayError.InvalidRequest(
        $"`{field}` needs a provider that keeps answers. The gateway lets none keep any, so that a conversation can go to whoever is permitted: send all of it in `input`.", field);
}
