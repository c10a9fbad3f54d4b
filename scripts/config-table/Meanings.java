import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What single numbers stand for. No validator says it, only Kafka's documentation, so this is written by hand; the
 * generator stops at a config with numbers below zero that nobody has explained here.
 */
final class Meanings {
    private static final String UNLIMITED = "Meaning::Unlimited";
    private static final Map<String, Map<Long, String>> BY_CONFIG = Map.of(
            "retention.ms", Map.of(-1L, UNLIMITED),
            "retention.bytes", Map.of(-1L, UNLIMITED),
            "local.retention.ms", Map.of(-1L, UNLIMITED, -2L, valueOf("retention.ms")),
            "local.retention.bytes", Map.of(-1L, UNLIMITED, -2L, valueOf("retention.bytes")),
            "remote.copy.lag.ms", Map.of(-1L, valueOf("local.retention.ms")),
            "remote.copy.lag.bytes", Map.of(-1L, valueOf("local.retention.bytes")),
            "compression.gzip.level", Map.of(-1L, "Meaning::CodecDefault"));
    /** A scale that goes below zero, every number of it a plain level. */
    private static final String PLAIN_BELOW_ZERO = "compression.zstd.level";

    private Meanings() {}

    /** In ascending order of the numbers. */
    static Map<Long, String> of(String config, List<ConfigFacts> history) {
        Map<Long, String> meanings = new TreeMap<>(BY_CONFIG.getOrDefault(config, Map.of()));
        for (ConfigFacts facts : history) {
            if (facts.defaultValue().equals(String.valueOf(Long.MAX_VALUE))) {
                meanings.put(Long.MAX_VALUE, UNLIMITED);
            }
            requireExplained(facts, meanings);
        }
        return meanings;
    }

    private static void requireExplained(ConfigFacts facts, Map<Long, String> meanings) {
        if (!(facts.domain() instanceof Domain.Range range) || facts.name().equals(PLAIN_BELOW_ZERO)) {
            return;
        }
        range.also().forEach(also -> requireExplained(facts.name(), Long.parseLong(also), meanings));
        if (facts.type().equals("INT") || facts.type().equals("LONG")) {
            long lowest = range.min() == null ? 0 : Long.parseLong(range.min());
            for (long below = lowest; below < 0; below++) {
                requireExplained(facts.name(), below, meanings);
            }
        }
    }

    private static void requireExplained(String config, long number, Map<Long, String> meanings) {
        if (!meanings.containsKey(number)) {
            throw new IllegalStateException(
                    config + " allows " + number + ": say in Meanings.java what that number stands for");
        }
    }

    private static String valueOf(String otherConfig) {
        return "Meaning::ValueOf(\"" + otherConfig + "\")";
    }
}
