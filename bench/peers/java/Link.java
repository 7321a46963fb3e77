import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** A connection with a neighbour. Until the handshake is done it is nobody's. */
final class Link extends Connection {
    private static final Duration HANDSHAKE = Duration.ofSeconds(2); // from the connection to the second proof
    private static final int STEP = 64; // records that are sent before others have their turn

    private final Links links;
    private final Handshake handshake;
    private final String dialled; // whom we dialled, or null
    private final Loop.Timer timeout;
    private final Set<String> changed = new LinkedHashSet<>(); // ids of clients, while the neighbour is slow
    private String conn;
    private boolean open;
    private String losing; // why we end it
    private Runnable gone = () -> { };

    // -- handshake --

    Link(Links links, SocketChannel channel, String role, String to) throws IOException {
        super(links.server.loop, channel, Wire.MAX_HANDSHAKE_LINE);
        this.links = links;
        dialled = to;
        handshake = new Handshake(links.identity, role, to);
        conn = links.server.log.opened("peer", address());
        timeout = loop.later(HANDSHAKE, () -> lose("handshake_timeout"));
        send(handshake.start());
    }

    String role() {
        return handshake.role;
    }

    String peer() {
        return open ? handshake.peer() : dialled;
    }

    String boot() {
        return handshake.boot();
    }

    boolean isOpen() {
        return open;
    }

    /** Call something once the link is gone. */
    void whenGone(Runnable then) {
        gone = then;
    }

    private void shake(String line) {
        try {
            Handshake.Step step = handshake.receive(line);
            send(step.send());
            if (step.done()) {
                timeout.cancel();
                open = true;
                most(Wire.MAX_PEER_LINE + 1); // and the CR of a CRLF
                conn = links.server.log.named(conn, peer());
                links.opened(this);
            }
        } catch (Handshake.Refused e) {
            send(e.send);
            lose(e.getMessage());
        }
    }

    // -- framing --

    @Override
    void line(String raw) {
        links.server.log.came(conn, raw, "");
        if (losing != null) {
            return;
        }
        String line = raw.endsWith("\r") ? raw.substring(0, raw.length() - 1) : raw;
        if (open) {
            update(line);
        } else {
            shake(line);
        }
    }

    @Override
    void overlong() {
        lose("line_too_long");
    }

    @Override
    void halfClosed(String rest) {
        close();
    }

    private void send(String text) {
        if (!text.isEmpty()) {
            links.server.log.went(conn, text);
            write(text);
        }
    }

    // -- flood --

    private void update(String line) {
        Report report = Report.parse(line, links.server.node.future());
        if (report == null) {
            links.server.log.event("warn", "line dropped", Map.of("peer", peer(), "error", "not an AT line"));
        } else if (links.server.node.put(report)) {
            links.flood(report, this);
        }
    }

    /** Send everything, and from now on what is new. */
    void begin() {
        changed.addAll(links.server.node.reports.keySet());
        sendChanged();
    }

    /**
     * Send a report; or, while the neighbour is slow, note whose it is, and not each line,
     * so that a slow neighbour costs bounded memory.
     */
    void put(Report report) {
        if (unsent() > links.server.config.peerOutput) {
            changed.add(report.id());
        } else {
            send(report.line());
        }
    }

    @Override
    void drained() {
        sendChanged();
    }

    private void sendChanged() {
        Iterator<String> ids = changed.iterator();
        for (int n = 0; n < STEP && ids.hasNext(); n++) {
            send(links.server.node.reports.get(ids.next()).line());
            ids.remove();
        }
    }

    // -- reconnection --

    /** End the link for a reason of ours; what was written is sent still. */
    void lose(String why) {
        if (losing == null) {
            losing = why;
            close();
        }
    }

    /** The server stops: the link ends once its neighbour has everything. */
    void finish() {
        if (changed.isEmpty()) {
            lose("server_stopping");
        } else {
            loop.later(Duration.ofMillis(10), this::finish);
        }
    }

    @Override
    void lost(Exception why) {
        timeout.cancel();
        changed.clear();
        if (why instanceof RuntimeException) {
            links.server.log.event("error", "link", Map.of("error", WireLog.trace(why)));
        }
        String reason = losing != null ? losing : why == null ? "done" : "lost";
        links.server.log.closed(conn, reason);
        links.lost(this, reason);
        gone.run();
    }
}
