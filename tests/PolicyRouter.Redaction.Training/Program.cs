using PolicyRouter.Redaction.Names;
using PolicyRouter.Redaction.Training;

const int Seed = 1;
const int Bits = 19;
const int PerLanguage = 2_500;

if (args is not ["--labelled", var labelled, "--sdk", var sdk, "--output", var output])
{
    Console.Error.WriteLine("usage: --labelled FILE.jsonl --sdk FOLDER --output FILE");
    return 2;
}

// One labelled sentence in twenty is kept back to see how the model does on what it has not seen.
ILookup<bool, Sentence> byUse = LabelledFile.Read(labelled).Index().ToLookup(static line => line.Index % 20 != 0, static line => line.Item);
Sentence[] sentences = [.. byUse[true], .. new Templates(Seed).Sentences(perTemplate: 90), .. SoftwareProse.Read(sdk, PerLanguage)];
Console.WriteLine($"{sentences.Length} sentences");
NameModel model = new Trainer(Bits, Seed).Train(Array.ConvertAll(sentences, Example.Of), epochs: 12, minSeen: 4, Console.WriteLine);
foreach (string line in Validation.Lines(model, [.. byUse[false].Select(Example.Of)]))
{
    Console.WriteLine(line);
}

using FileStream file = File.Create(output);
model.Write(file);
Console.WriteLine($"{file.Length} bytes");
return 0;
