import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/**
 * A report of a client's place, as its AT line tells it to every server. Of two reports
 * of one client the greater is the newer, everywhere.
 */
record Report(String server, String difference, String id, String place, String time,
              Instant effective, Instant client, String line) implements Comparable<Report> {
    // -- commands --

    private static final Comparator<Report> ORDER = Comparator.comparing(Report::effective)
            .thenComparing(Report::client).thenComparing(Report::server)
            .thenComparing(Report::place).thenComparing(Report::time).thenComparing(Report::difference);

    static Report of(String server, String difference, String id, String place, String time,
                     Instant client, Instant received, Duration future) {
        Instant latest = received.plus(future);
        String line = "AT " + server + " " + difference + " " + id + " " + place + " " + time + "\n";
        return new Report(server, difference, id, place, time, client.isBefore(latest) ? client : latest, client, line);
    }

    /** The report of a neighbour's AT line, or null if it cannot be read. */
    static Report parse(String line, Duration future) {
        List<String> f = Wire.fields(line);
        if (f.size() != 6 || !f.get(0).equals("AT") || line.length() > Wire.MAX_PEER_LINE) {
            return null;
        }
        Duration difference = Wire.difference(f.get(2));
        Instant client = Wire.time(f.get(5));
        if (difference == null || client == null || Wire.location(f.get(4)) == null) {
            return null;
        }
        return of(f.get(1), f.get(2), f.get(3), f.get(4), f.get(5), client, client.plus(difference), future);
    }

    @Override
    public int compareTo(Report other) {
        return ORDER.compare(this, other);
    }
}
