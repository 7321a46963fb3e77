import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** A client's connection. */
final class Session extends Connection {
    /** One place in the order of a client's answers. */
    private static final class Answer {
        String text;
        boolean ready;

        Answer(String text, boolean ready) {
            this.text = text;
            this.ready = ready;
        }
    }

    private final Server server;
    private final String conn;
    private final Deque<Answer> answers = new ArrayDeque<>(); // behind a WHATSAT that waits
    private final Set<String> holds = new HashSet<>(); // why no commands are read
    private int waiting; // WHATSATs among the answers
    private boolean begun; // a first line has come
    private boolean ended; // the client has said everything
    private boolean closing; // nothing more is carried out

    // -- framing --

    Session(Server server, SocketChannel channel) throws IOException {
        super(server.loop, channel, Wire.MAX_CLIENT_LINE + 1); // and the CR of a CRLF
        this.server = server;
        conn = server.log.opened("client", address());
    }

    @Override
    void line(String line) {
        carryOut(line, "");
    }

    @Override
    void halfClosed(String rest) {
        if (!rest.isEmpty()) {
            carryOut(rest, " open");
        }
        ended = closing = true;
        endIfAnswered();
    }

    @Override
    void overlong() {
        if (!closing) {
            answer(Wire.TOO_LONG);
            goodbye();
        }
    }

    private void carryOut(String raw, String end) {
        server.log.came(conn, raw, end);
        if (closing) {
            return;
        }
        String line = raw.endsWith("\r") ? raw.substring(0, raw.length() - 1) : raw;
        if (line.length() > Wire.MAX_CLIENT_LINE) {
            overlong();
            return;
        }
        boolean first = !begun;
        begun = true;
        command(line);
        if (first && Wire.isHttp(line) || server.config.closeAfterReply) {
            goodbye();
        }
    }

    private void hold(String why) {
        holds.add(why);
        pause();
    }

    private void release(String why) {
        if (holds.remove(why) && holds.isEmpty()) {
            resume();
        }
    }

    @Override
    void drained() {
        release("output");
    }

    // -- commands --

    /** A command takes effect now; its answer waits for its turn. */
    private void command(String line) {
        if (server.config.faults && line.startsWith("FAULT ")) {
            fault(line.substring("FAULT ".length()));
            return;
        }
        Node.Result result = server.node.receive(line, Instant.now());
        if (result.flood() != null) {
            server.links.flood(result.flood(), null);
        }
        if (result.query() == null) {
            answer(result.answer());
        } else {
            ask(result);
        }
    }

    private void ask(Node.Result result) {
        Answer answer = new Answer(result.answer(), false);
        answers.add(answer);
        if (++waiting >= server.config.whatsatsPerClient) {
            hold("whatsats");
        }
        server.upstream.ask(result.query(), json -> guard(() -> answered(answer, json)));
    }

    private void answered(Answer answer, String json) {
        answer.text += json + "\n";
        answer.ready = true;
        waiting--;
        while (!answers.isEmpty() && answers.peek().ready) {
            send(answers.remove().text);
        }
        release("whatsats");
        endIfAnswered();
    }

    private void answer(String text) {
        if (answers.isEmpty()) {
            send(text);
        } else {
            answers.add(new Answer(text, true));
        }
    }

    private void send(String text) {
        if (isGone()) {
            return; // the client left meanwhile
        }
        server.log.went(conn, text);
        write(text);
        if (unsent() > server.config.outputPerClient) {
            hold("output"); // whoever does not take the answers is not read any further
        }
    }

    /** Say goodbye once everything is answered, and carry out no further command. */
    void goodbye() {
        closing = true;
        holds.clear();
        resume(); // to drop what comes
        endIfAnswered();
    }

    /** The server stops. */
    void finish() {
        ended = true;
        goodbye();
    }

    private void endIfAnswered() {
        if (!closing || !answers.isEmpty()) {
            return;
        }
        if (ended) {
            close();
        } else {
            endOutput();
        }
    }

    @Override
    void lost(Exception why) {
        closing = true;
        answers.clear();
        server.clients.remove(this);
        if (why instanceof RuntimeException) {
            server.log.event("error", "client's connection", Map.of("error", WireLog.trace(why)));
        }
        server.log.closed(conn, why == null ? "done" : why instanceof IOException ? "lost" : "error");
    }

    // -- faults --

    /** Do what a mistake in this program would do: for the experiments alone. */
    private void fault(String what) {
        switch (what) {
            case "type" -> {
                Object text = 42;
                answer((String) text); // without the cast it is not compiled
            }
            case "block" -> {
                try {
                    Thread.sleep(3000);
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
            case "error" -> {
                String nothing = null;
                nothing.length();
            }
            case "lost error" -> {
                CompletableFuture.completedFuture((String) null).thenApply(String::trim).thenAccept(this::answer);
                return;
            }
            default -> { }
        }
        answer("done\n");
    }
}
