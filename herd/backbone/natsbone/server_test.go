package natsbone

import (
	"net"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// patience is how long a test waits for what must come. It judges nothing.
const patience = time.Minute

// natsServer is a NATS server in this process that can be stopped, and started again at
// the same port.
type natsServer struct {
	t       testing.TB
	options server.Options
	running *server.Server
}

func startNATS(t testing.TB, change func(*server.Options)) *natsServer {
	t.Helper()
	n := &natsServer{t: t, options: server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true}}
	if change != nil {
		change(&n.options)
	}
	n.start()
	n.options.Port = n.running.Addr().(*net.TCPAddr).Port
	t.Cleanup(n.stop)
	return n
}

func (n *natsServer) start() {
	n.t.Helper()
	options := n.options
	s, err := server.NewServer(&options)
	if err != nil {
		n.t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(patience) {
		n.t.Fatal("the NATS server does not start")
	}
	n.running = s
}

func (n *natsServer) stop() {
	n.running.Shutdown()
	n.running.WaitForShutdown()
}

func (n *natsServer) url() string { return n.running.ClientURL() }

// until waits until condition holds.
func until(t testing.TB, what string, condition func() bool) {
	t.Helper()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for late := time.After(patience); !condition(); {
		select {
		case <-again.C:
		case <-late:
			t.Fatalf("it has not come that %s", what)
		}
	}
}

// proxy stands between a server and NATS, and can be cut: then nothing passes, and
// nobody is told.
type proxy struct {
	listening net.Listener
	target    string
	run       sync.WaitGroup

	mu    sync.Mutex
	cut   bool
	conns []net.Conn
	moved *sync.Cond
	over  bool
}

func startProxy(t testing.TB, target string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listening: l, target: target}
	p.moved = sync.NewCond(&p.mu)
	p.run.Go(p.accept)
	t.Cleanup(p.close)
	return p
}

func (p *proxy) accept() {
	for {
		in, err := p.listening.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", p.target)
		if err != nil {
			_ = in.Close()
			continue
		}
		p.mu.Lock()
		p.conns = append(p.conns, in, out)
		p.mu.Unlock()
		p.run.Go(func() { p.copy(in, out) })
		p.run.Go(func() { p.copy(out, in) })
	}
}

// copy carries one direction, and ends both with it.
func (p *proxy) copy(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		p.mu.Lock()
		for p.cut && !p.over {
			p.moved.Wait()
		}
		p.mu.Unlock()
		if _, wrong := to.Write(buffer[:n]); err != nil || wrong != nil {
			return
		}
	}
}

func (p *proxy) set(cut bool) {
	p.mu.Lock()
	p.cut = cut
	p.mu.Unlock()
	p.moved.Broadcast()
}

func (p *proxy) url() string { return "nats://" + p.listening.Addr().String() }

func (p *proxy) close() {
	_ = p.listening.Close()
	p.mu.Lock()
	p.over = true
	conns := p.conns
	p.mu.Unlock()
	p.moved.Broadcast()
	for _, c := range conns {
		_ = c.Close()
	}
	p.run.Wait()
}
