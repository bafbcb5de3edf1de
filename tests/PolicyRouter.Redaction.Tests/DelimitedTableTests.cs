namespace PolicyRouter.Redaction.Tests;

public class DelimitedTableTests
{
    [Fact]
    public void AColumnsName_IsTheLabelOfWhatStandsUnderIt() =>
        Assert.Equal(
            "MedicalRecordNumber:77-1 | BankAccount:1234 | MedicalRecordNumber:88-2 | BankAccount:9876",
            Scans.Shown("mrn,weight,account\n77-1,80,1234\n88-2,75,9876\n"));

    [Theory]
    [InlineData("mrn;dose\n77-1;25\n")]
    [InlineData("mrn\tdose\r\n77-1\t25\r\n")]
    [InlineData("mrn|dose\n\"77-1\"|25")]
    [InlineData("\"mrn\",\"note\"\n\"77-1\",\"a, b\"")]
    public void EveryDivider_AndQuotes_AreUnderstood(string table) => Assert.Equal("MedicalRecordNumber:77-1", Scans.Shown(table));

    [Theory]
    [InlineData("weight,height\n7712,8013\n")]
    [InlineData("First, a line of prose\nand, another one\n")]
    [InlineData("mrn,dose\n77-1,25,3\n")]
    public void WhatIsNoTable_IsReadAsText(string text) => Assert.Equal(string.Empty, Scans.Shown(text));
}
