namespace PolicyRouter.Gateway.Hosting;

/// <summary>Which listener a connection came in by, or which an endpoint belongs to. Both = health.</summary>
[Flags]
internal enum Plane
{
    None = 0,
    Data = 1,
    Control = 2,
    Both = Data | Control,
}

/// <summary>A feature of every connection and metadata of every endpoint: an endpoint exists on its own listener only.</summary>
internal sealed record ListenerPlane(Plane Plane);
