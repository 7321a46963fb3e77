import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What one server knows, and how it answers. */
final class Node {
    // -- commands --

    /** What a WHATSAT asks the upstream: the client's own texts. */
    record Query(Wire.Location location, String radius, int limit) {}

    /** What follows from a line: an answer, and maybe a report for the neighbours, or a question. */
    record Result(String answer, Report flood, Query query) {}

    final Map<String, Report> reports = new HashMap<>(); // by id
    private final String name;
    private final Duration future;

    Node(String name, Duration future) {
        this.name = name;
        this.future = future;
    }

    /** Carry out a client's line, given without its end, received at that time. */
    Result receive(String line, Instant received) {
        List<String> fields = Wire.fields(line);
        Result result = null;
        if (fields.size() == 4) {
            result = switch (fields.get(0)) {
                case "IAMAT" -> report(fields, received);
                case "WHATSAT" -> question(fields);
                default -> null;
            };
        }
        return result != null ? result : new Result("? " + line + "\n", null, null);
    }

    private Result report(List<String> f, Instant received) {
        Instant client = Wire.time(f.get(3));
        if (client == null || Wire.location(f.get(2)) == null) {
            return null;
        }
        String difference = Wire.format(Duration.between(client, received));
        Report report = Report.of(name, difference, f.get(1), f.get(2), f.get(3), client, received, future);
        return new Result(report.line(), put(report) ? report : null, null);
    }

    private Result question(List<String> f) {
        Report report = reports.get(f.get(1));
        int limit = Wire.limit(f.get(3));
        if (report == null || limit < 0 || !Wire.isNumber(f.get(2))) {
            return null;
        }
        return new Result(report.line(), null, new Query(Wire.location(report.place()), f.get(2), limit));
    }

    // -- flood --

    /** Store a report if it is newer; only then is it anybody else's business. */
    boolean put(Report report) {
        Report old = reports.get(report.id());
        if (old != null && old.compareTo(report) >= 0) {
            return false;
        }
        reports.put(report.id(), report);
        return true;
    }

    Duration future() {
        return future;
    }
}
