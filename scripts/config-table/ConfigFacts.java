import java.util.List;

/**
 * What one release says about one topic config.
 *
 * @param type Kafka's ConfigDef.Type: INT, LONG, …
 * @param defaultValue as Kafka writes it
 * @param domain the values it allows
 * @param brokerNames the broker configs that a topic inherits it from, the first one winning
 */
record ConfigFacts(String name, String type, String defaultValue, Domain domain, List<String> brokerNames) {}
