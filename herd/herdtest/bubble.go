package herdtest

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/backbone/membus"
	"proxyherd/herd/goroutineherd"
	"proxyherd/herd/upstream"
	"proxyherd/herd/upstream/standin"
)

// Bubble is the built-in herd in goroutines, in the virtual time of a synctest
// bubble, in which it must be made and used.
type Bubble struct {
	// Of the servers that Start makes from now on.
	Journals map[string]herd.Backing
	Sinks    map[string]herd.Copyist
	Archives map[string]Archive

	t       *testing.T
	Network Memory
	Config  herd.Config
	Servers map[string]*goroutineherd.Server
	// Keys are the secrets that servers start with, where they are not the tests'
	// own.
	Keys map[string][][]byte
	// Faulty is what servers do wrong from their start on.
	Faulty goroutineherd.Faulty
	// Around, if not nil, makes what a server sees of its network.
	Around func(server string, n goroutineherd.Network) goroutineherd.Network
	// Asking is how long the upstream takes for an answer.
	Asking time.Duration

	// Hub is the backbone, where the settings have one.
	Hub membus.Hub

	asked atomic.Int64
	boots uint64
	// started are all servers that ever were.
	started []*goroutineherd.Server
	// clients are all that ever connected.
	clients []*bubbleClient
}

// InBubble runs play with the built-in herd, from about that time on; the zero time
// is the bubble's own. change, if not nil, may change the settings first. All of it
// has ended when it returns.
func InBubble(t *testing.T, start time.Time, change func(*herd.Config), play func(t *testing.T, b *Bubble)) {
	t.Helper()
	InBubbleSet(t, start, change, func(*Bubble) {}, play)
}

// InBubbleSet is InBubble with what set sets before the servers start.
func InBubbleSet(t *testing.T, start time.Time, change func(*herd.Config), set func(b *Bubble), play func(t *testing.T, b *Bubble)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(start))
		b := &Bubble{t: t, Config: herd.Default(), Keys: map[string][][]byte{}, Journals: map[string]herd.Backing{}, Sinks: map[string]herd.Copyist{}, Archives: map[string]Archive{}, Servers: map[string]*goroutineherd.Server{}}
		if change != nil {
			change(&b.Config)
		}
		if _, err := b.Config.Check(); err != nil {
			t.Fatal(err)
		}
		set(b)
		defer b.stop()
		for _, s := range b.Config.Servers {
			b.Start(s.Name)
		}
		if !b.Wait(b.Linked) {
			t.Fatal("the herd's links did not open")
		}
		play(t, b)
	})
}

// stop ends all servers, as SIGTERM would.
func (b *Bubble) stop() {
	for _, s := range b.started {
		s.Stop()
	}
	for _, s := range b.started {
		s.Wait()
	}
	for _, c := range b.clients {
		c.AbortConnection()
	}
}

// Linked reports whether every link between servers that run is open.
func (b *Bubble) Linked() bool {
	for _, s := range b.Servers {
		if !linked(s.Status(), b.Servers) {
			return false
		}
	}
	return true
}

// Start makes a server and runs it.
func (b *Bubble) Start(name string) {
	b.t.Helper()
	keys := b.Keys[name]
	if keys == nil {
		keys = [][]byte{[]byte(Secret)}
	}
	b.Servers[name] = b.startAt(name, b.Config, name, keys)
}

// startAt runs a server on a machine.
func (b *Bubble) startAt(machine string, config herd.Config, name string, keys [][]byte) *goroutineherd.Server {
	b.t.Helper()
	b.boots++
	network := b.Network.Host(machine)
	if b.Around != nil {
		network = b.Around(name, network)
	}
	o := goroutineherd.Options{
		Name: name, Config: config, Keys: keys, Faulty: b.Faulty,
		Upstream: b, Kind: upstream.Twitter{}, Random: &counter{b.boots << 32}, Network: network,
		Journal: b.Journals[name], Sink: b.Sinks[name], Archive: b.Archives[name],
	}
	if config.Backbone.Kind != herd.BackboneLinks {
		o.Bus = b.Hub.End(name)
	}
	s, err := goroutineherd.New(o)
	if err == nil {
		err = s.Start()
	}
	if err != nil {
		b.t.Fatal(err)
	}
	b.started = append(b.started, s)
	return s
}

