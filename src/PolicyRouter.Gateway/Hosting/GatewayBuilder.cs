using Azure.Core;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Compliance.Redaction;
using Microsoft.Extensions.Logging;
using PolicyRouter.Audit.Appending;
using PolicyRouter.Audit.Reading;
using PolicyRouter.Audit.Retention;
using PolicyRouter.Audit.Sealing;
using PolicyRouter.Gateway.Admission;
using PolicyRouter.Gateway.Callers;
using PolicyRouter.Gateway.Control;
using PolicyRouter.Gateway.Pipeline;
using PolicyRouter.Gateway.Providers;
using PolicyRouter.Gateway.Secrets;
using PolicyRouter.Gateway.Snapshots;
using PolicyRouter.Gateway.Wire;
using PolicyRouter.Policies.Reading;
using PolicyRouter.Redaction;

namespace PolicyRouter.Gateway.Hosting;

/// <summary>Puts the host together: settings, log, services, the order of the middlewares, the endpoints.</summary>
internal static class GatewayBuilder
{
    // The pipeline answers 413 itself; this stops what does not go through it, or what no Content-Length announces.
    private const int BodyBackstopBytes = 2 * 1_048_576;

    public static async Task<WebApplication> BuildAsync(GatewayHostOptions options, Listeners listeners, CancellationToken cancellationToken)
    {
        // The base directory, not the current one: started in / the content root would be the whole disk.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ApplicationName = "PolicyRouter.Gateway",
            ContentRootPath = AppContext.BaseDirectory,
            EnvironmentName = options.Development ? Environments.Development : Environments.Production,
        });
        string[] ofHost = [.. builder.Configuration.GetChildren().Select(static child => child.Key)];
        AddConfiguration(builder.Configuration, options);
        var settings = GatewaySettingsReader.Read(builder.Configuration, options.Development, ofHost);
        AddLogging(builder.Logging, options);

        // The lists, the model and the vocabulary take a quarter of a second, which the first request should not wait for.
        var prepared = Task.Run(
            static () =>
            {
                SensitiveTextScanner.Prepare();
                TokenCount.Prepare();
            },
            cancellationToken);
        ConfigureKestrel(builder.WebHost, settings.Limits, listeners);

        var services = builder.Services;
        services.AddSingleton(settings).AddSingleton(settings.Limits).AddSingleton(options.Time);
        NodeName node = new($"{Environment.MachineName}/{Environment.ProcessId}");
        services.TryAddSingleton(node);
        await AddAuditAsync(services, settings, options, node, cancellationToken);
        AddPolicies(services, settings.Policies, options);
        AddCallers(services, settings.Authentication, options);
        AddLifetime(services, settings.Limits, options);
        services.AddSingleton(static _ => WorkloadIdentity.Create());
        services.AddSingleton(provider => new SecretResolver(
            settings.Secrets.KeyVaultUri is { } vault ? KeyVault.Open(new Uri(vault), provider.GetRequiredService<TokenCredential>()) : null,
            options.Time,
            provider.GetRequiredService<ILogger<SecretResolver>>()));
        services.AddSingleton<DecisionEndpoints>().AddSingleton<ProofEndpoints>().AddSingleton<ExportEndpoint>().AddSingleton<ReadEndpoints>();
        services.AddSingleton<PolicyEndpoints>().AddSingleton<SumEndpoints>().AddSingleton<SuspensionEndpoints>();
        services.AddSingleton<PolicyVersionEndpoints>().AddSingleton<EvaluateEndpoint>().AddSingleton<ImpactEndpoint>();
        ControlPlaneDocument.Describe(services);
        PromptHashKey hashKey = new(settings.Audit);
        services.AddSingleton(hashKey.Hasher()).AddSingleton(hashKey.Redaction());
        services.AddSingleton(new ChatLimits
        {
            MaxBodyBytes = settings.Limits.MaxBodyBytes, RequestDeadline = TimeSpan.FromSeconds(settings.Limits.RequestDeadlineSeconds),
        });
        services.AddSingleton(_ => new ProviderConnections(options.Time, allowLoopback: options.Development));
        services.AddAdmission();
        services.AddChatPipeline(settings.Resilience);
        services.AddTelemetry(settings.Telemetry, $"{Environment.MachineName}/{Environment.ProcessId}");
        services.AddSingleton<NodeMetrics>();
        services.AddRouting();
        options.ConfigureServices?.Invoke(services);

        await prepared;
        var app = builder.Build();
        app.UseMiddleware<RequestGuard>();
        app.UseRouting();
        app.UseMiddleware<PlaneGuard>();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseMiddleware<AdmissionGate>();
        HealthEndpoints.Map(app);
        ControlPlane.Map(app);
        var data = DataPlane.Map(app);
        options.MapDataPlane?.Invoke(data);
        return app;
    }

    private static void AddConfiguration(ConfigurationManager configuration, GatewayHostOptions options)
    {
        if (options.ReadAmbientConfiguration)
        {
            configuration.AddJsonFile(Path.Combine(Environment.CurrentDirectory, "appsettings.json"), optional: true, reloadOnChange: false);
            configuration.AddEnvironmentVariables("POLICYROUTER__");
        }

        configuration.AddInMemoryCollection(options.Settings);
    }

    private static void AddLogging(ILoggingBuilder logging, GatewayHostOptions options)
    {
        // Frameworks log addresses and headers at lower levels; ours log ids, counts and codes only.
        logging.SetMinimumLevel(LogLevel.Information);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        // Reports every answer that was broken on purpose as an unhandled exception; real ones are logged by the pipeline.
        logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Critical);
        logging.AddFilter("System", LogLevel.Warning);
        logging.AddFilter("Azure", LogLevel.Warning);
        // Marked values are erased, whatever they are marked as; the record in the audit log has them.
        logging.EnableRedaction();
        logging.Services.AddRedaction(static redaction => redaction.SetFallbackRedactor<ErasingRedactor>());
        if (options.LogToConsole)
        {
            logging.AddJsonConsole(static console => console.UseUtcTimestamp = true);
        }
    }

    private static void ConfigureKestrel(IWebHostBuilder web, LimitsSettings limits, Listeners listeners) => web.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = limits.MaxBodyBytes + BodyBackstopBytes;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        kestrel.Limits.MaxConcurrentConnections = limits.MaxConnections;
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
        kestrel.Limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
        listeners.Open(kestrel);
    });

    private static async Task AddAuditAsync(
        IServiceCollection services, GatewaySettings settings, GatewayHostOptions options, NodeName node, CancellationToken cancellationToken)
    {
        if (options.Audit is { } given)
        {
            services.AddSingleton(given);
            return;
        }

        var connection = settings.Audit.ConnectionString ?? "";
        using var loggers = LoggerFactory.Create(logging => AddLogging(logging, options));
        var signer = await AuditSigningKey.ReadAsync(settings, cancellationToken);
        AuditLogOptions place = new()
        {
            ConnectionString = connection,
            Shard = settings.Audit.Shard,
            CreatesSchema = settings.Audit.CreatesSchema,
            Signer = signer,
            Origin = settings.Audit.Origin,
            CheckpointFolder = settings.Audit.CheckpointFolder,
        };
        var log = await AuditLog.OpenAsync(
            options.ClockTolerance is { } tolerance ? place with { ClockTolerance = tolerance } : place,
            options.Time,
            loggers,
            cancellationToken);
        services.AddSingleton(_ => log);
        await KeyChanges.RecordAsync(
            log, connection, settings.Audit.PromptHashKey is null ? null : settings.Audit.PromptHashKeyId, signer, node.Value, options.Time, cancellationToken);
        if (settings.Audit.CheckpointFolder is { } kept)
        {
            await Rollbacks.RecordAsync(log, connection, kept, node.Value, options.Time, cancellationToken);
        }

        services.AddSingleton(_ => AuditHistory.Open(connection));
        services.AddSingleton(_ => AuditProofs.Open(connection));
        if (settings.Audit.Projections)
        {
            // By the time of this machine: a test that moves its own clock is not about how often the database is asked.
            services.AddHostedService(provider => new ProjectionService(settings.Audit, TimeProvider.System, provider.GetRequiredService<ILoggerFactory>()));
        }

        services.AddSingleton(static provider => AuditConnection.Of(provider.GetRequiredService<AuditLog>(), provider.GetRequiredService<AuditHistory>()));
    }

    private static void AddPolicies(IServiceCollection services, PoliciesSettings settings, GatewayHostOptions options)
    {
        var folder = Path.GetFullPath(settings.Path);
        PolicyLoadOptions load = new()
        {
            RedactionProfiles = RedactionProfile.Names,
            AllowPlainHttpOnLoopback = options.Development,
            Verifier = settings.VerificationKey is { } key ? VerificationKeyFile.Read(key) : null,
        };
        services.AddSingleton(provider => new PolicySource(
            options.LoadPolicies ?? (inForce => PolicyFolder.Load(folder, load with { InForce = inForce, Review = new(options.Time.GetUtcNow(), RunsCases: true) })),
            settings.MaxAgeHours is { } hours ? TimeSpan.FromHours(hours) : null,
            provider.GetRequiredService<AuditConnection>().Append,
            provider.GetRequiredService<NodeName>(),
            options.Time,
            provider.GetRequiredService<ILogger<PolicySource>>())
        {
            SignedBy = options.LoadPolicies is null ? load.Verifier?.KeyId : null,
        });
        services.AddSingleton<LoadDraft>(_ => draft => PolicyFolder.Load(draft, load with { Verifier = null }));
        services.AddMetrics();
        services.AddSingleton<PolicyMetrics>().AddSingleton<SecretMetrics>();
        services.AddHostedService(provider => new PolicyWatcher(
            provider.GetRequiredService<PolicySource>(), folder, options.HandleSignals, options.Time, provider.GetRequiredService<ILogger<PolicyWatcher>>()));
    }

    private static void AddCallers(IServiceCollection services, AuthenticationSettings settings, GatewayHostOptions options)
    {
        if (settings.Authority is { } authority)
        {
            services.AddSingleton(provider => new IssuerKeys(
                new IssuerDocuments(new Uri(authority), options.Development, options.Time),
                options.Time,
                provider.GetRequiredService<ILogger<IssuerKeys>>()));
        }

        if (options.Development && settings.DevelopmentKey is { } key)
        {
            services.AddSingleton(_ => new DevelopmentTrust(key));
        }

        services.AddSingleton(provider => new CallerTokenHandler(
            provider.GetService<IssuerKeys>(), provider.GetService<DevelopmentTrust>(), settings.Audience ?? "", options.Time));

        // Not AddAuthentication: it brings data protection, which writes key files that nothing here uses.
        services.AddWebEncoders();
        services.AddAuthenticationCore(static core => core.DefaultScheme = JwtBearerDefaults.AuthenticationScheme);
        new AuthenticationBuilder(services).AddScheme<JwtBearerOptions, JwtBearerHandler>(JwtBearerDefaults.AuthenticationScheme, null);
        services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme).Configure<CallerTokenHandler>(static (bearer, handler) =>
        {
            bearer.TokenHandlers.Clear();
            bearer.TokenHandlers.Add(handler);
            bearer.MapInboundClaims = false;
            bearer.SaveToken = false;
            bearer.Events = new CallerEvents(handler);
        });
        services.AddAuthorization(CallerRoles.Configure);
    }

    private static void AddLifetime(IServiceCollection services, LimitsSettings limits, GatewayHostOptions options)
    {
        var drain = TimeSpan.FromSeconds(limits.DrainSeconds ?? (options.Development ? 0 : 10));
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(limits.ShutdownSeconds));
        services.AddSingleton(static provider => new Readiness(
            provider.GetRequiredService<PolicySource>(), provider.GetRequiredService<AuditConnection>(), provider.GetService<IssuerKeys>()));
        services.AddSingleton(provider => new DrainingLifetime(
            provider.GetRequiredService<IHostApplicationLifetime>(),
            provider.GetRequiredService<Readiness>(),
            drain,
            options.HandleSignals,
            options.Time,
            provider.GetRequiredService<ILogger<DrainingLifetime>>()));
        services.AddSingleton<IHostLifetime>(static provider => provider.GetRequiredService<DrainingLifetime>());
    }
}
