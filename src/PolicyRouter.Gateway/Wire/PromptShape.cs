using System.Text.Json;

namespace PolicyRouter.Gateway.Wire;

/// <summary>
/// The few shapes of one API's bodies that the gateway relies on, and which features they use; everything else is the provider's to check. Whatever a shape does
/// not know is text and gets scanned.
/// </summary>
internal abstract class PromptShape
{
    /// <summary>The feature that every request of the API uses, in the words of the contract.</summary>
    public abstract string Feature { get; }

    /// <summary>The member of the body that must be there and not empty: what the request is about.</summary>
    public abstract string Content { get; }

    public abstract PromptScope ChildOf(PromptFrame parent);

    /// <summary>What is wrong with an object or array in this place; null when nothing is.</summary>
    public abstract GatewayError? Check(PromptFrame parent, bool isArray);

    /// <summary>What is wrong with a string, number, boolean or null in this place; null when nothing is.</summary>
    public abstract GatewayError? CheckScalar(PromptFrame parent, JsonTokenType type);

    /// <summary>False for a role that no message of the API may have.</summary>
    public abstract bool IsRole(string role);

    /// <summary>A field at the top of the body that is there and not null.</summary>
    public abstract void SeeRootField(PromptFeatures features, string name);

    /// <summary>A field of a message that is there and not null.</summary>
    public abstract void SeeMessageField(PromptFeatures features, string name);

    /// <summary>
    /// The <c>type</c> of a content part, or the name of a field that only one kind of part has. A kind that is not known cannot
    /// be looked into and counts as a file.
    /// </summary>
    public abstract void SeePart(PromptFeatures features, string kind);

    /// <summary>True for the few places of ids that pair a call with its result, or name an item. Anywhere else an id is text like any other.</summary>
    public virtual bool IsId(PromptScope scope, string key) => false;

    /// <summary>True where a kind of part has encoded bytes, which are not scanned as text.</summary>
    /// <param name="kind">The kind of the part.</param>
    /// <param name="outer">The member of the part that holds the object the bytes are in; empty when they are in the part itself.</param>
    /// <param name="key">The member that the bytes are.</param>
    public virtual bool HoldsBytes(string kind, string outer, string key) => false;

    /// <summary>True when every message must say whose it is.</summary>
    public virtual bool NeedsRole => true;

    /// <summary>The <c>type</c> of a message, in APIs where messages are one kind of item.</summary>
    public virtual void SeeItem(PromptFeatures features, string kind)
    {
    }

    /// <summary>True for a field that says by its name what kind of part it is in.</summary>
    public abstract bool NamesPart(string key);

    /// <summary>
    /// The <c>type</c> of a tool definition; nothing for tools that the caller runs. A kind that is not known is the provider's, and may ask anybody: it counts as a search.
    /// </summary>
    public virtual void SeeTool(PromptFeatures features, string kind)
    {
    }

    protected static GatewayError NotA(string field, string kind, string param) =>
        GatewayError.InvalidRequest($"`{field}` is not {(kind[0] is 'a' or 'o' ? "an" : "a")} {kind}.", param);
}
