using System.Reflection;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Hosting;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.WebConsole.Exporting;
using PolicyRouter.WebConsole.Gateways;
using PolicyRouter.WebConsole.Integrity;
using PolicyRouter.WebConsole.Pages;
using PolicyRouter.WebConsole.Policies;
using PolicyRouter.WebConsole.Reading;
using PolicyRouter.WebConsole.Reporting;
using PolicyRouter.WebConsole.Saving;
using PolicyRouter.WebConsole.SignIn;

namespace PolicyRouter.WebConsole;

/// <summary>
/// The web console as a process of its own: static pages rendered on the server, no scripts needed, a content security policy
/// that allows nothing from elsewhere. It reads the log with a role that can do nothing else; what has to be written, it asks of a gateway.
/// </summary>
public sealed class ConsoleHost : IAsyncDisposable
{
    private const int LargestBody = 1_048_576;

    private readonly WebApplication _app;
    private readonly AuditHistory _history;

    private ConsoleHost(WebApplication app, AuditHistory history)
    {
        _app = app;
        _history = history;
    }

    /// <summary>Where it really listens.</summary>
    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    internal IServiceProvider Services => _app.Services;

    /// <exception cref="ArgumentException">The settings give no way to sign in.</exception>
    public static async Task<ConsoleHost> StartAsync(ConsoleSettings settings, TimeProvider time, CancellationToken cancellationToken)
    {
        settings.Validate();
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        if (settings.LogToConsole)
        {
            builder.Logging.SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning).AddJsonConsole();
        }

