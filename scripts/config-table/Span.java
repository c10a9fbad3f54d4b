import java.util.ArrayList;
import java.util.List;

/**
 * Releases in a row that say the same about something.
 *
 * @param since index of the first of them
 * @param until index of the last of them
 */
record Span<T>(int since, int until, T value) {
    /** Joins neighbours that are equal; a null is a release that says nothing, and ends a span. */
    static <T> List<Span<T>> join(List<T> byRelease) {
        List<Span<T>> spans = new ArrayList<>();
        for (int release = 0; release < byRelease.size(); release++) {
            T value = byRelease.get(release);
            Span<T> last = spans.isEmpty() ? null : spans.get(spans.size() - 1);
            if (value == null) {
                continue;
            }
            if (last != null && last.until == release - 1 && last.value.equals(value)) {
                spans.set(spans.size() - 1, new Span<>(last.since, release, value));
            } else {
                spans.add(new Span<>(release, release, value));
            }
        }
        return spans;
    }
}
