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

    /// <summary>In the last column, behind a header of any length.</summary>
    [Theory]
    [InlineData(70, "flag")]
    [InlineData(1_000, "flag")]
    [InlineData(40, "a_column_with_a_name_that_says_what_stands_in_it_and_where_it_comes_from")]
    public void AWideTable_IsReadToItsLastColumn(int columns, string name)
    {
        string header = string.Concat(Enumerable.Range(0, columns).Select(i => $"{name}{i},"));
        string row = string.Concat(Enumerable.Repeat("0,", columns));

        Assert.Equal("MedicalRecordNumber:E48150 | MedicalRecordNumber:E48151", Scans.Shown($"{header}mrn\n{row}E48150\n{row}E48151"));
    }
}
