using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.DependencyInjection;

namespace PolicyRouter.WebConsole;

/// <summary>Keys of cookies and forms that live in memory only: sign-ins end with the process, and no key lies on a disk.</summary>
internal sealed class EphemeralKeys : IXmlRepository
{
    private readonly List<XElement> _keys = [];

    public static void Use(IServiceCollection services)
    {
        services.AddDataProtection();
        services.Configure<KeyManagementOptions>(static options =>
        {
            options.XmlRepository = new EphemeralKeys();
            options.XmlEncryptor = new NullXmlEncryptor();
        });
    }

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        lock (_keys)
        {
            return [.. _keys];
        }
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        lock (_keys)
        {
            _keys.Add(element);
        }
    }
}
