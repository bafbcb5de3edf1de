using System.Globalization;

namespace PolicyRouter.Benchmarks.Proxying;

/// <summary>The other yardstick: what forwarding costs in C, where nginx is installed.</summary>
internal static class NginxPassthrough
{
    /// <summary>Where nginx is; null when it is not on the path.</summary>
    public static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(static folder => Path.Combine(folder, "nginx")).FirstOrDefault(File.Exists);

    /// <summary>Writes its configuration into the folder. It stays in the foreground and logs nothing.</summary>
    public static string[] Arguments(string folder, Uri listen, Uri upstream)
    {
        var file = Path.Combine(folder, "nginx.conf");
        File.WriteAllText(file, string.Create(CultureInfo.InvariantCulture, $$"""
            daemon off;
            master_process off;
            pid {{folder}}/nginx.pid;
            error_log stderr crit;
            events { worker_connections 4096; }
            http {
              access_log off;
              client_body_buffer_size 1m;
              client_body_temp_path {{folder}}/body;
              proxy_temp_path {{folder}}/proxy;
              fastcgi_temp_path {{folder}}/fastcgi;
              uwsgi_temp_path {{folder}}/uwsgi;
              scgi_temp_path {{folder}}/scgi;
              keepalive_requests 1000000;
              upstream provider { server {{upstream.Host}}:{{upstream.Port}}; keepalive 256; keepalive_requests 1000000; }
              server {
                listen {{listen.Host}}:{{listen.Port}};
                location / {
                  proxy_pass http://provider;
                  proxy_http_version 1.1;
                  proxy_set_header Connection "";
                  proxy_buffering off;
                }
              }
            }

            """));
        return ["-p", folder, "-c", file, "-e", "stderr"];
    }
}
