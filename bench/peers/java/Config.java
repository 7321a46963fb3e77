import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The herd's settings: as much of the herd's own config file as this server needs. */
final class Config {
    // -- settings --

    /** Something in the settings that cannot be run, in words for the operator. */
    static final class Wrong extends Exception {
        private static final long serialVersionUID = 1;

        Wrong(String what) {
            super(what);
        }
    }

    private static final Pattern PART = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)(ns|us|\u00b5s|ms|s|m|h)");
    private static final Map<String, Double> UNITS =
            Map.of("ns", 1e0, "us", 1e3, "\u00b5s", 1e3, "ms", 1e6, "s", 1e9, "m", 6e10, "h", 3.6e12);

    final String herd;
    final String name; // bytes, one a character, as all names
    final Duration future;
    final InetSocketAddress clients;
    final InetSocketAddress peers;
    final Map<String, InetSocketAddress> neighbours = new LinkedHashMap<>();
    final String url;
    final Duration timeout;
    final int workers;
    final Path logPath;
    final boolean logLines;
    final boolean closeAfterReply;
    final int outputPerClient;
    final int whatsatsPerClient;
    final int peerOutput;
    final List<byte[]> keys;
    final boolean faults;
    final boolean computes; // in place of asking the upstream

    Config(Path file, String me, boolean faults, boolean computes) throws Wrong, IOException {
        Map<String, Object> all = read(file);
        Map<String, Object> upstream = section(all, "upstream");
        Map<String, Object> limits = section(all, "limits");
        Map<String, Object> log = section(all, "log");
        if (get(all, "link_mac", false)) {
            throw new Wrong("link_mac: this server does not speak it");
        }
        if (!get(upstream, "kind", "twitter").equals("twitter")) {
            throw new Wrong("upstream.kind: this server knows twitter alone");
        }
        this.faults = faults;
        this.computes = computes;
        herd = token(get(all, "herd", "herd"));
        name = token(me);
        future = duration(get(all, "future", "5m"));
        Map<String, Object> here = server(all, me);
        clients = address(get(here, "clients", ""));
        peers = address(get(here, "peers", ""));
        for (Object neighbour : get(here, "talks_to", List.of())) {
            neighbours.put(token((String) neighbour), address(get(server(all, (String) neighbour), "peers", "")));
        }
        String there = get(upstream, "url", "");
        url = there.isEmpty() ? "http://127.0.0.1:12300/search.json" : there;
        timeout = duration(get(upstream, "timeout", "5s"));
        workers = number(upstream, "workers", 32);
        logPath = Path.of(get(log, "dir", "logs"), me + ".log");
        logLines = get(log, "lines", true);
        closeAfterReply = get(limits, "close_after_reply", false);
        outputPerClient = number(limits, "output_per_client", 1 << 20);
        whatsatsPerClient = number(limits, "waiting_whatsats_per_client", 64);
        peerOutput = number(limits, "peer_output", 1 << 20);
        String secret = get(all, "secret_file", "");
        keys = secret(file.toAbsolutePath().resolveSibling(secret.isEmpty() ? ".herd-secret" : secret));
    }

    /** The settings of the command line's --config and --name. */
    static Config of(String[] arguments) throws Wrong, IOException {
        Path file = null;
        String name = null;
        boolean faults = false;
        boolean computes = false;
        for (int i = 0; i < arguments.length; i++) {
            boolean valued = i + 1 < arguments.length;
            if (arguments[i].equals("--config") && valued) {
                file = Path.of(arguments[++i]);
            } else if (arguments[i].equals("--name") && valued) {
                name = arguments[++i];
            } else if (arguments[i].equals("--faults")) {
                faults = true;
            } else if (arguments[i].equals("--asks") && valued && arguments[i + 1].equals("compute")) {
                computes = true;
                i++;
            } else {
                throw new Wrong("usage: java -jar server.jar --config herd.json --name Gasol [--faults] [--asks compute]");
            }
        }
        if (file == null || name == null) {
            throw new Wrong("--config and --name are needed");
        }
        return new Config(file, name, faults, computes);
    }

    @SuppressWarnings("unchecked") // the type of default decides; another one in the file is found where it is used
    private static <T> T get(Map<String, Object> section, String key, T usual) throws Wrong {
        Object value = section.getOrDefault(key, usual);
        if (value instanceof String || value instanceof Boolean) {
            if (!value.getClass().equals(usual.getClass())) {
                throw new Wrong(key + ": " + value + " is of the wrong type");
            }
        } else if (!(value instanceof List) || !(usual instanceof List)) {
            throw new Wrong(key + ": of the wrong type");
        }
        return (T) value;
    }

    private static int number(Map<String, Object> section, String key, int usual) throws Wrong {
        return Integer.parseInt(get(section, key, Integer.toString(usual))); // Json keeps numbers as texts
    }

    @SuppressWarnings("unchecked") // the keys of Json's objects are texts
    private static Map<String, Object> object(Object value, String what) throws Wrong {
        if (value instanceof Map<?, ?> map) {
            return (Map<String, Object>) map;
        }
        throw new Wrong(what + " is no object");
    }

    private static Map<String, Object> section(Map<String, Object> all, String key) throws Wrong {
        return object(all.getOrDefault(key, Map.of()), key);
    }

    private static Map<String, Object> read(Path file) throws Wrong, IOException {
        try {
            return object(Json.parse(Files.readString(file)), file.toString());
        } catch (Json.NotJson e) {
            throw new Wrong(file + ": " + e.getMessage());
        }
    }

    private static Map<String, Object> server(Map<String, Object> all, String name) throws Wrong {
        for (Object entry : get(all, "servers", List.of())) {
            Map<String, Object> server = object(entry, "a server");
            if (name.equals(server.get("name"))) {
                return server;
            }
        }
        throw new Wrong("there is no server " + name + " in the config");
    }

    /** A name as it stands in lines. */
    private static String token(String name) {
        return new String(name.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    private static Duration duration(String text) throws Wrong {
        double nanos = 0;
        int end = 0;
        for (Matcher m = PART.matcher(text); m.find() && m.start() == end; end = m.end()) {
            nanos += Double.parseDouble(m.group(1)) * UNITS.get(m.group(2));
        }
        if (end == 0 || end != text.length()) {
            throw new Wrong(text + " is no length of time such as 5s, 200ms or 1h30m");
        }
        return Duration.ofNanos(Math.round(nanos));
    }

    private static InetSocketAddress address(String text) throws Wrong {
        int colon = text.lastIndexOf(':');
        if (colon < 0 || !text.substring(colon + 1).matches("[0-9]{1,5}")) {
            throw new Wrong("\"" + text + "\" is no address such as 127.0.0.1:12000");
        }
        return new InetSocketAddress(text.substring(0, colon).replaceAll("[\\[\\]]", ""), Integer.parseInt(text.substring(colon + 1)));
    }

    private static List<byte[]> secret(Path file) throws Wrong, IOException {
        Set<PosixFilePermission> may = Files.getPosixFilePermissions(file);
        if (may.stream().anyMatch(p -> !p.name().startsWith("OWNER"))) {
            throw new Wrong(file + " can be read by others: chmod 600");
        }
        List<byte[]> keys = Files.readString(file, StandardCharsets.ISO_8859_1).lines()
                .map(String::strip).filter(line -> !line.isEmpty())
                .map(line -> line.getBytes(StandardCharsets.ISO_8859_1)).toList();
        if (keys.isEmpty() || keys.size() > 2 || keys.stream().anyMatch(key -> key.length < 16)) {
            throw new Wrong(file + ": one or two secrets of 16 bytes or more");
        }
        return keys;
    }
}
