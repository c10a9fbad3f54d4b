import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The values a config may have, read from the text of its validator in Kafka. */
sealed interface Domain {
    Pattern RANGE = Pattern.compile("\\[(-?[0-9.]+)?,?\\.\\.\\.,?(-?[0-9.]+)?](?: or (-?[0-9]+))?");

    /** Any value of the type, or a rule that only the broker can apply. */
    record Any() implements Domain {}

    /** Numbers as Kafka writes them; a bound that is null is none; also holds single numbers outside. */
    record Range(String min, String max, List<String> also) implements Domain {}

    /** One of these words, sorted; where the type is LIST, a list of them, which may be empty or not. */
    record Words(List<String> words, boolean empty) implements Domain {}

    static Domain of(String type, Object validator, boolean emptyAccepted) {
        if (validator == null) {
            return new Any();
        }
        String text = validator.toString();
        return switch (validator.getClass().getSimpleName().replace("$", "")) {
            case "ValidString", "ValidList" -> words(text, emptyAccepted);
            // What these show is an example, not the whole of what they accept ("3.0" passes as well as "3.0-IV1")
            case "ThrottledReplicaListValidator", "MetadataVersionValidator" -> new Any();
            default -> range(type, text);
        };
    }

    private static Domain words(String text, boolean empty) {
        String inside = text.substring(1, text.indexOf(']'));
        return new Words(List.copyOf(new TreeSet<>(List.of(inside.split(", *")))), empty);
    }

    private static Domain range(String type, String text) {
        Matcher range = RANGE.matcher(text);
        if (!range.matches()) {
            throw new IllegalStateException("a validator of type " + type + " that is not understood: " + text);
        }
        List<String> also = range.group(3) == null ? List.of() : List.of(range.group(3));
        return new Range(range.group(1), range.group(2), also);
    }
}
