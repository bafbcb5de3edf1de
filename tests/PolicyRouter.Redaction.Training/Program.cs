using PolicyRouter.Redaction.Names;
using PolicyRouter.Redaction.Training;

const int Seed = 1;
const int Bits = 18;
const int PerLanguage = 2_500;

if (args is not ["--labelled", var labelled, "--sdk", var sdk, "--output", var output])
{
    Console.Error.WriteLine("usage: --labelled FILE.jsonl --sdk FOLDER --output FILE");
    return 2;
}

Sentence[] sentences = [.. LabelledFile.Read(labelled), .. new Templates(Seed).Sentences(perTemplate: 90), .. SoftwareProse.Read(sdk, PerLanguage)];
Console.WriteLine($"{sentences.Length} sentences");
NameModel model = new Trainer(Bits, Seed).Train(Array.ConvertAll(sentences, Example.Of), epochs: 6, minSeen: 2, Console.WriteLine);
using FileStream file = File.Create(output);
model.Write(file);
Console.WriteLine($"{file.Length} bytes");
return 0;
