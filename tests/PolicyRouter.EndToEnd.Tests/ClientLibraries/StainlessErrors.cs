namespace PolicyRouter.EndToEnd.Tests.ClientLibraries;

/// <summary>The exceptions that the official npm packages of OpenAI and of Anthropic share by name.</summary>
internal static class StainlessErrors
{
    public static string KindOf(int status) => status switch
    {
        400 => "BadRequestError",
        401 => "AuthenticationError",
        403 => "PermissionDeniedError",
        404 => "NotFoundError",
        _ => "InternalServerError",
    };
}
