using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace PolicyRouter.Policies.Reading;

/// <summary>
/// Reads one YAML document as text with places. The parser's events are used, not its object model, because only they tell of
/// anchors, aliases and tags, which would otherwise load silently, and because all duplicate keys are reported, not the first.
/// </summary>
internal sealed class YamlTextReader
{
    /// <summary>Deepest nesting of lists and maps. Policy files need about ten levels.</summary>
    public const int Deepest = 32;

    private readonly SourceFile _file;
    private readonly ProblemLog _log;
    private readonly Parser _parser;

    private YamlTextReader(SourceFile file, ProblemLog log, StringReader text)
    {
        _file = file;
        _log = log;
        _parser = new(text);
    }

    /// <summary>The root of the file; null when it has none or could not be read, which has then been reported.</summary>
    public static PolicyNode? Read(SourceFile file, ProblemLog log)
    {
        using StringReader text = new(file.Text);
        try
        {
            return new YamlTextReader(file, log, text).ReadDocument();
        }
        catch (TooDeepException deep)
        {
            log.Add(
                file, At(deep.Start.Line), At(deep.Start.Column), 1, ProblemCodes.TooDeep, Severity.Error,
                $"nested deeper than {Deepest} levels; the rest of the file was not read", "policy files need about ten levels");
            return null;
        }
        catch (YamlException broken)
        {
            log.Add(file, At(broken.Start.Line), At(broken.Start.Column), 1, ProblemCodes.Syntax, Severity.Error, Sentence(broken));
            return null;
        }
#pragma warning disable CA1031 // The parser is not ours: whatever it throws at a malformed file is a problem of that file, and is reported as one.
        catch (Exception broken)
#pragma warning restore CA1031
        {
            log.Add(file, 1, 1, 1, ProblemCodes.Syntax, Severity.Error, $"not readable as YAML ({broken.GetType().Name})");
            return null;
        }
    }

    private PolicyNode? ReadDocument()
    {
        _parser.Consume<StreamStart>();
        if (_parser.Accept<StreamEnd>(out _))
        {
            _log.Add(_file, 1, 1, 1, ProblemCodes.Shape, Severity.Error, "the file is empty");
            return null;
        }

        var start = _parser.Consume<DocumentStart>();
        if (start.Tags is { Count: > 0 } tags && tags.Any(static tag => !tag.Prefix.StartsWith('!') && tag.Prefix != "tag:yaml.org,2002:"))
        {
            Refuse(start, "a tag directive");
        }

        var root = ReadNode(depth: 1);
        _parser.Consume<DocumentEnd>();
        if (!_parser.TryConsume<StreamEnd>(out _))
        {
            Refuse(_parser.Current!, "a second document in the same file");
        }

        return root;
    }

    private PolicyNode? ReadNode(int depth)
    {
        // Reading stops here, before the parser has looked at what lies deeper: its work grows with the square of the depth.
        if (depth > Deepest)
        {
            throw new TooDeepException(_parser.Current!.Start);
        }

        if (_parser.TryConsume<AnchorAlias>(out var alias))
        {
            Refuse(alias, $"the alias *{alias.Value}");
            return null;
        }

        if (_parser.Current is NodeEvent node)
        {
            RefuseAnchorAndTag(node);
        }

        if (_parser.TryConsume<Scalar>(out var scalar))
        {
            return ToNode(scalar);
        }

        if (_parser.TryConsume<SequenceStart>(out var sequence))
        {
            List<PolicyNode> items = [];
            while (!_parser.TryConsume<SequenceEnd>(out _))
            {
                if (ReadNode(depth + 1) is { } item)
                {
                    items.Add(item);
                }
            }

            return new ListNode(_file, At(sequence.Start.Line), At(sequence.Start.Column), items);
        }

        var mapping = _parser.Consume<MappingStart>();
        return new MapNode(_file, At(mapping.Start.Line), At(mapping.Start.Column), ReadEntries(depth));
    }

    private List<MapEntry> ReadEntries(int depth)
    {
        List<MapEntry> entries = [];
        HashSet<string> keys = new(StringComparer.Ordinal);
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var key = ReadNode(depth + 1);
            var value = ReadNode(depth + 1);
            if (key is not ScalarNode name)
            {
                if (key is not null)
                {
                    _log.Error(key, ProblemCodes.Shape, "a key must be a plain word or phrase");
                }
            }
            else if (name.Text == "<<")
            {
                _log.Error(name, ProblemCodes.YamlFeature, "the merge key << is not allowed: write the values out, so that a reader sees them");
            }
            else if (!keys.Add(name.Text))
            {
                _log.Error(name, ProblemCodes.DuplicateKey, $"\"{name.Text}\" stands here twice");
            }
            else if (value is not null)
            {
                entries.Add(new(name, value));
            }
        }

        return entries;
    }

    private ScalarNode ToNode(Scalar scalar)
    {
        var oneLine = scalar.Start.Line == scalar.End.Line;
        var length = oneLine ? At(scalar.End.Column - scalar.Start.Column) : 1;
        ScalarNode node = new(_file, At(scalar.Start.Line), At(scalar.Start.Column), length, scalar.Value) { IsPlain = scalar.Style is ScalarStyle.Plain };
        if (scalar.Style is ScalarStyle.DoubleQuoted)
        {
            CharacterCheck.CheckEscapes(node, _file.Text.AsSpan((int)scalar.Start.Index..(int)scalar.End.Index), _log);
        }

        return node;
    }

    private void RefuseAnchorAndTag(NodeEvent node)
    {
        if (!node.Anchor.IsEmpty)
        {
            Refuse(node, $"the anchor &{node.Anchor.Value}");
        }

        // The event of a plain scalar carries no tag unless one is written.
        if (!node.Tag.IsEmpty)
        {
            Refuse(node, $"the tag {(node.Tag.IsNonSpecific ? "!" : node.Tag.Value)}");
        }
    }

    private void Refuse(ParsingEvent at, string what) => _log.Add(
        _file, At(at.Start.Line), At(at.Start.Column), 1, ProblemCodes.YamlFeature, Severity.Error,
        $"{what} is not allowed: policy files hold plain text only, written out where it applies");

    private static string Sentence(YamlException broken) =>
        $"not readable as YAML: {(broken.InnerException ?? broken).Message.Split('\n')[0].TrimEnd('.')}";

    private static int At(long place) => (int)Math.Clamp(place, 1, int.MaxValue);

#pragma warning disable CA1032, CA1064 // Thrown and caught in this file only.
    private sealed class TooDeepException(Mark start) : Exception
#pragma warning restore CA1032, CA1064
    {
        public Mark Start => start;
    }
}
