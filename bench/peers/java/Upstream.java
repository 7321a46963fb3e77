import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.function.Consumer;

/** Twitter's search, asked through java.net.http, whose threads post the answers to the loop. */
final class Upstream implements Asking {
    // -- upstream --

    private static final int MOST = 8 << 20; // bytes of an answer

    private final Server server;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(2)).build();
    private final Queue<Runnable> waiting = new ArrayDeque<>(); // for a worker: the client has no bound of its own
    private int asking;

    private static final class TooLong extends IOException {
        private static final long serialVersionUID = 1;
    }

    /** Collects an answer, but not more than MOST bytes of it. */
    private static final class Body implements BodySubscriber<byte[]> {
        private final BodySubscriber<byte[]> all = BodySubscribers.ofByteArray();
        private Flow.Subscription subscription;
        private long size;

        @Override
        public void onSubscribe(Flow.Subscription s) {
            subscription = s;
            all.onSubscribe(s);
        }

        @Override
        public void onNext(List<ByteBuffer> parts) {
            for (ByteBuffer part : parts) {
                size += part.remaining();
            }
            if (size > MOST) {
                subscription.cancel();
                all.onError(new TooLong());
            } else {
                all.onNext(parts);
            }
        }

        @Override
        public void onError(Throwable e) {
            all.onError(e);
        }

        @Override
        public void onComplete() {
            all.onComplete();
        }

        @Override
        public CompletionStage<byte[]> getBody() {
            return all.getBody();
        }
    }

    /** A question, from its WHATSAT to its answer; both are in the loop. */
    private final class Question {
        private final Node.Query query;
        private final Consumer<String> then;
        private final Loop.Timer late;
        private final Runnable begin = this::begin;
        private CompletableFuture<HttpResponse<byte[]>> request;
        private boolean over;

        Question(Node.Query query, Consumer<String> then) {
            this.query = query;
            this.then = then;
            late = server.loop.later(server.config.timeout, this::tooLate);
        }

        void begin() {
            asking++;
            HttpRequest get = HttpRequest.newBuilder(address(query)).header("User-Agent", "herd-peer").build();
            request = http.sendAsync(get, info -> new Body());
            request.whenComplete((response, e) -> server.loop.post(() -> {
                asking--;
                if (!waiting.isEmpty()) {
                    waiting.remove().run();
                }
                finish(outcome(response, e, query));
            }));
        }

        private void tooLate() {
            waiting.remove(begin);
            if (request != null) {
                request.cancel(true);
            }
            finish(Json.error("twitter did not answer in time"));
        }

        private void finish(String line) {
            if (!over) {
                over = true;
                late.cancel();
                then.accept(line);
            }
        }
    }

    Upstream(Server server) {
        this.server = server;
    }

    /** Within the timeout. */
    @Override
    public void ask(Node.Query query, Consumer<String> then) {
        Question question = new Question(query, then);
        if (asking < server.config.workers) {
            question.begin.run();
        } else {
            waiting.add(question.begin);
        }
    }

    private URI address(Node.Query q) {
        String radius = q.radius().matches("[0.]*") ? "0.001" : q.radius(); // Twitter's least
        String url = server.config.url;
        return URI.create(url + (url.contains("?") ? "&" : "?") + "q=&geocode="
                + unsigned(q.location().latitude()) + "%2C" + unsigned(q.location().longitude()) + "%2C" + radius + "km"
                + "&rpp=" + Math.max(q.limit(), 1));
    }

    private static String unsigned(String number) {
        return number.startsWith("+") ? number.substring(1) : number;
    }

    /** What the client gets. */
    private String outcome(HttpResponse<byte[]> response, Throwable thrown, Node.Query query) {
        if (thrown != null) {
            return Json.error(explain(thrown instanceof CompletionException ? thrown.getCause() : thrown));
        }
        try {
            return Json.oneLine(new String(response.body(), StandardCharsets.ISO_8859_1), query.limit());
        } catch (Json.NotJson e) {
            boolean says = response.statusCode() >= 300; // java.net.http knows no words for a status
            return Json.error(says ? "twitter answered " + response.statusCode() : "twitter's answer was not JSON");
        }
    }

    private String explain(Throwable e) {
        if (e instanceof CancellationException || e instanceof HttpConnectTimeoutException) {
            return "twitter did not answer in time";
        }
        if (e instanceof ConnectException) {
            return "twitter could not be reached: connection refused";
        }
        if (e instanceof TooLong || e.getCause() instanceof TooLong) {
            return "twitter's answer is too long";
        }
        if (e instanceof IOException) {
            return "twitter's answer was cut off";
        }
        server.log.event("error", "upstream failed", Map.of("error", WireLog.trace(e)));
        return "This server could not ask. Its log says why.";
    }
}
