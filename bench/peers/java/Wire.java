import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The lines of clients and neighbours, read. Text here is bytes, one a character
 * (ISO 8859-1): an id need not be UTF-8, and comparing texts so compares their bytes.
 */
final class Wire {
    // -- commands --

    static final int MAX_CLIENT_LINE = 16384; // bytes, without the line's end
    static final int MAX_PEER_LINE = 32768;
    static final int MAX_HANDSHAKE_LINE = 4096;
    static final int MAX_LIMIT = 100; // results of a WHATSAT; Twitter's search names no largest radius
    static final String TOO_LONG = "? line longer than " + MAX_CLIENT_LINE + " bytes\n";

    private static final Pattern LOCATION =
            Pattern.compile("([+-]([0-9]+)(?:\\.([0-9]+))?)([+-]([0-9]+)(?:\\.([0-9]+))?)");
    private static final Pattern TIME = Pattern.compile("([0-9]{1,12})(?:\\.([0-9]{1,9}))?");
    private static final Pattern DIFFERENCE = Pattern.compile("([+-])([0-9]{1,13})\\.([0-9]{9})");
    private static final Pattern NUMBER = Pattern.compile("[0-9]+(?:\\.[0-9]+)?");
    private static final Pattern WHOLE = Pattern.compile("0*([0-9]{1,3})");
    private static final Pattern HTTP = Pattern.compile(" HTTP/1\\.[0-9][ \t\r\n\f\u000b]*$");

    private Wire() {}

    /** A place: the two numbers as their own texts. */
    record Location(String latitude, String longitude) {}

    /** The fields of a line, which the protocol's six kinds of white space separate. */
    static List<String> fields(String line) {
        List<String> fields = new ArrayList<>(6);
        int start = -1;
        for (int i = 0; i <= line.length(); i++) {
            boolean space = i == line.length() || isSpace(line.charAt(i));
            if (!space && start < 0) {
                start = i;
            } else if (space && start >= 0) {
                fields.add(line.substring(start, i));
                start = -1;
            }
        }
        return fields;
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c >= '\t' && c <= '\r';
    }

    /** A location, or null. */
    static Location location(String text) {
        Matcher m = LOCATION.matcher(text);
        if (!m.matches() || !within(m.group(2), m.group(3), 90) || !within(m.group(5), m.group(6), 180)) {
            return null;
        }
        return new Location(m.group(1), m.group(4));
    }

    /** Whether a number is within a bound, exactly, however many digits it has. */
    private static boolean within(String whole, String part, int bound) {
        String digits = whole.replaceFirst("^0+", "");
        if (digits.length() > 3) {
            return false;
        }
        int value = digits.isEmpty() ? 0 : Integer.parseInt(digits);
        return value < bound || value == bound && (part == null || part.chars().allMatch(c -> c == '0'));
    }

    /** A client's time, or null. An Instant is exact in nanoseconds. */
    static Instant time(String text) {
        Matcher m = TIME.matcher(text);
        if (!m.matches()) {
            return null;
        }
        String part = m.group(2) == null ? "" : m.group(2);
        long nanos = Long.parseLong(part + "0".repeat(9 - part.length()));
        return Instant.ofEpochSecond(Long.parseLong(m.group(1)), nanos);
    }

    static Duration difference(String text) {
        Matcher m = DIFFERENCE.matcher(text);
        if (!m.matches()) {
            return null;
        }
        Duration size = Duration.ofSeconds(Long.parseLong(m.group(2)), Long.parseLong(m.group(3)));
        return m.group(1).equals("-") ? size.negated() : size;
    }

    /** Always signed, with nine decimals: +0.563873386. */
    static String format(Duration difference) {
        Duration size = difference.abs();
        String nanos = Integer.toString(size.getNano());
        return (difference.isNegative() ? "-" : "+") + size.getSeconds() + "." + "0".repeat(9 - nanos.length()) + nanos;
    }

    static boolean isNumber(String text) {
        return NUMBER.matcher(text).matches();
    }

    /** A WHATSAT's limit, or -1. */
    static int limit(String text) {
        Matcher m = WHOLE.matcher(text);
        int limit = m.matches() ? Integer.parseInt(m.group(1)) : -1;
        return limit <= MAX_LIMIT ? limit : -1;
    }

    /** Whether a line is a web browser's request: what follows may be a web page's. */
    static boolean isHttp(String line) {
        return HTTP.matcher(line).find();
    }
}
