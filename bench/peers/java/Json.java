import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * JSON, which Java's library has not. Numbers stay texts. What an upstream answers is
 * never rebuilt: nothing may change in it but white space and a list's end.
 */
final class Json {
    // -- upstream --

    static final class NotJson extends Exception {
        private static final long serialVersionUID = 1;

        NotJson(String what) {
            super(what);
        }
    }

    private static final int DEEPEST = 1000;

    private final String text;
    private final int limit; // of the list under "results" of the outermost object; -1: nothing is kept
    private final StringBuilder kept = new StringBuilder(); // the text without white space
    private int at;
    private int depth;

    private Json(String text, int limit) {
        this.text = text;
        this.limit = limit;
    }

    /** Maps, Lists, Strings (of numbers too), Booleans and null. */
    static Object parse(String text) throws NotJson {
        return new Json(text, -1).whole();
    }

    /** The JSON without white space, its "results" cut to limit. */
    static String oneLine(String text, int limit) throws NotJson {
        Json json = new Json(text.startsWith("\u00ef\u00bb\u00bf") ? text.substring(3) : text, limit);
        json.whole();
        return json.kept.toString();
    }

    /** An error in the form of Twitter's search; the message needs no escapes. */
    static String error(String message) {
        return "{\"error\":\"" + message + "\"}";
    }

    private Object whole() throws NotJson {
        Object value = value(false);
        if (peek() != 0) {
            throw wrong();
        }
        return value;
    }

    private Object value(boolean cut) throws NotJson {
        char c = peek();
        if (++depth > DEEPEST) {
            throw new NotJson("nested too deeply");
        }
        Object value = switch (c) {
            case '{' -> object();
            case '[' -> array(cut);
            case '"' -> string();
            case 't' -> word("true", Boolean.TRUE);
            case 'f' -> word("false", Boolean.FALSE);
            case 'n' -> word("null", null);
            default -> number();
        };
        depth--;
        return value;
    }

    private Map<String, Object> object() throws NotJson {
        Map<String, Object> members = new LinkedHashMap<>();
        take('{');
        if (peek() != '}') {
            do {
                if (peek() != '"') {
                    throw wrong();
                }
                String key = string();
                take(':');
                members.put(key, value(depth == 1 && key.equals("results")));
            } while (more());
        }
        take('}');
        return members;
    }

    private List<Object> array(boolean cut) throws NotJson {
        List<Object> elements = new ArrayList<>();
        take('[');
        int end = kept.length(); // of what stays
        if (peek() != ']') {
            do {
                elements.add(value(false));
                if (elements.size() <= limit) {
                    end = kept.length();
                }
            } while (more());
        }
        if (cut && limit >= 0) {
            kept.setLength(end);
        }
        take(']');
        return elements;
    }

    private boolean more() throws NotJson {
        boolean comma = peek() == ',';
        if (comma) {
            take(',');
        }
        return comma;
    }

    private String string() throws NotJson {
        int start = at++;
        StringBuilder value = new StringBuilder();
        for (; at < text.length() && text.charAt(at) != '"'; at++) {
            char c = text.charAt(at);
            if (c < ' ') {
                throw wrong();
            }
            value.append(c == '\\' ? escaped() : c);
        }
        if (at++ >= text.length()) {
            throw new NotJson("a text without an end");
        }
        kept.append(text, start, at);
        return value.toString();
    }

    private char escaped() throws NotJson {
        char c = ++at < text.length() ? text.charAt(at) : 0;
        int plain = "\"\\/bfnrt".indexOf(c);
        if (c == 'u' && text.length() > at + 4 && text.substring(at + 1, at + 5).matches("[0-9A-Fa-f]{4}")) {
            at += 4;
            return (char) Integer.parseInt(text.substring(at - 3, at + 1), 16);
        }
        if (c == 0 || plain < 0) {
            throw wrong();
        }
        return "\"\\/\b\f\n\r\t".charAt(plain);
    }

    private Object word(String word, Object value) throws NotJson {
        if (!text.startsWith(word, at)) {
            throw wrong();
        }
        at += word.length();
        kept.append(word);
        return value;
    }

    private String number() throws NotJson {
        int start = at;
        while (at < text.length() && "+-.0123456789Ee".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        String number = text.substring(start, at);
        if (!number.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([Ee][+-]?[0-9]+)?")) {
            throw wrong();
        }
        kept.append(number);
        return number;
    }

    /** The next character that is no white space; 0 at the end. */
    private char peek() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        return at < text.length() ? text.charAt(at) : 0;
    }

    private void take(char c) throws NotJson {
        if (peek() != c) {
            throw wrong();
        }
        at++;
        kept.append(c);
    }

    private NotJson wrong() {
        return new NotJson("character " + at + " does not fit");
    }
}
