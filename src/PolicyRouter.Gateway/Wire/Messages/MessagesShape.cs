using System.Text.Json;

namespace PolicyRouter.Gateway.Wire.Messages;

/// <summary>The shape of a body of the Anthropic Messages API.</summary>
internal sealed class MessagesShape : PromptShape
{
    // Anthropic's tools that the caller runs, and those that search among the tools of the request and nowhere else.
    private static readonly string[] OfCallers = ["bash_", "text_editor_", "computer_", "memory_", "tool_search_tool_regex_", "tool_search_tool_bm25_"];

    public override string Feature => "chat";

    public override string Content => "messages";

    public override PromptScope ChildOf(PromptFrame parent) => (parent.Scope, parent.Key) switch
    {
        (PromptScope.Root, "messages") => PromptScope.Messages,
        (PromptScope.Root, "system") => PromptScope.Content,
        (PromptScope.Root, "metadata") => PromptScope.Metadata,
        (PromptScope.Root, "tools") => PromptScope.Tools,
        (PromptScope.Root, "output_format" or "output_config") => PromptScope.ResponseFormat,
        (PromptScope.ResponseFormat, "format") => PromptScope.ResponseFormat,
        (PromptScope.Tools, _) => PromptScope.Tool,
        (PromptScope.Messages, _) => PromptScope.Message,
        (PromptScope.Message, "content") => PromptScope.Content,
        (PromptScope.Content, _) => PromptScope.Part,
        (PromptScope.Part, "source") => PromptScope.Media,
        (PromptScope.Part, "input") or (PromptScope.Tool, _) or (PromptScope.ResponseFormat, _) or (PromptScope.Metadata, _) => PromptScope.FreeForm,

        // The blocks of a tool's result, and those of a document.
        (PromptScope.Part or PromptScope.Media, "content") => PromptScope.Content,
        _ => PromptScope.Other,
    };

    public override GatewayError? Check(PromptFrame parent, bool isArray) => (parent.Scope, parent.Key) switch
    {
        (PromptScope.Root, "model") => NotA("model", "string", "model"),
        (PromptScope.Root, "stream") => NotA("stream", "boolean", "stream"),
        (PromptScope.Root, "messages") when !isArray => NotA("messages", "array", "messages"),
        (PromptScope.Root, "system") when !isArray => NotA("system", "string or an array", "system"),
        (PromptScope.Root, "tools") when !isArray => NotA("tools", "array", "tools"),
        (PromptScope.Root, "metadata") when isArray => NotA("metadata", "object", "metadata"),
        (PromptScope.Messages, _) when isArray => NotA("messages[]", "object", "messages"),
        (PromptScope.Tools, _) when isArray => NotA("tools[]", "object", "tools"),
        (PromptScope.Tool, "type") => NotA("tools[].type", "string", "tools"),
        (PromptScope.Message, "role") => NotA("role", "string", "messages"),
        (PromptScope.Message, "content") when !isArray => NotA("content", "string or an array", "messages"),
        (PromptScope.Content, _) when isArray => NotA("content[]", "object", "messages"),
        (PromptScope.Part, "type") => NotA("content[].type", "string", "messages"),
        (PromptScope.Part, "content") when !isArray => null,
        (PromptScope.Metadata, var key) when MetadataMembers.IsOwn(key) => NotA($"metadata.{key}", "string", "metadata"),
        _ => null,
    };

    public override GatewayError? CheckScalar(PromptFrame parent, JsonTokenType type) => (parent.Scope, parent.Key) switch
    {
        (PromptScope.Root, "model") when type is not JsonTokenType.String => NotA("model", "string", "model"),
        (PromptScope.Root, "messages" or "tools") => NotA(parent.Key, "array", parent.Key),
        (PromptScope.Root, "system") when type is not JsonTokenType.String => NotA("system", "string or an array", "system"),
        (PromptScope.Root, "stream") when type is not (JsonTokenType.True or JsonTokenType.False) => NotA("stream", "boolean", "stream"),
        (PromptScope.Root, "metadata") => NotA("metadata", "object", "metadata"),
        (PromptScope.Messages, _) => NotA("messages[]", "object", "messages"),
        (PromptScope.Tools, _) => NotA("tools[]", "object", "tools"),
        (PromptScope.Tool, "type") when type is not (JsonTokenType.String or JsonTokenType.Null) => NotA("tools[].type", "string", "tools"),
        (PromptScope.Message, "role") when type is not JsonTokenType.String => NotA("role", "string", "messages"),
        (PromptScope.Message, "content") when type is not JsonTokenType.String => NotA("content", "string or an array", "messages"),
        (PromptScope.Content, _) => NotA("content[]", "object", "messages"),
        (PromptScope.Part, "type") when type is not JsonTokenType.String => NotA("content[].type", "string", "messages"),
        (PromptScope.Metadata, var key) when MetadataMembers.IsOwn(key) && type is not JsonTokenType.String => NotA($"metadata.{key}", "string", "metadata"),
        _ => null,
    };

    public override bool IsId(PromptScope scope, string key) => scope is PromptScope.Part && key is "id" or "tool_use_id";

    public override bool HoldsBytes(string kind, string outer, string key) =>
        (kind, outer, key) is ("thinking", "", "signature") or ("redacted_thinking", "", "data") or ("image" or "document", "source", "data");

    public override bool IsRole(string role) => role is "user" or "assistant";

    public override void SeeRootField(PromptFeatures features, string name)
    {
        switch (name)
        {
            case "tools" or "tool_choice":
                features.Tools = true;
                break;
            case "mcp_servers":
                // The provider itself would ask others.
                features.Tools = true;
                break;
            case "container":
                features.CodeExecution = true;
                break;
        }
    }

    public override void SeeMessageField(PromptFeatures features, string name)
    {
    }

    public override void SeePart(PromptFeatures features, string kind)
    {
        switch (kind)
        {
            case "text" or "thinking" or "search_result":
                return;
            case "tool_use" or "tool_result":
                features.Tools = true;
                return;
            case "redacted_thinking":
                break;
            case "image":
                features.Vision = true;
                break;
            case "server_tool_use" or "web_search_tool_result" or "web_fetch_tool_result" or "mcp_tool_use" or "mcp_tool_result":
                features.WebSearch = true;
                break;
            case "code_execution_tool_result" or "bash_code_execution_tool_result" or "text_editor_code_execution_tool_result":
                features.CodeExecution = true;
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
        if (kind.StartsWith("code_execution", StringComparison.Ordinal))
        {
            features.CodeExecution = true;
        }
        else if (kind is not "custom" && !Array.Exists(OfCallers, name => ForwardingMembers.IsDated(kind, name)))
        {
            features.WebSearch = true;
        }
    }
}
