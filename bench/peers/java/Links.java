import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** All neighbours, and which link to each of them stays. */
final class Links {
    final Server server;
    final Handshake.Identity identity;
    private final Map<String, Neighbour> neighbours = new LinkedHashMap<>();

    // -- reconnection --

    Links(Server server) {
        this.server = server;
        identity = Handshake.Identity.of(server.config);
    }

    void dial() {
        server.config.neighbours.forEach((name, address) -> neighbours.put(name, new Neighbour(this, name, address)));
        neighbours.values().forEach(Neighbour::dial);
    }

    void accept(SocketChannel channel) throws IOException {
        new Link(this, channel, Handshake.ACCEPTOR, null);
    }

    void opened(Link link) {
        Neighbour neighbour = neighbours.get(link.peer());
        Link old = neighbour.link();
        if (old != null) {
            boolean duplicate = old.boot().equals(link.boot()) && !old.role().equals(link.role());
            // Both ends come to the same decision: of two links between the same two
            // processes, the one dialled by the lower name stays.
            if (duplicate && old.role().equals(Handshake.DIALLER) == identity.name().compareTo(link.peer()) < 0) {
                link.lose("duplicate_link");
                return;
            }
            old.lose(duplicate ? "duplicate_link" : "replaced");
        }
        server.log.event("info", "peer connected", Map.of("peer", link.peer(), "role", link.role(), "boot", link.boot()));
        neighbour.up(link);
        link.begin();
    }

    void lost(Link link, String why) {
        Neighbour neighbour = neighbours.get(link.peer());
        if (neighbour != null && neighbour.link() == link) {
            server.log.event("info", "peer disconnected", Map.of("peer", link.peer(), "reason", why));
            neighbour.down();
        } else if (!link.isOpen()) {
            server.log.event("warn", "link refused", Map.of("peer", Objects.requireNonNullElse(link.peer(), "nobody"), "reason", why));
        }
    }

    List<Link> open() {
        return neighbours.values().stream().map(Neighbour::link).filter(Objects::nonNull).toList();
    }

    void finish() {
        open().forEach(Link::finish);
    }

    // -- flood --

    /** Tell every neighbour but the one that it came from. */
    void flood(Report report, Link source) {
        for (Neighbour neighbour : neighbours.values()) {
            if (neighbour.link() != null && neighbour.link() != source) {
                neighbour.link().put(report);
            }
        }
    }
}
