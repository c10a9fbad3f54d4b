import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One Kafka release, loaded from its own jars apart from all others, and asked what it knows about topic configs.
 *
 * <p>Everything goes through reflection: the classes moved between releases, and twelve of them live in one JVM.
 */
final class Release implements AutoCloseable {
    private static final String CONFIG_DEF = "org.apache.kafka.common.config.ConfigDef";
    /** Scala's object up to Kafka 3.4, a Java class in another package since. */
    private static final String LOG_CONFIG_BEFORE_3_5 = "kafka.log.LogConfig$";
    private static final String LOG_CONFIG = "org.apache.kafka.storage.internals.log.LogConfig";
    private static final String SYNONYMS = "org.apache.kafka.server.config.ServerTopicConfigSynonyms";

    /** "4.1.2", as Maven names it. */
    final String version;
    private final URLClassLoader loader;
    private final Object configDef;
    private final Method parse;
    private final Method asText;
    private final Map<?, ?> keys;
    private final Map<?, ?> synonyms;

    Release(String version, String classpath) throws Exception {
        this.version = version;
        this.loader = new URLClassLoader(urls(classpath), ClassLoader.getPlatformClassLoader());
        Class<?> configDefClass = loader.loadClass(CONFIG_DEF);
        this.parse = configDefClass.getMethod("parse", Map.class);
        this.asText = configDefClass.getMethod("convertToString", Object.class, loader.loadClass(CONFIG_DEF + "$Type"));
        this.configDef = readConfigDef();
        this.keys = (Map<?, ?>) configDef.getClass().getMethod("configKeys").invoke(configDef);
        this.synonyms = readSynonyms();
    }

    /** "4.1" of "4.1.2". */
    String minor() {
        return version.substring(0, version.lastIndexOf('.'));
    }

    /** Every topic config that this release shows its users; internal ones are left out. */
    List<ConfigFacts> topicConfigs() throws Exception {
        List<ConfigFacts> facts = new ArrayList<>();
        for (Object key : keys.values()) {
            if (!(boolean) field(key, "internalConfig")) {
                facts.add(facts(key));
            }
        }
        return facts;
    }

    /** The value as this release reads it, or empty where it refuses it. */
    Optional<String> read(String name, String value) throws Exception {
        try {
            Map<?, ?> parsed = (Map<?, ?>) parse.invoke(configDef, Map.of(name, value));
            return Optional.of(text(parsed.get(name), field(keys.get(name), "type")));
        } catch (InvocationTargetException refused) {
            if (refused.getCause().getClass().getSimpleName().equals("ConfigException")) {
                return Optional.empty();
            }
            throw refused;
        }
    }

    @Override
    public void close() throws IOException {
        loader.close();
    }

    private ConfigFacts facts(Object key) throws Exception {
        String name = (String) field(key, "name");
        Object type = field(key, "type");
        return new ConfigFacts(
                name,
                type.toString(),
                text(field(key, "defaultValue"), type),
                Domain.of(type.toString(), field(key, "validator"), read(name, "").isPresent()),
                brokerNames(name));
    }

    private String text(Object value, Object type) throws Exception {
        return (String) asText.invoke(null, value, type);
    }

    private List<String> brokerNames(String name) throws Exception {
        List<String> names = new ArrayList<>();
        if (!synonyms.containsKey(name)) {
            return names;
        }
        for (Object synonym : (List<?>) synonyms.get(name)) {
            names.add((String) synonym.getClass().getMethod("name").invoke(synonym));
        }
        return names;
    }

    private Object readConfigDef() throws Exception {
        Optional<Class<?>> logConfig = find(LOG_CONFIG);
        if (logConfig.isPresent()) {
            return logConfig.get().getMethod("configDefCopy").invoke(null);
        }
        return scalaObject().getClass().getMethod("configDefCopy").invoke(scalaObject());
    }

    private Map<?, ?> readSynonyms() throws Exception {
        Optional<Class<?>> holder = find(SYNONYMS);
        if (holder.isPresent()) {
            return (Map<?, ?>) holder.get().getField("ALL_TOPIC_CONFIG_SYNONYMS").get(null);
        }
        return (Map<?, ?>) scalaObject().getClass().getMethod("AllTopicConfigSynonyms").invoke(scalaObject());
    }

    private Object scalaObject() throws Exception {
        return loader.loadClass(LOG_CONFIG_BEFORE_3_5).getField("MODULE$").get(null);
    }

    private Optional<Class<?>> find(String name) {
        try {
            return Optional.of(loader.loadClass(name));
        } catch (ClassNotFoundException elsewhere) {
            return Optional.empty();
        }
    }

    private static Object field(Object holder, String name) throws Exception {
        return holder.getClass().getField(name).get(holder);
    }

    private static URL[] urls(String classpath) throws Exception {
        List<URL> urls = new ArrayList<>();
        for (String jar : classpath.strip().split(":")) {
            urls.add(Path.of(jar).toUri().toURL());
        }
        return urls.toArray(URL[]::new);
    }
}
