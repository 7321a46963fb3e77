//go:build linux

package gnetreactor

import (
	"io"
	"net"
	"testing"
	"time"

	"proxyherd/factories"
	"proxyherd/protocols"
	"proxyherd/reactor"
)

// A connection whose output has waited for its peer becomes readable and writable
// at once. What its input leads to on a link must leave before its answer does,
// though the answer could be written at once.
func TestOutputThatWaitedLeavesInItsOrderToo(t *testing.T) {
	r := New(Config{NoSignalHandlers: true})
	link, client := &flushed{}, &flushed{}
	link.order = reactor.FlushFirst
	answered := false
	client.received = func() {
		link.Transport.Write([]byte("update"))
		client.Transport.Write([]byte("answer"))
		answered = true
	}
	unsent := -1
	client.resumed = func() {
		if !answered {
			return // that it has been registered
		}
		// Everything is out, the answer included.
		unsent = link.Transport.(reactor.TCPTransport).Unsent()
		if err := r.Stop(); err != nil {
			t.Error(err)
		}
	}
	next := []*flushed{link, client}
	port, err := r.ListenTCP(0, factories.ForProtocol(func(reactor.Address) reactor.Protocol {
		p := next[0]
		next = next[1:]
		return p
	}), 0, "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- r.Run() }()
	address := port.GetHost().String()
	linkPeer := dialled(t, address)
	made(t, r, link)
	clientPeer := dialled(t, address)
	made(t, r, client)

	// Until the system takes no more for a peer that reads nothing. Then the loop
	// stands still while the peer takes everything that the system has, and says
	// something: so both are ready in one event.
	taken, goOn := make(chan int), make(chan struct{})
	written := 0
	var fill func()
	fill = func() {
		if waits := client.Transport.(reactor.TCPTransport).Unsent(); waits > 0 {
			// A pull producer is asked for more whenever everything is out.
			_ = client.Transport.RegisterProducer(client, false)
			taken <- written - waits
			<-goOn
			return
		}
		client.Transport.Write(make([]byte, 64<<10))
		written += 64 << 10
		r.CallLater(0, fill)
	}
	// As a timer, so that the next one is of the next turn, behind the flush.
	r.CallFromThread(func() { r.CallLater(0, fill) })
	if _, err := io.CopyN(io.Discard, clientPeer, int64(<-taken)); err != nil {
		t.Fatal(err)
	}
	if _, err := clientPeer.Write([]byte("input")); err != nil {
		t.Fatal(err)
	}
	go io.Copy(io.Discard, clientPeer)
	close(goOn)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if unsent != 0 {
		t.Errorf("when the answer was out, %d bytes for the link were not", unsent)
	}
	if got, err := io.ReadAll(linkPeer); err != nil || string(got) != "update" {
		t.Errorf("the link's peer got %q, %v", got, err)
	}
}

// flushed is a protocol that writes when it is written to.
type flushed struct {
	protocols.Protocol
	order    reactor.FlushOrder
	received func()
	resumed  func()
}

func (f *flushed) ConnectionMade() { f.Transport.(reactor.TCPTransport).SetFlushOrder(f.order) }

func (f *flushed) DataReceived(reactor.Protocol, []byte) error { f.received(); return nil }

func (f *flushed) PauseProducing()  {}
func (f *flushed) ResumeProducing() { f.resumed() }
func (f *flushed) StopProducing()   {}

// made waits until a protocol has its connection.
func made(t *testing.T, r *Reactor, f *flushed) {
	t.Helper()
	for there := make(chan bool); ; {
		r.CallFromThread(func() { there <- f.Transport != nil })
		if <-there {
			return
		}
	}
}

func dialled(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := net.DialTimeout("tcp", address, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}
