using System.Text;
using System.Text.Json;
using CsCheck;
using PolicyRouter.Audit.Events;

namespace PolicyRouter.Audit.Tests.Events;

public sealed class CanonicalJsonTests
{
    [Fact]
    public void AnyEvent_HasItsPropertiesInOrdinalOrder_AndHoldsStringsAndIntegersOnly() =>
        AnyEvent.Generator.Sample(static entry =>
        {
            using var document = JsonDocument.Parse(CanonicalJson.Write(entry));
            AssertCanonical(document.RootElement);
        });

    [Fact]
    public void AnyEvent_ReadBackAndWrittenAgain_GivesTheSameBytes() =>
        AnyEvent.Generator.Sample(static entry =>
        {
            var bytes = CanonicalJson.Write(entry);
            var read = CanonicalJsonReader.Read(bytes);
            Assert.Equal(entry.GetType(), read.GetType());
            Assert.Equal((entry.Id, entry.At), (read.Id, read.At));
            Assert.Equal(bytes, CanonicalJson.Write(read));
        });

    [Fact]
    public void OneEvent_IsWrittenAsTheDocsShowIt() =>
        Assert.Equal(
            """{"at":"2026-04-28T12:00:00.000Z","id":"0198f0a0-0000-7000-8000-000000000001","node":"node-1","policyVersion":"sha256:4f1c","type":"policy_activated"}""",
            Encoding.UTF8.GetString(CanonicalJson.Write(new PolicyActivated
            {
                Id = Guid.Parse("0198f0a0-0000-7000-8000-000000000001"),
                At = new DateTimeOffset(2026, 4, 28, 14, 0, 0, TimeSpan.FromHours(2)),
                PolicyVersion = "sha256:4f1c",
                PreviousVersion = null,
                Node = "node-1",
            })));

    [Fact]
    public void EventOfTheLargestSize_IsWritten_AndOneByteMoreIsRefused()
    {
        var empty = Sample.Permit() with { PlanReason = "" };
        var room = CanonicalJson.MaxBytes - CanonicalJson.Write(empty).Length;

        Assert.Equal(CanonicalJson.MaxBytes, CanonicalJson.Write(empty with { PlanReason = new string('x', room) }).Length);
        Assert.Throws<ArgumentException>(() => CanonicalJson.Write(empty with { PlanReason = new string('x', room + 1) }));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"type":"request_decided"}""")]
    [InlineData("""{"type":"something_else"}""")]
    [InlineData("""{"type":7}""")]
    public void OtherBytes_AreRefused_WithoutBeingQuoted(string stored)
    {
        var refusal = Assert.Throws<FormatException>(() => CanonicalJsonReader.Read(Encoding.UTF8.GetBytes(stored)));
        Assert.DoesNotContain("something_else", refusal.Message, StringComparison.Ordinal);
    }

    private static void AssertCanonical(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var names = element.EnumerateObject().Select(static property => property.Name).ToList();
                Assert.Equal(names.Order(StringComparer.Ordinal).Distinct(), names);
                Assert.All(element.EnumerateObject(), static property => AssertCanonical(property.Value));
                break;
            case JsonValueKind.Array:
                Assert.All(element.EnumerateArray(), AssertCanonical);
                break;
            case JsonValueKind.Number:
                Assert.True(element.TryGetInt64(out _));
                break;
            default:
                Assert.Equal(JsonValueKind.String, element.ValueKind);
                break;
        }
    }
}
