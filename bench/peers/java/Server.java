import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * A server of the herd on java.nio: one thread runs one loop.
 *
 * <pre>java -jar server.jar --config herd.json --name Gasol</pre>
 *
 * It needs Java 17 and nothing else.
 */
public final class Server {
    private static final Duration FLUSH_TIME = Duration.ofSeconds(2); // that links may take at the end
    private static final int BACKLOG = 1024;

    final Config config;
    final Loop loop;
    final Node node;
    final WireLog log;
    final Asking upstream;
    final Links links;
    final Set<Session> clients = new HashSet<>();
    boolean stopping;
    private final List<ServerSocketChannel> ports = new ArrayList<>();

    private interface Acceptor {
        void accept(SocketChannel channel) throws IOException;
    }

    private Server(Config config) throws IOException {
        this.config = config;
        node = new Node(config.name, config.future);
        log = new WireLog(config.logPath, config.logLines);
        loop = new Loop(e -> log.event("error", "a call failed", Map.of("error", WireLog.trace(e))));
        upstream = config.computes ? new Computing(loop, config.workers) : new Upstream(this);
        links = new Links(this);
    }

    private void listen(InetSocketAddress address, Acceptor acceptor) throws IOException {
        ServerSocketChannel port = ServerSocketChannel.open();
        port.setOption(StandardSocketOptions.SO_REUSEADDR, true).bind(address, BACKLOG);
        ports.add(port);
        loop.register(port, SelectionKey.OP_ACCEPT, new Loop.Waiting() {
            @Override
            public void ready(SelectionKey key) throws IOException {
                SocketChannel channel = port.accept();
                if (channel != null) {
                    acceptor.accept(channel);
                }
            }

            @Override
            public void failed(Exception e) {
                log.event("error", "not accepted", Map.of("error", WireLog.trace(e)));
            }
        });
    }

    private void run() throws IOException, InterruptedException {
        listen(config.clients, channel -> clients.add(new Session(this, channel)));
        listen(config.peers, links::accept);
        links.dial();
        log.event("info", "server started", Map.of("server", config.name));
        Thread main = Thread.currentThread();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            loop.post(this::stop);
            try {
                main.join(config.timeout.plus(FLUSH_TIME).plusSeconds(1).toMillis());
            } catch (InterruptedException e) {
                return;
            }
            Runtime.getRuntime().halt(0); // else Java's status after SIGTERM is 143
        }));
        loop.run();
        log.close();
    }

    /** Stop accepting, answer what waits, let the links take what is theirs. */
    private void stop() {
        stopping = true;
        log.event("info", "server stopping", Map.of("server", config.name));
        for (ServerSocketChannel port : ports) {
            try {
                port.close();
            } catch (IOException e) {
                log.event("error", "not closed", Map.of("error", WireLog.trace(e)));
            }
        }
        List.copyOf(clients).forEach(Session::finish);
        until(clients::isEmpty, System.nanoTime() + config.timeout.toNanos(), () -> {
            links.finish();
            until(() -> links.open().isEmpty(), System.nanoTime() + FLUSH_TIME.toNanos(), loop::stop);
        });
    }

    private void until(BooleanSupplier over, long late, Runnable then) {
        if (over.getAsBoolean() || System.nanoTime() - late > 0) {
            then.run();
        } else {
            loop.later(Duration.ofMillis(10), () -> until(over, late, then));
        }
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Server server;
        try {
            server = new Server(Config.of(arguments));
        } catch (Config.Wrong | IOException e) {
            System.err.println("server.jar: " + e.getMessage());
            System.exit(2);
            return;
        }
        server.run();
    }
}
