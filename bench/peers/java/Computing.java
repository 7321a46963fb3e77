// -- faults --

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/** In place of the upstream: work for the processor, in a pool of threads. It is for the experiments alone. */
final class Computing implements Asking {
    private static final int MILLISECONDS = 50; // that a piece of work takes on a core of its own

    private final Loop loop;
    private final long times = measure();
    private final ExecutorService pool;

    Computing(Loop loop, int workers) {
        this.loop = loop;
        pool = Executors.newFixedThreadPool(workers, work -> {
            Thread thread = new Thread(work);
            thread.setDaemon(true);
            return thread;
        });
    }

    @Override
    public void ask(Node.Query query, Consumer<String> then) {
        pool.execute(() -> {
            String line = Json.error("nothing was asked, but " + spin(times) + " computed");
            loop.post(() -> then.accept(line));
        });
    }

    private static int spin(long times) {
        int value = 1;
        for (long i = 0; i < times; i++) {
            value = (value * 1103515245 + 12345) & 0x7fffffff;
        }
        return value;
    }

    /** How many times are a piece of work, measured before anybody waits, and after Java has compiled it. */
    private static long measure() {
        long times = 10_000;
        while (took(times) < 10_000_000) {
            times *= 2;
        }
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            least = Math.min(least, took(times));
        }
        return times * MILLISECONDS * 1_000_000 / least;
    }

    /** Nanoseconds. */
    private static long took(long times) {
        long start = System.nanoTime();
        if (spin(times) < 0) {
            throw new IllegalStateException("its sign is masked"); // and the compiler must not leave the work out
        }
        return System.nanoTime() - start;
    }
}
