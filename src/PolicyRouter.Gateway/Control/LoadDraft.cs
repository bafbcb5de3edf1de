using PolicyRouter.Policies.Reading;

namespace PolicyRouter.Gateway.Control;

/// <summary>Reads a draft as this node would read it, if it lay in the policy folder and were signed.</summary>
internal delegate PolicyLoadResult LoadDraft(PolicyDraft draft);
