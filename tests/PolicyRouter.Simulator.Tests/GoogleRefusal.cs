namespace PolicyRouter.Simulator.Tests;

/// <summary>The shape of Google's errors.</summary>
internal static class GoogleRefusal
{
    /// <summary>Checks that this is an error in that shape; returns its message.</summary>
    public static async Task<string> MessageAsync(HttpResponseMessage response, int status, string name)
    {
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        var error = (await Talk.JsonAsync(response)).GetProperty("error");
        Assert.Equal(status, error.GetProperty("code").GetInt32());
        Assert.Equal(name, error.GetProperty("status").GetString());
        return error.GetProperty("message").GetString()!;
    }
}
