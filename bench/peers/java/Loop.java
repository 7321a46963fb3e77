import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/** One thread, one selector: java.nio has no more of a loop than that. */
final class Loop {
    // -- framing --

    /** Something that waits for its channel. */
    interface Waiting {
        void ready(SelectionKey key) throws IOException;

        /** An exception came out of ready, or out of what it called. */
        void failed(Exception e);
    }

    /** A call that is due later, unless it is cancelled. */
    static final class Timer implements Comparable<Timer> {
        private final long at;
        private Runnable then;

        private Timer(long at, Runnable then) {
            this.at = at;
            this.then = then;
        }

        void cancel() {
            then = null;
        }

        @Override
        public int compareTo(Timer other) {
            return Long.compare(at - other.at, 0); // nanoTime may overflow
        }
    }

    private static final long LONG = 3_600_000; // ms

    private final Selector selector = Selector.open();
    private final Queue<Runnable> posted = new ConcurrentLinkedQueue<>();
    private final PriorityQueue<Timer> timers = new PriorityQueue<>();
    private final Set<Connection> unflushed = new LinkedHashSet<>();
    private final Consumer<RuntimeException> unhandled;
    private boolean stopped;

    /** What comes out of a timer or a posted call goes to unhandled, and the loop goes on. */
    Loop(Consumer<RuntimeException> unhandled) throws IOException {
        this.unhandled = unhandled;
    }

    SelectionKey register(SelectableChannel channel, int interest, Waiting waiting) throws IOException {
        channel.configureBlocking(false);
        return channel.register(selector, interest, waiting);
    }

    /** Call something in the loop; from any thread. */
    void post(Runnable call) {
        posted.add(call);
        selector.wakeup();
    }

    Timer later(Duration wait, Runnable then) {
        Timer timer = new Timer(System.nanoTime() + wait.toNanos(), then);
        timers.add(timer);
        return timer;
    }

    /** Write what waits for a connection at the end of this turn. */
    void flushLater(Connection connection) {
        unflushed.add(connection);
    }

    void stop() {
        stopped = true;
    }

    void run() throws IOException {
        while (!stopped) {
            long wait = untilNextTimer();
            if (wait == 0) {
                selector.selectNow(this::ready);
            } else {
                selector.select(this::ready, wait);
            }
            for (Runnable call = posted.poll(); call != null; call = posted.poll()) {
                run(call);
            }
            for (Timer t = timers.peek(); t != null && t.at - System.nanoTime() <= 0; t = timers.peek()) {
                timers.remove();
                if (t.then != null) {
                    run(t.then);
                }
            }
            flush();
        }
    }

    private void run(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException e) {
            unhandled.accept(e);
        }
    }

    private void ready(SelectionKey key) {
        Waiting waiting = (Waiting) key.attachment();
        try {
            if (key.isValid()) {
                waiting.ready(key);
            }
        } catch (IOException | RuntimeException e) {
            waiting.failed(e);
        }
    }

    /** Links before clients: no acknowledgement leaves before the update it acknowledges. */
    private void flush() {
        for (boolean links : new boolean[] {true, false}) {
            List<Connection> these = new ArrayList<>();
            for (Connection c : unflushed) {
                if (c instanceof Link == links) {
                    these.add(c);
                }
            }
            these.forEach(unflushed::remove);
            these.forEach(Connection::flush);
        }
    }

    /** In ms; 0: there is something to do. */
    private long untilNextTimer() {
        if (!posted.isEmpty() || !unflushed.isEmpty()) {
            return 0;
        }
        Timer next = timers.peek();
        return next == null ? LONG : Math.max(0, (next.at - System.nanoTime() + 999_999) / 1_000_000);
    }
}
