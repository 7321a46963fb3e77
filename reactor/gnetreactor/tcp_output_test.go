//go:build linux

package gnetreactor

import (
	"testing"

	"golang.org/x/sys/unix"

	"proxyherd/reactor"
)

// wire is a transport outside any loop, and the other end of its socket.
type wire struct {
	*transport
	t    *testing.T
	peer int
}

func newWire(t *testing.T) wire {
	t.Helper()
	r, _ := newTestReactor(t, Config{})
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(pair[0]); _ = unix.Close(pair[1]) })
	if err := unix.SetsockoptInt(pair[0], unix.SOL_SOCKET, unix.SO_SNDBUF, 1<<20); err != nil {
		t.Fatal(err)
	}
	c := &transport{r: r, protocol: &conversation{}, connected: true, wantsRead: true}
	c.fd = pair[0]
	return wire{c, t, pair[1]}
}

// arrived is how many bytes wait at the other end.
func (w wire) arrived() int {
	w.t.Helper()
	n, err := unix.IoctlGetInt(w.peer, unix.TIOCINQ)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// drain reads what waits at the other end.
func (w wire) drain() (n int) {
	w.t.Helper()
	buf := make([]byte, 1<<20)
	for {
		switch got, err := unix.Read(w.peer, buf); {
		case err == unix.EAGAIN:
			return n
		case err != nil:
			w.t.Fatal(err)
		default:
			n += got
		}
	}
}

// TestOutput is what leaves when: twisted/internet/abstract.py:234 doWrite.
func TestOutput(t *testing.T) {
	t.Run("nothing is sent inside Write", func(t *testing.T) {
		w := newWire(t)
		w.Write([]byte("one"))
		w.WriteSequence([][]byte{[]byte("two"), []byte("three")})
		before := w.arrived()
		w.r.flush()
		if after := w.arrived(); before != 0 || after != len("onetwothree") {
			t.Errorf("%d bytes arrived before the flush and %d after it", before, after)
		}
	})

	t.Run("at most 131,072 bytes leave at a time", func(t *testing.T) {
		w := newWire(t)
		w.Write(make([]byte, 300_000))
		for i, want := range []int{131072, 131072, 300_000 - 2*131072, 0} {
			w.doWrite()
			if got := w.drain(); got != want {
				t.Errorf("send %d was %d bytes, want %d", i, got, want)
			}
		}
	})

	t.Run("a full system buffer is no error", func(t *testing.T) {
		w := newWire(t)
		const size = 8 << 20
		w.Write(make([]byte, size))
		sent := -1
		for sent != w.arrived() { // until the system takes no more
			sent = w.arrived()
			w.doWrite()
		}
		w.doWrite()
		if sent == size || !w.connected || !w.wantsWrite || len(w.out)-w.sent != size-sent {
			t.Fatalf("the system took %d bytes, %d wait; connected %t", sent, len(w.out)-w.sent, w.connected)
		}
		got := 0
		for w.wantsWrite {
			got += w.drain()
			w.doWrite()
		}
		if got += w.drain(); got != size {
			t.Errorf("%d bytes arrived in the end, want %d", got, size)
		}
	})

	t.Run("what was sent does not count as waiting", func(t *testing.T) {
		w := newWire(t)
		p := &notified{}
		w.out, w.sent = make([]byte, 100_000), 40_000 // the system took a part
		if err := w.RegisterProducer(p, true); err != nil {
			t.Fatal(err)
		}
		w.Write(make([]byte, highWater-60_000))
		atTheMark := p.paused
		w.Write([]byte{0})
		if atTheMark != 0 || p.paused != 1 {
			t.Errorf("paused %d times with 65,536 bytes waiting, %d with one more", atTheMark, p.paused)
		}
	})

	t.Run("reading allocates nothing", func(t *testing.T) {
		w := newWire(t)
		received := 0
		w.protocol = &conversation{received: func(_ *conversation, data []byte) error { received += len(data); return nil }}
		line := []byte("a line\n")
		const runs = 1000
		allocations := testing.AllocsPerRun(runs, func() {
			if _, err := unix.Write(w.peer, line); err != nil {
				t.Fatal(err)
			}
			w.doRead(unix.EPOLLIN)
		})
		if want := (runs + 1) * len(line); allocations != 0 || received != want { // AllocsPerRun warms up once
			t.Errorf("%v allocations for a read, and %d bytes of %d", allocations, received, want)
		}
	})
}

// notified is a push producer that counts its pauses.
type notified struct{ paused int }

func (n *notified) PauseProducing()  { n.paused++ }
func (n *notified) ResumeProducing() {}
func (n *notified) StopProducing()   {}

var _ reactor.PushProducer = (*notified)(nil)
