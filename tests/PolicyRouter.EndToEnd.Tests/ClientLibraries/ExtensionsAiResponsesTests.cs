namespace PolicyRouter.EndToEnd.Tests.ClientLibraries;

/// <summary><c>Microsoft.Extensions.AI</c>, by the Responses API.</summary>
public sealed class ExtensionsAiResponsesTests(ExtensionsAiResponsesTests.Library library) : ExtensionsAiTests(library), IClassFixture<ExtensionsAiResponsesTests.Library>
{
    protected override bool TellsWhyWholeAnswersEnd => false;

    public sealed class Library : ExtensionsAiLibrary
    {
        public override string Api => "responses";
    }
}