        builder.WebHost.UseUrls([.. settings.Urls.Select(static url => url.ToString())]);
        builder.WebHost.ConfigureKestrel(static kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestBody;
        });
        // Drafts stay in memory: nothing that somebody hands in lies in a file of this machine.
        builder.Services.Configure<FormOptions>(static form =>
        {
            form.MultipartBodyLengthLimit = DraftForm.MostBytes;
            form.ValueLengthLimit = DraftForm.MostBytes;
            form.MemoryBufferThreshold = DraftForm.MostBytes;
            form.BufferBodyLengthLimit = DraftForm.MostBytes;
        });
        var history = AuditHistory.Open(settings.ConnectionString);
        builder.Services.AddSingleton(settings).AddSingleton(time).AddSingleton(history).AddSingleton<DevelopmentSignIn>();
        builder.Services.AddSingleton(_ => AuditProofs.Open(settings.ConnectionString)).AddSingleton<LogProofs>().AddSingleton<LogVerification>();
        builder.Services.AddSingleton<PolicyShelf>().AddSingleton<PolicyAnswers>().AddSingleton<DraftDesk>().AddScoped<ReaderShelf>().AddScoped<ReaderHistory>().AddHttpContextAccessor();
        if (settings.Gateway is { } gateway)
        {
            builder.Services.AddSingleton(services => new GatewayClient(gateway, services.GetRequiredService<IHttpContextAccessor>()));
        }

        builder.Services.AddRazorComponents();
        EphemeralKeys.Use(builder.Services);
        builder.Services.AddCascadingAuthenticationState();
        AddSignIn(builder.Services, settings, time);
        var app = builder.Build();
        app.UseMiddleware<AnswerGuard>();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
        app.MapGet("/console.css", Stylesheet).AllowAnonymous();
        app.MapGet("/console.js", Script).AllowAnonymous();
        app.MapGet("/icon.svg", Icon).AllowAnonymous();
        app.MapGet("/livez", static () => Results.Text("live")).AllowAnonymous();
        if (settings.DevelopmentKey is not null)
        {
            app.MapPost("/sign-in", DevelopmentSignIn.HandleAsync).AllowAnonymous();
        }

        app.MapPost("/sign-out", SignOutAsync).AllowAnonymous();
        app.MapPost("/saved", ([FromForm] string? name, [FromForm] string? query, HttpContext http) => SavedQueries.Save(http, name, query));
        app.MapPost("/saved/delete", ([FromForm] string? name, [FromForm] string? query, HttpContext http) => SavedQueries.Delete(http, name, query));
        app.MapPost("/export", ExportEndpoint.HandleAsync).RequireAuthorization(ConsoleRoles.MayExport);

        app.MapPost("/policies/draft/forget", ForgetDraft).RequireAuthorization(ConsoleRoles.MayReadPolicies);
        app.MapGet("/report/download", ReportDownload.HandleAsync);
        app.MapPost("/integrity/verify", VerifyEndpoint.HandleAsync).RequireAuthorization(ConsoleRoles.MayVerify);

        app.MapRazorComponents<App>();
        await app.StartAsync(cancellationToken);
        return new ConsoleHost(app, history);
    }

    public Task WaitForShutdownAsync(CancellationToken cancellationToken) => _app.WaitForShutdownAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _history.DisposeAsync();
    }

    private static void AddSignIn(IServiceCollection services, ConsoleSettings settings, TimeProvider time)
    {
        var authentication = services.AddAuthentication(options =>
        {
            options.DefaultScheme = CookieAuthenticationDefaults.AuthenticationScheme;
            options.DefaultChallengeScheme =
                settings.Oidc is null ? CookieAuthenticationDefaults.AuthenticationScheme : OpenIdConnectDefaults.AuthenticationScheme;
        });
        authentication.AddCookie(options =>
        {
            // The __Host- prefix needs https, which development on loopback does not have.
            options.Cookie.Name = settings.Oidc is null ? "policyrouter-console" : "__Host-policyrouter-console";
            options.Cookie.HttpOnly = true;
            options.Cookie.SameSite = SameSiteMode.Lax;
            options.Cookie.SecurePolicy = settings.Oidc is null ? CookieSecurePolicy.SameAsRequest : CookieSecurePolicy.Always;
            options.ExpireTimeSpan = TimeSpan.FromHours(1);
            options.SlidingExpiration = false;
            options.LoginPath = "/sign-in";
            options.AccessDeniedPath = "/sign-in";
        });
        if (settings.Oidc is { } oidc)
        {
            authentication.AddOpenIdConnect(options =>
            {
                options.Authority = oidc.Authority.ToString();
                // The command asks for https; an issuer on this machine is one of tests.
                options.RequireHttpsMetadata = !oidc.Authority.IsLoopback;
                options.ClientId = oidc.ClientId;
                options.ClientSecret = oidc.ClientSecret;
                options.ResponseType = "code";
                options.UsePkce = true;
                options.MapInboundClaims = false;
                options.SaveTokens = false;
                options.Resource = oidc.Resource;
                foreach (var scope in oidc.Scopes)
                {
                    options.Scope.Add(scope);
                }

                options.Events.OnAuthorizationCodeReceived = context =>
                {
                    // RFC 8707, section 2.2: asked for with the code as well, or issuers may give a token that is good for their own user info only.
                    context.TokenEndpointRequest!.Resource = oidc.Resource;
                    return Task.CompletedTask;
                };
                options.Events.OnTokenValidated = context =>
                {
                    AccessTokens.KeepFrom(context, time);
                    return Task.CompletedTask;
                };
                options.Events.OnRemoteFailure = static context =>
                {
                    // Whatever does not hold, its details are nothing for a browser.
                    context.HandleResponse();
                    context.Response.Redirect("/sign-in?refused=true");
                    return Task.CompletedTask;
                };
                options.TokenValidationParameters.NameClaimType = "sub";
                options.TokenValidationParameters.RoleClaimType = "roles";
            });
        }

        ConsoleRoles.Configure(services.AddAuthorizationBuilder());
    }

    // The form has no field of its own; asking for one has its antiforgery field checked.
    private static async Task<IResult> SignOutAsync([FromForm] string? nothing, HttpContext http)
    {
        await http.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        return Results.Redirect("/sign-in");
    }

    private static IResult ForgetDraft([FromForm] string? name, DraftDesk desk, ReaderHistory history)
    {
        desk.Forget(history.Reader, name ?? "");
        return Results.LocalRedirect("/policies/draft");
    }

    private static IResult Stylesheet() => Embedded("console.css", "text/css; charset=utf-8");

    private static IResult Script() => Embedded("console.js", "text/javascript; charset=utf-8");

    private static IResult Icon() => Embedded("icon.svg", "image/svg+xml");

    private static IResult Embedded(string name, string type) => Results.Stream(Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!, type);
}
