package herdtest

import (
	"encoding/binary"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/backbone/membus"
	"proxyherd/herd/reactorherd"
	"proxyherd/herd/upstream"
	"proxyherd/herd/upstream/standin"
	"proxyherd/protocols"
	"proxyherd/reactor"
	"proxyherd/reactor/reactortest"
)

// Virtual is the built-in herd on reactors in memory, in virtual time.
type Virtual struct {
	// Of the servers that Start makes from now on.
	Journals map[string]herd.Backing
	Sinks    map[string]herd.Copyist
	Archives map[string]Archive

	t       *testing.T
	Network *reactortest.Network
	Config  herd.Config
	Servers map[string]*reactorherd.Server
	// Keys are the secrets that servers start with, where they are not the tests'
	// own.
	Keys map[string][][]byte

	// Hub is the backbone, where the settings have one.
	Hub membus.Hub

	reactors map[string]*reactortest.Reactor
	around   Around
	faulty   reactorherd.Faulty
	client   *reactortest.Reactor
	upstream reactorherd.Upstream
	boots    uint64
	asked    *atomic.Int64
}

// Asked is how many requests have reached the upstream.
func (v *Virtual) Asked() int64 { return v.asked.Load() }

// Secret is the herd's, in tests.
const Secret = "a secret of the tests, long enough"

// patience is how much virtual time a condition may take.
const patience = time.Minute

// Around makes what a server sees of its reactor; in tests of faults, something
// that stands around it.
type Around func(server string, r reactor.Reactor) reactor.Reactor

// NewVirtual starts the built-in herd, with its links open. change, if not nil,
// may change the settings first.
func NewVirtual(t *testing.T, o reactortest.Options, change func(*herd.Config)) *Virtual {
	t.Helper()
	return NewVirtualAround(t, o, change, func(_ string, r reactor.Reactor) reactor.Reactor { return r })
}

// NewVirtualAround is NewVirtual with something around each server's reactor.
func NewVirtualAround(t *testing.T, o reactortest.Options, change func(*herd.Config), around Around) *Virtual {
	t.Helper()
	return newVirtual(t, o, change, reactorherd.Faulty{}, around)
}

