import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** The log file, written by a thread: the loop never waits for the disk. */
final class WireLog {
    // -- log --

    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
    private static final String END = ""; // no record is empty

    private final BlockingQueue<String> queue = new LinkedBlockingQueue<>();
    private final Map<String, Integer> numbers = new HashMap<>();
    private final boolean lines;
    private final Thread thread;

    WireLog(Path file, boolean lines) throws IOException {
        this.lines = lines;
        Files.createDirectories(file.toAbsolutePath().getParent());
        BufferedWriter writer = Files.newBufferedWriter(file, StandardCharsets.US_ASCII,
                StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        thread = new Thread(() -> writeAll(writer), "log");
        thread.setDaemon(true);
        thread.start();
    }

    private void writeAll(BufferedWriter writer) {
        try (writer) {
            for (String record = queue.take(); !record.equals(END); record = queue.take()) {
                writer.write(record);
                if (queue.isEmpty()) {
                    writer.flush();
                }
            }
        } catch (IOException | InterruptedException e) {
            System.err.println("the log: " + e);
        }
    }

    private void record(String text) {
        queue.add(STAMP.format(Instant.now()) + " " + text + "\n");
    }

    /** Note a new connection; return what to call it: client#12, or peer#3=Meeks. */
    String opened(String kind, String address) {
        String conn = kind + "#" + numbers.merge(kind, 1, Integer::sum);
        record("+ " + conn + " " + quote(address));
        return conn;
    }

    String named(String conn, String name) {
        String named = conn + "=" + (name.matches("[!#-<>-\\[\\]-~]+") ? name : quote(name));
        record("= " + named + " " + quote(name));
        return named;
    }

    void closed(String conn, String why) {
        record("- " + conn + " " + quote(why));
    }

    void came(String conn, String line, String end) {
        if (lines) {
            record("< " + conn + " " + quote(line) + end);
        }
    }

    void went(String conn, String text) {
        if (lines) {
            for (String line : text.substring(0, text.length() - 1).split("\n", -1)) {
                record("> " + conn + " " + quote(line));
            }
        }
    }

    void event(String level, String text, Map<String, String> words) {
        StringBuilder event = new StringBuilder("! " + level + " " + quote(text));
        new TreeMap<>(words).forEach((key, value) -> event.append(' ').append(key).append('=').append(quote(value)));
        record(event.toString());
    }

    static String trace(Throwable e) {
        StringWriter trace = new StringWriter();
        e.printStackTrace(new PrintWriter(trace));
        return trace.toString();
    }

    /** In double quotes, with escapes: no client can forge a record of the log. */
    private static String quote(String text) {
        StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ' || c > '~') {
                quoted.append("\\x").append(Character.forDigit(c >> 4 & 15, 16)).append(Character.forDigit(c & 15, 16));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }

    /** Write what waits. */
    void close() throws InterruptedException {
        queue.add(END);
        thread.join();
    }
}
