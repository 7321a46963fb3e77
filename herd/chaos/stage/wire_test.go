package stage

import (
	"bufio"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// deadline bounds each wait of these tests.
const deadline = 60 * time.Second

// echo is a server that gives back what it gets; it returns its address.
func echo(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(conn, conn)
				_ = conn.Close()
			}()
		}
	}()
	return l.Addr().String()
}

func wireTo(t *testing.T, number int, target string) *Wire {
	t.Helper()
	w, err := newWire(number, "Farmar", "Meeks", "127.0.0.1:0", target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Cut)
	return w
}

func dialWire(t *testing.T, w *Wire) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", w.address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(deadline)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// exchange sends a line and returns what comes back.
func exchange(t *testing.T, conn net.Conn) (string, error) {
	t.Helper()
	if _, err := conn.Write([]byte("hello\n")); err != nil {
		return "", err
	}
	return bufio.NewReader(conn).ReadString('\n')
}

func mustExchange(t *testing.T, conn net.Conn) {
	t.Helper()
	if got, err := exchange(t, conn); got != "hello\n" || err != nil {
		t.Fatalf("%q came back, error %v", got, err)
	}
}

func TestAWireLetsThroughWhatItShould(t *testing.T) {
	w := wireTo(t, 100, echo(t))
	address := w.address()
	open := dialWire(t, w)
	mustExchange(t, open)

	w.Cut()
	if got, err := exchange(t, open); err == nil {
		t.Errorf("through a cut came %q", got)
	}
	if conn, err := net.Dial("tcp", address); err == nil {
		_ = conn.Close() // it should not be there
		t.Error("a wire that is cut was dialled")
	}
	if err := w.Mend(); err != nil {
		t.Fatal(err)
	}
	if w.address() != address {
		t.Errorf("the wire has moved from %s to %s", address, w.address())
	}
	mustExchange(t, dialWire(t, w))

	if err := w.Poison(Toxic{"limit_data", ToDialler, map[string]int{"bytes": 3}}); err != nil {
		t.Fatal(err)
	}
	if got, err := exchange(t, dialWire(t, w)); got != "hel" || err == nil {
		t.Errorf("of a line %q came back, and 3 bytes are let through", got)
	}
	if err := w.Poison(Toxic{Kind: "no such toxic", Way: ToDialler}); err == nil {
		t.Error("a toxic that there is not was taken")
	}
	if err := w.Mend(); err != nil {
		t.Fatal(err)
	}
	mustExchange(t, dialWire(t, w))
}

// What vanishes does so on a connection that is open, one way only, and is not heard
// of again.
func TestAWireSwallowsOneWay(t *testing.T) {
	w := wireTo(t, 101, echo(t))
	other := wireTo(t, 102, w.target)
	open := dialWire(t, w)
	mustExchange(t, open)
	w.Swallow(ToDialler)
	if err := open.SetDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if got, err := exchange(t, open); err == nil {
		t.Errorf("%q came back, and nothing should", got)
	}
	mustExchange(t, dialWire(t, other))
	if err := w.Mend(); err != nil {
		t.Fatal(err)
	}
	mustExchange(t, dialWire(t, w))
}

// Whatever is done to a wire under load, it never hangs.
func TestAWireThatIsBusyCanBeChanged(t *testing.T) {
	w := wireTo(t, 103, echo(t))
	address := w.address()
	stop := make(chan struct{})
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if conn, err := net.Dial("tcp", address); err == nil {
					_ = conn.SetDeadline(time.Now().Add(time.Second))
					_, _ = exchange(t, conn)
					_ = conn.Close()
				}
			}
		})
	}
	changed := make(chan error, 1)
	go func() {
		for range 30 {
			for _, kind := range []string{"reset_peer", "limit_data", "slicer"} {
				if err := w.Poison(Toxic{Kind: kind, Way: ToDialler}); err != nil {
					changed <- err
					return
				}
			}
		}
		changed <- w.Mend()
	}()
	select {
	case err := <-changed:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(deadline):
		t.Fatal("the wire hangs")
	}
	close(stop)
	wait.Wait()
	mustExchange(t, dialWire(t, w))
}