func newVirtual(t *testing.T, o reactortest.Options, change func(*herd.Config), faulty reactorherd.Faulty, around Around) *Virtual {
	t.Helper()
	if o.Start.IsZero() {
		o.Start = time.Unix(1_000_000_000, 0).UTC()
	}
	asked := new(atomic.Int64)
	answers := standin.New(standin.Options{})
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		answers.ServeHTTP(w, r)
	}))
	t.Cleanup(web.Close)
	v := &Virtual{
		asked: asked, around: around, faulty: faulty,
		t: t, Network: reactortest.NewNetwork(o), Config: herd.Default(),
		Keys: map[string][][]byte{}, Journals: map[string]herd.Backing{}, Sinks: map[string]herd.Copyist{}, Archives: map[string]Archive{}, Servers: map[string]*reactorherd.Server{}, reactors: map[string]*reactortest.Reactor{},
	}
	v.Config.Upstream.URL = web.URL + "/search.json"
	if change != nil {
		change(&v.Config)
	}
	if _, err := v.Config.Check(); err != nil {
		t.Fatal(err)
	}
	client, err := upstream.New(upstream.Config{Kind: upstream.Twitter{}, URL: v.Config.Upstream.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	v.upstream = client
	v.client = v.Network.Reactor("clients")
	for _, s := range v.Config.Servers {
		v.Start(s.Name)
	}
	if !v.Wait(v.Linked) {
		t.Fatal("the herd's links did not open")
	}
	return v
}

// Linked reports whether every link between servers that run is open.
func (v *Virtual) Linked() bool {
	for _, s := range v.Servers {
		if !linked(s.Status(), v.Servers) {
			return false
		}
	}
	return true
}

// linked reports whether a server has a link to every one of its neighbours that runs,
// or, on a backbone, knows everybody who does.
func linked[Server any](st herd.Status, run map[string]Server) bool {
	for _, l := range st.Links {
		if _, runs := run[l.Peer]; runs && !l.Up {
			return false
		}
	}
	return st.Backbone == nil || len(st.Backbone.Peers) == len(run)-1
}

// Start makes a server and runs it.
func (v *Virtual) Start(name string) {
	v.t.Helper()
	r := v.Network.Reactor(name)
	keys := v.Keys[name]
	if keys == nil {
		keys = [][]byte{[]byte(Secret)}
	}
	v.reactors[name], v.Servers[name] = r, v.startOn(v.around(name, r), v.Config, name, keys)
}

// startOn runs a server on a reactor.
func (v *Virtual) startOn(r reactor.Reactor, config herd.Config, name string, keys [][]byte) *reactorherd.Server {
	v.t.Helper()
	v.boots++
	o := reactorherd.Options{
		Name: name, Config: config, Keys: keys, Faulty: v.faulty,
		Upstream: v.upstream, Kind: upstream.Twitter{}, Random: &counter{v.boots << 32}, Journal: v.Journals[name],
		Sink: v.Sinks[name], Archive: v.Archives[name],
	}
	if config.Backbone.Kind != herd.BackboneLinks {
		o.Bus = v.Hub.End(name)
	}
	s, err := reactorherd.New(r, o)
	if err == nil {
		err = s.Start()
	}
	if err != nil {
		v.t.Fatal(err)
	}
	return s
}

// counter is an io.Reader whose bytes never repeat and are always the same.
type counter struct{ next uint64 }

func (c *counter) Read(p []byte) (int, error) {
	for i := 0; i < len(p); i += 8 {
		c.next++
		var word [8]byte
		binary.BigEndian.PutUint64(word[:], c.next)
		copy(p[i:], word[:])
	}
	return len(p), nil
}

var _ io.Reader = (*counter)(nil)

// Kill ends a server as a crash would.
func (v *Virtual) Kill(name string) {
	v.Hub.Gone(name)
	v.reactors[name].Kill()
	delete(v.Servers, name)
}

// Stop ends a server as SIGTERM would.
func (v *Virtual) Stop(name string) {
	if err := v.reactors[name].Stop(); err != nil {
		v.t.Fatal(err)
	}
	delete(v.Servers, name)
}

// At moves the time forward.
func (v *Virtual) At(at herd.Timestamp) {
	d := time.Unix(at.Sec, int64(at.Nsec)).Sub(v.Network.Seconds())
	if d < 0 {
		v.t.Fatalf("the time cannot go back by %v", -d)
	}
	v.Network.Advance(d)
}

// ExactTime is true: differences are known to the nanosecond.
func (v *Virtual) ExactTime() bool { return true }

// Wait runs the network until condition holds. A condition may connect and
// send, so it is asked between steps of a millisecond rather than within one.
func (v *Virtual) Wait(condition func() bool) bool {
	for end := v.Network.Seconds().Add(patience); ; {
		// Without the clock moving first: what takes no time must not change it.
		v.Network.Settle(0)
		if condition() {
			return true
		}
		if !v.Network.Seconds().Before(end) {
			return false
		}
		v.Network.Advance(time.Millisecond)
	}
}

// Connect opens a client's connection.
func (v *Virtual) Connect(server string) Client {
	v.t.Helper()
	return v.connect(v.client, v.member(server).Clients, nil)
}

func (v *Virtual) member(name string) herd.Server {
	v.t.Helper()
	s, found := v.Config.Server(name)
	if !found {
		v.t.Fatalf("there is no server %s: %s", name, strings.Join(v.names(), ", "))
	}
	return s
}

// connect opens a connection from a machine; bind, if not nil, is its address there.
func (v *Virtual) connect(from *reactortest.Reactor, address string, bind reactor.Address) Client {
	at := netip.MustParseAddrPort(address)
	c := &virtualClient{}
	from.ConnectTCP(at.Addr().String(), int(at.Port()), &clientFactory{client: c}, 0, bind)
	v.Network.Settle(0)
	return c
}

func (v *Virtual) names() (names []string) {
	for _, s := range v.Config.Servers {
		names = append(names, s.Name)
	}
	return names
}

// virtualClient is a connection on the network.
type virtualClient struct {
	protocols.Protocol
	received []byte
	unsent   []byte // before the connection is there
	end      bool
	ended    bool
}

func (c *virtualClient) ConnectionMade() {
	c.Transport.Write(c.unsent)
	if c.end {
		c.Transport.(reactor.TCPTransport).LoseWriteConnection()
	}
}

func (c *virtualClient) DataReceived(_ reactor.Protocol, data []byte) error {
	c.received = append(c.received, data...)
	return nil
}

// ReadConnectionLost makes a client half-closeable: it hears the server out.
func (c *virtualClient) ReadConnectionLost()  { c.ended = true; c.Transport.LoseConnection() }
func (c *virtualClient) WriteConnectionLost() {}
func (c *virtualClient) ConnectionLost(error) { c.ended = true }

func (c *virtualClient) Send(data []byte) {
	if c.Transport == nil {
		c.unsent = append(c.unsent, data...)
		return
	}
	c.Transport.Write(data)
}

func (c *virtualClient) End() {
	c.end = true
	if c.Transport != nil {
		c.Transport.(reactor.TCPTransport).LoseWriteConnection()
	}
}

// AbortConnection leaves without a word, with a reset.
func (c *virtualClient) AbortConnection() { c.Transport.AbortConnection() }

// PauseProducing, ResumeProducing and StopProducing are the transport's: a
// client that is paused takes no answers.
func (c *virtualClient) PauseProducing()  { c.Transport.PauseProducing() }
func (c *virtualClient) ResumeProducing() { c.Transport.ResumeProducing() }
func (c *virtualClient) StopProducing()   { c.Transport.StopProducing() }

func (c *virtualClient) Received() []byte { return c.received }
func (c *virtualClient) Take(n int)       { c.received = c.received[n:] }
func (c *virtualClient) Ended() bool      { return c.ended }

// clientFactory makes the one protocol; a failed attempt ends it.
type clientFactory struct {
	client *virtualClient
}

func (f *clientFactory) BuildProtocol(reactor.Address) reactor.Protocol { return f.client }
func (f *clientFactory) DoStart(reactor.Factory)                        {}
func (f *clientFactory) DoStop(reactor.Factory)                         {}
func (f *clientFactory) StartedConnecting(reactor.Connector)            {}
func (f *clientFactory) ClientConnectionLost(reactor.Connector, error)  {}
func (f *clientFactory) ClientConnectionFailed(_ reactor.Connector, reason error) {
	f.client.ended = true
}
