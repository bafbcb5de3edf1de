namespace PolicyRouter.Simulator.Answers;

/// <summary>Counts tokens the way a rule of thumb does: four characters each.</summary>
internal static class Tokens
{
    public const int CharactersPerToken = 4;

    public static int In(ReadOnlySpan<char> text) => Of(text.Length);

    public static int Of(int characters) => (characters + CharactersPerToken - 1) / CharactersPerToken;
}