// Kill ends a server as a crash would: nobody hears from it any more.
func (b *Bubble) Kill(name string) {
	b.Hub.Gone(name)
	b.Network.Crash(name)
	s := b.Servers[name]
	delete(b.Servers, name)
	s.Stop()
	s.Wait()
}

// Stop ends a server as SIGTERM would, and waits for that.
func (b *Bubble) Stop(name string) {
	s := b.Servers[name]
	delete(b.Servers, name)
	s.Stop()
	s.Wait()
}

// Asked is how many questions have reached the upstream.
func (b *Bubble) Asked() int64 { return b.asked.Load() }

// Fetch makes the bubble the upstream: the stand-in answers, without a connection.
func (b *Bubble) Fetch(ctx context.Context, q upstream.Query) upstream.Result {
	kind := upstream.Twitter{}
	b.asked.Add(1)
	select {
	case <-time.After(b.Asking):
	case <-ctx.Done():
		return upstream.Result{Line: kind.ErrorLine("Too late."), Err: ctx.Err()}
	}
	request, err := kind.Request(ctx, &url.URL{Scheme: "http", Host: "upstream", Path: "/search.json"}, q)
	if err != nil {
		return upstream.Result{Line: kind.ErrorLine(err.Error()), Err: err}
	}
	request.Body = http.NoBody // a client's request may have none at all
	answer := httptest.NewRecorder()
	standin.New(standin.Options{}).ServeHTTP(answer, request)
	line, err := upstream.Compact(nil, answer.Body.Bytes())
	if err == nil {
		line, err = upstream.CutList(line, kind.List(), q.Limit)
	}
	if err != nil {
		return upstream.Result{Line: kind.ErrorLine(err.Error()), Err: err}
	}
	return upstream.Result{Line: line, Status: answer.Code}
}

// At moves the time forward.
func (b *Bubble) At(at herd.Timestamp) {
	d := time.Until(time.Unix(at.Sec, int64(at.Nsec)))
	if d < 0 {
		b.t.Fatalf("the time cannot go back by %v", -d)
	}
	b.Advance(d)
}

// Advance lets time pass, and all that happens in it be over.
func (b *Bubble) Advance(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// ExactTime is true: differences are known to the nanosecond.
func (b *Bubble) ExactTime() bool { return true }

// Wait runs the herd until condition holds.
func (b *Bubble) Wait(condition func() bool) bool {
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		// Without the clock moving first: what takes no time must not change it.
		synctest.Wait()
		if condition() {
			return true
		}
		if !time.Now().Before(end) {
			return false
		}
	}
}

// Connect opens a client's connection.
func (b *Bubble) Connect(server string) Client {
	b.t.Helper()
	return b.dial("clients", net.IPv4(127, 0, 0, 1), b.member(server).Clients)
}

func (b *Bubble) member(name string) herd.Server {
	b.t.Helper()
	s, found := b.Config.Server(name)
	if !found {
		b.t.Fatalf("there is no server %s", name)
	}
	return s
}

func (b *Bubble) dial(machine string, from net.IP, address string) Client {
	b.t.Helper()
	conn, err := b.Network.dial(context.Background(), machine, from, address)
	if err != nil {
		b.t.Fatalf("connecting to %s: %v", address, err)
	}
	c := newBubbleClient(conn)
	b.clients = append(b.clients, c)
	return c
}

// halfCloser is a connection that can send no more and still receive.
type halfCloser interface {
	net.Conn
	CloseWrite() error
}
