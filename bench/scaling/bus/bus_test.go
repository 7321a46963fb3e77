package bus

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"proxyherd/bench/peers"
)

// served is a server on loopback that plays a connection by a function.
func served(t *testing.T, play func(net.Conn)) *peers.Server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	t.Cleanup(func() {
		_ = listener.Close()
		all.Wait()
	})
	all.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				play(conn)
				_ = conn.Close()
			})
		}
	})
	return &peers.Server{Address: listener.Addr().String(), PID: os.Getpid()}
}

// broker is as much of a server of messages as the package needs.
type broker struct {
	mu          sync.Mutex
	subscribers []net.Conn
}

func (b *broker) play(conn net.Conn) {
	_, _ = io.WriteString(conn, "INFO {}\r\n")
	for in := bufio.NewReader(conn); ; {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		fields := strings.Fields(line)
		switch fields[0] {
		case "PING":
			// It wants to know of the other, too, whether it lives.
			_, _ = io.WriteString(conn, pong+ping)
		case "SUB":
			b.mu.Lock()
			b.subscribers = append(b.subscribers, conn)
			b.mu.Unlock()
		case "PUB":
			message, err := in.ReadString('\n')
			if err != nil {
				return
			}
			b.mu.Lock()
			for _, s := range b.subscribers {
				_, _ = fmt.Fprintf(s, "MSG herd 1 %s\r\n%s", fields[2], message)
			}
			b.mu.Unlock()
		}
	}
}

func TestWhatIsPublishedIsDelivered(t *testing.T) {
	for _, c := range []struct {
		load        Load
		subscribers int
	}{
		{Load{Line: 80, Batch: 1, Every: time.Millisecond, Duration: 20 * time.Millisecond}, 3},
		{Load{Line: 80, Batch: 100, Duration: 20 * time.Millisecond}, 3},
		{Load{Line: 80, Batch: 10, Duration: 5 * time.Millisecond}, 0},
	} {
		b, err := Connect(t.Context(), served(t, new(broker).play), c.subscribers)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			before := b.delivered()
			count, err := b.Run(t.Context(), c.load)
			if err != nil {
				t.Fatal(err)
			}
			if got := b.delivered() - before; count.Messages == 0 || count.Messages%c.load.Batch != 0 || got != int64(count.Messages*c.subscribers) || count.CPU <= 0 {
				t.Errorf("%+v: %+v, and %d are delivered", c, count, got)
			}
		}
		b.Close()
	}
}

func TestAServerOfSomethingElse(t *testing.T) {
	for _, play := range []func(net.Conn){
		func(conn net.Conn) { _, _ = io.WriteString(conn, "+OK\r\n") },
		func(conn net.Conn) { _, _ = io.WriteString(conn, "INFO {}\r\n-ERR 'no'\r\n") },
	} {
		if _, err := Connect(t.Context(), served(t, play), 1); !errors.Is(err, ErrAnswer) {
			t.Errorf("%v", err)
		}
	}
}

func TestAServerThatEnds(t *testing.T) {
	b, err := Connect(t.Context(), served(t, func(conn net.Conn) {
		_, _ = io.WriteString(conn, "INFO {}\r\n"+pong)
		in := bufio.NewReader(conn)
		for line := ""; !strings.HasPrefix(line, "PUB"); {
			if line, _ = in.ReadString('\n'); line == "" {
				return
			}
		}
	}), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if _, err := b.Run(t.Context(), Load{Line: 1, Batch: 1, Duration: time.Second}); !errors.Is(err, ErrStuck) {
		t.Errorf("%v", err)
	}
}
