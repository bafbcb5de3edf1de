using System.Collections.Frozen;
using PolicyRouter.Redaction.Detectors;

namespace PolicyRouter.Redaction.Names;

/// <summary>
/// Names of people, and capitalised words beside them that are none. The names are those of the United States census of 1990, which are in the public domain.
/// </summary>
internal static class NameLists
{
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Given = Read("given-names.txt");
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Family = Read("family-names.txt");

    // Given names that are words, months or places at least as often: they count only before a family name of the list.
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Words = WordSet.Of(
        "will may mark grant hope faith grace rose art bill dean chase april june august summer joy drew rich ray pat sue bob jack chad son lane long see in an so do so my the "
        + "florida virginia georgia carolina dakota paris austin dallas houston jackson madison charlotte savannah sydney chelsea brooklyn london asia america china india israel "
        + "jordan kenya lincoln washington orlando phoenix cody eve dawn melody harmony amber ruby pearl jade crystal ginger olive ivy violet lily daisy iris heather holly hazel fern "
        + "sandy rusty woody buddy sonny guy earl duke prince king major price love precious angel star sky ocean storm gale robin jay dale glen cliff heath reed stone rock clay "
        + "penny bella vista norma della santa barbara clara mercy charity patience prudence constance honey cherry candy sterling royal noble victor gene page paige case "
        + "merit ward ok tu soo ha le lu ma an su mi bo jo ta ty van von don dong man lou mac max sal sid stan temple town trent vernon wiley worth young tiny shan shin song see "
        + "golden forest river genesis trinity destiny miracle essence treasure diamond chance hunter mason carter taylor tyler porter parker cooper marshall general marine magic");

    // What stands behind a given name at the beginning of a sentence, in a heading, or in the name of an institution, a street or a test.
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> NoFamily = WordSet.Of(
        "please thank thanks regards sincerely best dear hello hi the this that these those a an i he she we they it you my your his her our their is was are were has have had do does did "
        + "can could would should will shall may might must not no yes and or but if when what where why how who which on in at for to from with by of as be been "
        + "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december "
        + "hospital clinic medical memorial center centre university college school institute academy foundation society association department ward unit church hall library museum "
        + "street avenue road boulevard lane drive court place square park bridge river lake mountain island county city state texas florida virginia ohio bay beach airport station "
        + "inc corp corporation company co llc ltd group bank services service systems solutions partners capital insurance health healthcare pharmacy laboratories labs "
        + "disease syndrome sign score test scale index criteria classification procedure reflex maneuver catheter tube clamp forceps position palsy fracture ulcer node duct canal gland "
        + "report note notes plan form file record policy act rule law theorem equation method model algorithm prize award day week month year time call message email phone number");

    // Family names that are words too: behind a given name that is one itself they prove nothing ("Rose Garden", "Mark Price").
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> WordFamilies = WordSet.Of(
        "sales garden gardens field fields hill hills price power house bell wood woods stone rice rose love gold silver cash banks waters rivers brooks reed west east north south early "
        + "late long short high low law case close head hand heart light bright winter summer spring fall snow rain frost storm page good best better fine sharp strong wise small little "
        + "white black green brown gray grey blue red young old new major minor post street lane park ford gate lake land moon fox wolf bird crane swan drake hawk martin king knight bishop "
        + "church temple abbey chase hunt fisher baker cook smart keen moody grant bond trust fund plan view call");

    /// <summary>A given name, and hardly anything else.</summary>
    public static bool IsGiven(ReadOnlySpan<char> word) => Given.Contains(word) && !Words.Contains(word);

    /// <summary>A given name that is a word too.</summary>
    public static bool IsGivenOrWord(ReadOnlySpan<char> word) => Given.Contains(word);

    /// <summary>One of the frequent family names, and no word that often stands behind a given name.</summary>
    public static bool IsFamily(ReadOnlySpan<char> word) => Family.Contains(word) && !NoFamily.Contains(word);

    /// <summary>The same, and no word at all.</summary>
    public static bool IsFamilyOnly(ReadOnlySpan<char> word) => IsFamily(word) && !WordFamilies.Contains(word);

    /// <summary>False for words that are no family name wherever they stand.</summary>
    public static bool MayBeFamily(ReadOnlySpan<char> word) => !NoFamily.Contains(word);

    private static FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Read(string file)
    {
        using Stream stream = typeof(NameLists).Assembly.GetManifestResourceStream($"PolicyRouter.Redaction.Names.{file}") ?? throw new InvalidOperationException($"{file} is not in the assembly.");
        using StreamReader reader = new(stream);
        List<string> names = [];
        while (reader.ReadLine() is { } line)
        {
            if (line is not ['#', ..])
            {
                names.Add(line);
            }
        }

        return WordSet.Of(names);
    }
}
