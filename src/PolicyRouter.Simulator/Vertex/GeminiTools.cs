using System.Text.Json;
using PolicyRouter.Simulator.Answers;
using PolicyRouter.Simulator.Serving;

namespace PolicyRouter.Simulator.Vertex;

/// <summary>Checks and reads the functions a request offers, and which of them the model may or must call.</summary>
internal static class GeminiTools
{
    private static readonly string[] ToolMembers = ["functionDeclarations"];
    private static readonly string[] DeclarationMembers = ["name", "description", "parameters", "parametersJsonSchema"];
    private static readonly string[] ConfigMembers = ["functionCallingConfig"];
    private static readonly string[] CallingMembers = ["mode", "allowedFunctionNames"];

    public static WireError? Check(JsonElement body) => CheckTools(body) ?? CheckConfig(body);

    /// <summary>The functions offered; of several allowed ones only those.</summary>
    public static List<ToolOffer> Read(JsonElement body)
    {
        var allowed = AllowedNames(body);
        List<ToolOffer> tools = [];
        foreach (var declaration in Declarations(body))
        {
            var name = declaration.Text("name"u8)!;
            if (allowed.Count == 0 || allowed.Contains(name))
            {
                var hasSchema = declaration.TryGet("parameters"u8, out var schema)
                    || declaration.TryGet("parametersJsonSchema"u8, out schema);
                tools.Add(new ToolOffer(name, hasSchema ? schema : default));
            }
        }

        return tools;
    }

    public static ToolChoice ReadChoice(JsonElement body) => !TryGetCalling(body, out var calling)
        ? ToolChoice.Auto
        : calling.Text("mode"u8) switch
        {
            "NONE" => ToolChoice.None,
            "ANY" when AllowedNames(body) is [var only] => ToolChoice.Of(only),
            "ANY" => ToolChoice.Any,
            _ => ToolChoice.Auto,
        };

    private static WireError? CheckTools(JsonElement body)
    {
        if (!body.TryGet("tools"u8, out var tools))
        {
            return null;
        }

        if (tools.ValueKind is not JsonValueKind.Array)
        {
            return GoogleErrors.Invalid("Invalid value at 'tools'.");
        }

        foreach (var tool in tools.EnumerateArray())
        {
            if (tool.ValueKind is not JsonValueKind.Object || !GeminiRequest.HasOnly(tool, ToolMembers))
            {
                return GoogleErrors.UnknownName("tools");
            }

            if (!tool.TryGet("functionDeclarations"u8, out var declarations) || declarations.ValueKind is not JsonValueKind.Array)
            {
                return GoogleErrors.Invalid("tools: tool_type must have one initialized field");
            }

            foreach (var declaration in declarations.EnumerateArray())
            {
                if (CheckDeclaration(declaration) is { } error)
                {
                    return error;
                }
            }
        }

        return null;
    }

    private static WireError? CheckDeclaration(JsonElement declaration)
    {
        if (declaration.Text("name"u8) is not { Length: > 0 })
        {
            return GoogleErrors.Invalid("tools.function_declarations.name: must not be empty");
        }

        if (!GeminiRequest.HasOnly(declaration, DeclarationMembers))
        {
            return GoogleErrors.UnknownName("tools.function_declarations");
        }

        return declaration.TryGet("parameters"u8, out _) && declaration.TryGet("parametersJsonSchema"u8, out _)
            ? GoogleErrors.Invalid("tools.function_declarations: parameters and parameters_json_schema are mutually exclusive")
            : null;
    }

    private static WireError? CheckConfig(JsonElement body)
    {
        if (!body.TryGet("toolConfig"u8, out var config))
        {
            return null;
        }

        if (config.ValueKind is not JsonValueKind.Object || !GeminiRequest.HasOnly(config, ConfigMembers))
        {
            return GoogleErrors.UnknownName("tool_config");
        }

        if (!TryGetCalling(body, out var calling))
        {
            return null;
        }

        if (calling.ValueKind is not JsonValueKind.Object || !GeminiRequest.HasOnly(calling, CallingMembers))
        {
            return GoogleErrors.UnknownName("tool_config.function_calling_config");
        }

        if (calling.TryGet("mode"u8, out _) && calling.Text("mode"u8) is not ("AUTO" or "ANY" or "NONE"))
        {
            return GoogleErrors.Invalid("Invalid value at 'tool_config.function_calling_config.mode'.");
        }

        return CheckAllowed(body, calling);
    }

    private static WireError? CheckAllowed(JsonElement body, JsonElement calling)
    {
        if (!Declarations(body).Any())
        {
            return GoogleErrors.Invalid("Function calling config is set without function_declarations.");
        }

        if (!calling.TryGet("allowedFunctionNames"u8, out var names))
        {
            return null;
        }

        if (names.ValueKind is not JsonValueKind.Array || calling.Text("mode"u8) is not "ANY")
        {
            return GoogleErrors.Invalid("allowed_function_names should only be set when the function calling mode is ANY.");
        }

        return AllowedNames(body).TrueForAll(name => Declarations(body).Any(declaration => declaration.Text("name"u8) == name))
            ? null
            : GoogleErrors.Invalid("allowed_function_names should be a subset of the function_declarations.");
    }

    private static bool TryGetCalling(JsonElement body, out JsonElement calling)
    {
        calling = default;
        return body.TryGet("toolConfig"u8, out var config) && config.TryGet("functionCallingConfig"u8, out calling);
    }

    private static List<string> AllowedNames(JsonElement body) =>
        TryGetCalling(body, out var calling) && calling.TryGet("allowedFunctionNames"u8, out var names)
            ? [.. names.EnumerateArray().Select(name => name.ValueKind is JsonValueKind.String ? name.GetString()! : "")]
            : [];

    private static IEnumerable<JsonElement> Declarations(JsonElement body) => body.TryGet("tools"u8, out var tools)
        ? tools.EnumerateArray().SelectMany(tool => tool.GetProperty("functionDeclarations").EnumerateArray())
        : [];
}
