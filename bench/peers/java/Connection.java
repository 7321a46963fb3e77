import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;

/** A connection that speaks in lines. */
abstract class Connection implements Loop.Waiting {
    // -- framing --

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);
    private static final ByteBuffer SHARED = ByteBuffer.allocateDirect(64 << 10); // there is one thread

    protected final Loop loop;
    private final SocketChannel channel;
    private final SelectionKey key;
    private int most; // bytes that a line may have before its LF
    private byte[] input = new byte[256]; // input[from:to] is not carried out yet
    private int from;
    private int to;
    private byte[] output = new byte[256]; // output[sent:written] waits for the system
    private int sent;
    private int written;
    private boolean paused;
    private boolean halfClosed; // the other end has said everything
    private boolean ending; // what is written now is the last
    private boolean closing; // and then nothing is read
    private Loop.Timer cut;
    private boolean gone;

    Connection(Loop loop, SocketChannel channel, int most) throws IOException {
        this.loop = loop;
        this.channel = channel;
        this.most = most;
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        key = loop.register(channel, SelectionKey.OP_READ, this);
    }

    /** A line without its LF. */
    abstract void line(String line);

    /** More than the most bytes came without a LF. */
    abstract void overlong();

    /** The other end has said everything; rest is what it left without a LF. */
    abstract void halfClosed(String rest);

    /** Everything that was written has been taken by the system. */
    abstract void drained();

    /** The connection is no more. */
    abstract void lost(Exception why);

    String address() {
        try {
            String text = channel.getRemoteAddress().toString();
            return text.substring(text.indexOf('/') + 1);
        } catch (IOException e) {
            return "nowhere";
        }
    }

    void most(int bytes) {
        most = bytes;
    }

    @Override
    public void ready(SelectionKey k) throws IOException {
        if (k.isWritable()) {
            flush();
        }
        if (!gone && k.isReadable()) {
            read();
        }
    }

    private void read() throws IOException {
        SHARED.clear();
        int n = channel.read(SHARED);
        if (n < 0) {
            halfClosed = true;
            interest();
        } else {
            if (to + n > input.length) {
                input = Arrays.copyOfRange(input, from, from + Math.max(2 * (to - from), to - from + n));
                to -= from;
                from = 0;
            }
            SHARED.flip().get(input, to, n);
            to += n;
        }
        lines();
    }

    /** Hand over the lines that are there. */
    private void lines() {
        int searched = from;
        while (!paused && !gone) {
            int end = searched;
            while (end < to && input[end] != '\n') {
                end++;
            }
            if (end == to) {
                break;
            }
            String line = new String(input, from, end - from, StandardCharsets.ISO_8859_1);
            from = searched = end + 1;
            line(line);
        }
        if (paused || gone) {
            return;
        }
        if (to - from > most) {
            from = to;
            overlong();
        } else if (halfClosed) {
            String rest = new String(input, from, to - from, StandardCharsets.ISO_8859_1);
            from = to;
            halfClosed(rest);
        }
    }

    /** Hand over no more lines, and read nothing, until resume. */
    void pause() {
        paused = true;
        interest();
    }

    void resume() {
        if (paused) {
            paused = false;
            interest();
            loop.post(() -> guard(this::lines));
        }
    }

    /** Run a callback, of which an exception ends this connection alone. */
    void guard(Runnable callback) {
        try {
            callback.run();
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    private void interest() {
        if (!gone && key.isValid()) {
            key.interestOps((paused || halfClosed ? 0 : SelectionKey.OP_READ) | (unsent() > 0 ? SelectionKey.OP_WRITE : 0));
        }
    }

    void write(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        if (written + bytes.length > output.length) {
            output = Arrays.copyOfRange(output, sent, sent + Math.max(2 * unsent(), unsent() + bytes.length));
            written -= sent;
            sent = 0;
        }
        System.arraycopy(bytes, 0, output, written, bytes.length);
        written += bytes.length;
        loop.flushLater(this);
    }

    /** How many bytes wait for the system. */
    int unsent() {
        return written - sent;
    }

    void flush() {
        if (gone) {
            return;
        }
        try {
            boolean waited = unsent() > 0;
            if (waited) {
                sent += channel.write(ByteBuffer.wrap(output, sent, unsent()));
            }
            interest();
            if (unsent() == 0) {
                sent = written = 0;
                if (waited && !ending) {
                    guard(this::drained);
                }
                finishEnding();
            }
        } catch (IOException e) {
            failed(e);
        }
    }

    private void finishEnding() throws IOException {
        if (closing) {
            gone(null);
        } else if (ending && channel.isOpen()) {
            channel.shutdownOutput();
            if (halfClosed) {
                gone(null);
            }
        }
    }

    /** Say no more, and wait until the other end closes: closed with something unread, the
     * connection would be reset, and the reset might overtake our last line. */
    void endOutput() {
        end(false);
    }

    /** Say no more, and close. What was written is sent still. */
    void close() {
        end(true);
    }

    private void end(boolean close) {
        ending = true;
        closing |= close;
        if (cut == null) {
            cut = loop.later(CLOSE_TIMEOUT, () -> gone(null));
        }
        loop.flushLater(this);
    }

    @Override
    public void failed(Exception e) {
        gone(e);
    }

    private void gone(Exception why) {
        if (gone) {
            return;
        }
        gone = true;
        if (cut != null) {
            cut.cancel();
        }
        try {
            channel.close();
        } catch (IOException e) {
            // It is closed.
        }
        lost(why);
    }

    boolean isGone() {
        return gone;
    }
}
