import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Asks real Kafka releases what they know about topic configs, and writes it down for topicctl.
 *
 * <p>Arguments: the table to write, the verdicts to write, then VERSION=FILE for each release, oldest first, where
 * FILE holds the classpath of that release. Run by scripts/generate-config-table.
 */
public final class TopicConfigTable {
    private TopicConfigTable() {}

    public static void main(String[] arguments) throws Exception {
        List<Release> releases = new ArrayList<>();
        for (String argument : List.of(arguments).subList(2, arguments.length)) {
            String[] versionAndFile = argument.split("=", 2);
            releases.add(new Release(versionAndFile[0], Files.readString(Path.of(versionAndFile[1]))));
        }
        Map<String, List<ConfigFacts>> configs = configs(releases);
        Files.writeString(Path.of(arguments[0]), new RustTable(releases).write(configs));
        Files.writeString(Path.of(arguments[1]), new Verdicts(releases).write(configs));
        for (Release release : releases) {
            release.close();
        }
    }

    /** By name, what each release says, oldest first; null where it does not have the config. */
    private static Map<String, List<ConfigFacts>> configs(List<Release> releases) throws Exception {
        Map<String, List<ConfigFacts>> configs = new TreeMap<>();
        for (int index = 0; index < releases.size(); index++) {
            for (ConfigFacts facts : releases.get(index).topicConfigs()) {
                configs.computeIfAbsent(
                                facts.name(), name -> new ArrayList<>(Collections.nCopies(releases.size(), null)))
                        .set(index, facts);
            }
        }
        return configs;
    }
}
