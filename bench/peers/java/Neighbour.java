import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Random;

/** Dials one neighbour, again and again, unless it has dialled us. */
final class Neighbour implements Loop.Waiting {
    // -- reconnection --

    private static final double FIRST = 0.2; // seconds before the second attempt
    private static final double MOST = 5;
    private static final double JITTER = 0.12;
    private static final Duration HEALTHY = Duration.ofSeconds(10); // of a link: then the waits begin anew
    private static final Duration CONNECT = Duration.ofSeconds(5); // that one attempt may take

    private final Links links;
    private final String name;
    private final InetSocketAddress address;
    private final Random random = new Random();
    private Link link; // the open one, whoever dialled it
    private boolean dialling; // or waiting to do so
    private double delay = FIRST;
    private SocketChannel attempt;
    private Loop.Timer late;
    private Loop.Timer healthy;

    Neighbour(Links links, String name, InetSocketAddress address) {
        this.links = links;
        this.name = name;
        this.address = address;
    }

    Link link() {
        return link;
    }

    void dial() {
        dialling = true;
        try {
            attempt = SocketChannel.open();
            late = links.server.loop.later(CONNECT, () -> failed(new IOException("no answer")));
            links.server.loop.register(attempt, SelectionKey.OP_CONNECT, this);
            if (attempt.connect(address)) {
                connected();
            }
        } catch (IOException e) {
            failed(e);
        }
    }

    @Override
    public void ready(SelectionKey key) throws IOException {
        if (attempt.finishConnect()) {
            connected();
        }
    }

    private void connected() throws IOException {
        late.cancel();
        new Link(links, attempt, Handshake.DIALLER, name).whenGone(this::retry);
    }

    @Override
    public void failed(Exception e) {
        late.cancel();
        try {
            attempt.close();
        } catch (IOException again) {
            // It is closed.
        }
        retry();
    }

    /** Dial again later. While a link is open that the neighbour has dialled, there is no need. */
    private void retry() {
        dialling = false;
        if (link != null || links.server.stopping) {
            return;
        }
        dialling = true;
        links.server.loop.later(Duration.ofNanos((long) (1e9 * delay * (1 + JITTER * random.nextGaussian()))), () -> {
            dialling = false;
            if (link == null && !links.server.stopping) {
                dial();
            }
        });
        delay = Math.min(delay * Math.E, MOST);
    }

    void up(Link opened) {
        link = opened;
        notHealthy();
        healthy = links.server.loop.later(HEALTHY, () -> delay = FIRST);
    }

    void down() {
        link = null;
        notHealthy();
        if (!dialling) {
            retry();
        }
    }

    private void notHealthy() {
        if (healthy != null) {
            healthy.cancel();
        }
    }
}
