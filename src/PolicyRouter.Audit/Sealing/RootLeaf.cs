using System.Globalization;
using System.Text;

namespace PolicyRouter.Audit.Sealing;

/// <summary>
/// A leaf of the tree over all logs: the name of a log, and how the epoch before it in the same shard ended. It is settled when the log is opened, so the tree only ever grows, and
/// it holds every finished log with its size and root.
/// </summary>
internal static class RootLeaf
{
    /// <param name="sizeBefore">Of the epoch before; 0 for the first.</param>
    /// <param name="rootBefore">Of the epoch before; that of an empty tree for the first.</param>
    public static byte[] Hash(string shard, long epoch, long sizeBefore, ReadOnlySpan<byte> rootBefore) => TreeHash.Leaf(Encoding.UTF8.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"{LogName.Escape(shard)}/{epoch}\n{sizeBefore}\n{Convert.ToBase64String(rootBefore)}\n")));
}
