using System.Globalization;
using System.Text.RegularExpressions;
using PolicyRouter.Policies.Facts;

namespace PolicyRouter.Policies.Reading;

/// <summary>Checks of one endpoint that take more than one of its lines, or the registry's, to make.</summary>
/// <param name="deployment">The deployment it reaches; null when the registry has none of that name.</param>
internal sealed partial class EndpointChecks(string what, Deployment? deployment, Vocabulary words)
{
    private const string Azure = "azure";
    private const string Google = "google";

    /// <summary>References only. The text is not repeated in the message: it may be the secret itself.</summary>
    public void Credential(ScalarNode credential, Wire? wire)
    {
        var (scheme, name) = CredentialReference.Split(credential.Text);
        if (!CredentialReference.IsSecret(credential.Text) && !(scheme == "identity" && name is Azure or Google))
        {
            CredentialReference.Refuse(credential, what, "vault:NAME, env:NAME, file:PATH, identity:azure or identity:google", words.Log);
            return;
        }

        // An identity's token opens everything it may; it is shown to the service it was made for and to nobody else.
        var isMeant = scheme != "identity" || wire switch
        {
            Wire.AzureOpenAi => name == Azure,
            Wire.VertexAnthropic or Wire.VertexGemini => name == Google,
            null => true,
            _ => false,
        };
        if (!isMeant)
        {
            words.Log.Error(
                credential, ProblemCodes.Contradiction, $"{what} has the credential {credential.Text}, which its wire does not take",
                "identity:azure is for the wire azure-openai, identity:google for vertex-anthropic and vertex-gemini");
        }
    }

    public void ApiVersion(ScalarNode version, Wire? wire)
    {
        if (!DatedVersion().IsMatch(version.Text))
        {
            words.Log.Error(version, ProblemCodes.Shape, $"the api version of {what} must be a date, with -preview after it for a preview", "2024-10-21");
        }
        else if (wire is not (Wire.AzureOpenAi or null))
        {
            words.Log.Error(version, ProblemCodes.Contradiction, $"{what} has an api version, but only the wire azure-openai has versions");
        }
    }

    /// <summary>What is asked of Anthropic has to be what the registry says.</summary>
    public void InferenceGeography(ScalarNode geography, Wire? wire)
    {
        if (wire is not (Wire.Anthropic or null))
        {
            words.Log.Error(geography, ProblemCodes.Contradiction, $"{what} has an inference geo, but only the wire anthropic can be asked for one");
        }
        else if (deployment is not null && words.Zones is { } zones && !CloudPlaces.Covers(deployment.ProcessingRegions, geography.Text, zones))
        {
            Elsewhere(geography, $"asks for the geography {geography.Text}");
        }
    }

    /// <summary>Google's addresses name project and location; nothing could be sent without them.</summary>
    public void Address(ScalarNode address, Uri url, Wire wire)
    {
        if (wire is Wire.VertexAnthropic or Wire.VertexGemini && !VertexPath().IsMatch(url.AbsolutePath))
        {
            words.Log.AboutLine(
                address, ProblemCodes.Address, $"the address of {what} does not name project and location",
                "https://europe-west4-aiplatform.googleapis.com/v1/projects/PROJECT/locations/europe-west4");
        }
    }

    /// <summary>
    /// Where address and model say that it runs must be where the registry says. A profile of Bedrock spreads requests over all regions of its geography, and
    /// one that begins with <c>global.</c> over all there are.
    /// </summary>
    public void Place(Uri url, Wire wire, ScalarNode model, ScalarNode address)
    {
        var (place, by) = wire switch
        {
            Wire.Bedrock when Profile().Match(model.Text) is { Success: true } profile => (profile.Groups[1].Value, model),
            Wire.Bedrock when !model.Text.StartsWith("arn:", StringComparison.Ordinal) => (AwsRegion().Match(url.Host).Groups[1].Value, address),
            Wire.VertexAnthropic or Wire.VertexGemini => (VertexPath().Match(url.AbsolutePath).Groups[1].Value, address),
            _ => ("", address),
        };
        if (place.Length > 0 && deployment is not null && words.Zones is { } zones && !CloudPlaces.Covers(deployment.ProcessingRegions, place, zones))
        {
            Elsewhere(by, by == model ? $"uses a profile that runs in {(place == "global" ? "every region there is" : $"all regions of {place}")}" : $"is reached in {place}");
        }
    }

    private void Elsewhere(ScalarNode at, string how) => words.Log.Error(
        at, ProblemCodes.Contradiction,
        string.Create(CultureInfo.InvariantCulture, $"{what} {how}, but the registry says that {deployment!.Id} processes in {string.Join(", ", deployment.ProcessingRegions)} only"),
        $"mend \"processing regions\" of {deployment.Id} in registry.yaml if it is wrong; else use an address or a model of that place");

    [GeneratedRegex("^[0-9]{4}-[0-9]{2}-[0-9]{2}(-preview)?$")]
    private static partial Regex DatedVersion();

    [GeneratedRegex("^(us|us-gov|eu|apac|jp|au|ca|global)\\.")]
    private static partial Regex Profile();

    [GeneratedRegex("(?:^|\\.)((?:us|eu|ap|ca|sa|me|af|il|mx|cn)(?:-[a-z]+)+-[0-9])(?:\\.|$)")]
    private static partial Regex AwsRegion();

    [GeneratedRegex("^/v1(?:beta1)?/projects/[^/]+/locations/([a-z0-9-]+)/?$")]
    private static partial Regex VertexPath();
}
