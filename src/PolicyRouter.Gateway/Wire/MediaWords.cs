using System.Collections.Frozen;

namespace PolicyRouter.Gateway.Wire;

/// <summary>
/// The words by which providers' APIs call images, audio and files. Where a shape does not know the place, a provider may, and then what is there must not pass as text.
/// </summary>
internal static class MediaWords
{
    public const string Vision = "vision";
    public const string Audio = "audio";
    public const string Files = "files";

    private static readonly FrozenDictionary<string, string> Kinds = Words(
        (Vision, ["image", "image_url", "input_image", "video", "video_url", "input_video"]),
        (Audio, ["audio", "audio_url", "input_audio"]),
        (Files, ["document", "file", "input_file"]));

    private static readonly FrozenDictionary<string, string> Names = Words(
        (Vision, ["image_url", "input_image", "images", "video_url", "inline_data"]),
        (Audio, ["audio_url", "input_audio"]),
        (Files, ["file_data"]));

    /// <summary>The feature that the <c>type</c> of an object names; null when it names none.</summary>
    public static string? FeatureOf(string kind) => Kinds.GetValueOrDefault(kind);

    /// <summary>The feature that a member uses by its name alone; null when it uses none.</summary>
    public static string? FeatureNamedBy(string key) => Names.GetValueOrDefault(key);

    private static FrozenDictionary<string, string> Words(params ReadOnlySpan<(string Feature, string[] Words)> features)
    {
        Dictionary<string, string> words = new(StringComparer.OrdinalIgnoreCase);
        foreach (var (feature, ofFeature) in features)
        {
            foreach (var word in ofFeature)
            {
                words.Add(word, feature);
            }
        }

        return words.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }
}
