package herdtest

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/backbone/membus"
	"proxyherd/herd/goroutineherd"
	"proxyherd/herd/reactorherd"
	"proxyherd/reactor"
	"proxyherd/reactor/reactortest"
)

// Twin is a herd of one design in virtual time: what a test needs that is to hold
// for both.
type Twin interface {
	Herd
	// Design is the herd's.
	Design() string
	// Settings are the herd's. Changes are for servers that are started then.
	Settings() *herd.Config
	// Now is the time there, and Advance lets some pass.
	Now() time.Time
	Advance(d time.Duration)
	// Running are the servers that run, in the order of the settings.
	Running() []string
	// Linked reports whether every link between them is open.
	Linked() bool
	// Stop begins a server's orderly end.
	Stop(server string)
	// Measures is what a server says about itself, the Status in it; of one that has
	// stopped the last.
	Measures(server string) herd.Measures
	// Records are the lines that a server holds, sorted.
	Records(server string) string
	// SetKeys gives a server other secrets, and KeysFrom those that it is started
	// with from now on.
	SetKeys(server string, keys [][]byte) error
	KeysFrom(server string, keys [][]byte)
	// JournalOf gives a server a journal when it is started from now on.
	JournalOf(server string, journal herd.Backing)
	// SinkOf and ArchiveOf do the same with a sink, and with who is asked for clients
	// that the herd does not know.
	SinkOf(server string, sink herd.Copyist)
	ArchiveOf(server string, archive Archive)
	// Take gives a server AT lines, each with its end, as its sink does.
	Take(server string, lines []byte) error
	// Another runs one more server of some name on a machine of its own.
	Another(name string, config herd.Config, keys [][]byte) (status func() herd.Status)
	// ConnectFrom opens a client's connection from an address, and DialPeers one to
	// a server's port for neighbours from a machine.
	ConnectFrom(address, server string) Client
	DialPeers(machine, server string) Client
	// Cut has nothing pass between two machines, CutOneWay from one to the other,
	// until Heal. What is sent meanwhile waits.
	Cut(a, b string)
	CutOneWay(from, to string)
	Heal(a, b string)
	// Slow bounds what arrives, one way.
	Slow(from, to string, bytesPerSecond int)
	// Dials is how often one server has dialled another where that listens, and DialsTo
	// how often it has dialled an address.
	Dials(from, to string) int
	DialsTo(from, address string) int
	// Bus is the backbone, where the settings have one.
	Bus() *membus.Hub
	// Asked is how many questions have reached the upstream.
	Asked() int64
}

// Deaf is a client that can refuse its answers, and leave without a word. Each
// Client of a Twin is one.
type Deaf interface {
	PauseProducing()
	ResumeProducing()
	AbortConnection()
}

// Setup is how a Twin begins.
type Setup struct {
	Change  func(*herd.Config) // may be nil
	Asking  time.Duration      // how long the upstream takes
	Latency time.Duration      // of each link between two servers
	Fault   Fault
	// LookUp gives the addresses of a host's name; nil: no host has one. It is called
	// on any goroutine, when Asking has passed. (It takes a millisecond at least on
	// reactors in memory.)
	LookUp func(name string) ([]netip.Addr, error)
}

// Fault is what all servers do wrong.
type Fault struct {
	NoResync, Echo bool
	// Unsaid, if not nil, makes what says which updates are not flooded.
	Unsaid func() func(line []byte) bool
}

// begin is when the time of a Twin begins.
var begin = time.Unix(1_000_000_000, 0).UTC()

// OnBoth runs play with a herd of each design.
func OnBoth(t *testing.T, o Setup, play func(t *testing.T, h Twin)) {
	t.Helper()
	change := o.Change
	o.Change = func(c *herd.Config) {
		// Time enough for the upstream. On reactors in memory it has that anyway.
		c.Upstream.Timeout = max(c.Upstream.Timeout, herd.Duration(2*o.Asking))
		if change != nil {
			change(c)
		}
	}
	t.Run("reactor", func(t *testing.T) { play(t, newVirtualTwin(t, o)) })
	t.Run("goroutine", func(t *testing.T) { inBubbleTwin(t, o, play) })
}

// virtualTwin is Virtual as a Twin.
type virtualTwin struct {
	*Virtual
	dials map[[2]string]int
	last  map[string]*reactorherd.Server
}

func newVirtualTwin(t *testing.T, o Setup) *virtualTwin {
	t.Helper()
	h := &virtualTwin{dials: map[[2]string]int{}, last: map[string]*reactorherd.Server{}}
	options := reactortest.Options{
		Start: begin, JobTime: o.Asking, Link: reactortest.Link{Latency: o.Latency}, LookUp: o.LookUp,
		Trace: func(e reactortest.Event) {
			if e.Kind == reactortest.Dialled {
				h.dials[[2]string{e.Reactor, e.Peer.String()}]++
			}
		},
	}
	faulty := reactorherd.Faulty{NoResync: o.Fault.NoResync, Echo: o.Fault.Echo}
	if o.Fault.Unsaid != nil {
		faulty.Unsaid = o.Fault.Unsaid()
	}
	h.Virtual = newVirtual(t, options, o.Change, faulty, func(_ string, r reactor.Reactor) reactor.Reactor { return r })
	return h
}

func (h *virtualTwin) Design() string          { return "reactor" }
func (h *virtualTwin) Settings() *herd.Config  { return &h.Config }
func (h *virtualTwin) Now() time.Time          { return h.Network.Seconds() }
func (h *virtualTwin) Advance(d time.Duration) { h.Network.Advance(d) }

func (h *virtualTwin) Running() []string { return running(h.Config.Servers, h.Servers) }

func running[Server any](members []herd.Server, servers map[string]Server) (names []string) {
	for _, m := range members {
		if _, runs := servers[m.Name]; runs {
			names = append(names, m.Name)
		}
	}
	return names
}

func (h *virtualTwin) Stop(server string) {
	h.last[server] = h.Servers[server]
	h.Virtual.Stop(server)
}

func (h *virtualTwin) Measures(server string) herd.Measures {
	h.t.Helper()
	s := h.Servers[server]
	if s == nil {
		s = h.last[server]
	}
	return s.Measures()
}

func (h *virtualTwin) Records(server string) string {
	var lines []string
	store := h.Servers[server].Store()
	store.Walk(herd.Cursor{}, store.Len(), func(line []byte) { lines = append(lines, string(line)) })
	slices.Sort(lines)
	return strings.Join(lines, "")
}

func (h *virtualTwin) SetKeys(server string, keys [][]byte) error {
	return h.Servers[server].SetKeys(keys)
}

func (h *virtualTwin) KeysFrom(server string, keys [][]byte)         { h.Keys[server] = keys }
func (h *virtualTwin) JournalOf(server string, journal herd.Backing) { h.Journals[server] = journal }
func (h *virtualTwin) SinkOf(server string, sink herd.Copyist)       { h.Sinks[server] = sink }
func (h *virtualTwin) ArchiveOf(server string, archive Archive)      { h.Archives[server] = archive }
func (h *virtualTwin) Take(server string, lines []byte) error        { return h.Servers[server].Take(lines) }

func (h *virtualTwin) Another(name string, config herd.Config, keys [][]byte) (status func() herd.Status) {
	h.t.Helper()
	return h.startOn(h.Network.Reactor("another "+name), config, name, keys).Status
}

func (h *virtualTwin) ConnectFrom(address, server string) Client {
	h.t.Helper()
	return h.connect(h.client, h.member(server).Clients, reactor.AddressFrom(netip.AddrPortFrom(netip.MustParseAddr(address), 0)))
}

func (h *virtualTwin) DialPeers(machine, server string) Client {
	h.t.Helper()
	return h.connect(h.Network.Reactor(machine), h.member(server).Peers, nil)
}

func (h *virtualTwin) Bus() *membus.Hub          { return &h.Hub }
func (h *virtualTwin) Cut(a, b string)           { h.Network.Cut(a, b) }
func (h *virtualTwin) CutOneWay(from, to string) { h.Network.CutOneWay(from, to) }
func (h *virtualTwin) Heal(a, b string)          { h.Network.Heal(a, b) }

func (h *virtualTwin) Slow(from, to string, bytesPerSecond int) {
	h.Network.SetLink(from, to, reactortest.Link{BytesPerSecond: bytesPerSecond})
}

func (h *virtualTwin) Dials(from, to string) int {
	server := h.member(to)
	return h.DialsTo(from, server.Bound().Peers)
}

func (h *virtualTwin) DialsTo(from, address string) int { return h.dials[[2]string{from, address}] }

// bubbleTwin is Bubble as a Twin.
type bubbleTwin struct{ *Bubble }

func inBubbleTwin(t *testing.T, o Setup, play func(t *testing.T, h Twin)) {
	t.Helper()
	InBubbleSet(t, begin, o.Change, func(b *Bubble) {
		b.Asking = o.Asking
		b.Faulty = goroutineherd.Faulty{NoResync: o.Fault.NoResync, Echo: o.Fault.Echo}
		if o.Fault.Unsaid != nil {
			b.Faulty.Unsaid = o.Fault.Unsaid()
		}
		b.Network.LookUp = func(ctx context.Context, host string) ([]netip.Addr, error) {
			select {
			case <-time.After(o.Asking):
				return o.LookUp(host)
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		for _, from := range b.Config.Servers {
			b.Network.Own(from.Name, from.Bound().Peers)
			for _, to := range b.Config.Servers {
				b.Network.Slow(from.Name, to.Name, o.Latency, 0)
			}
		}
	}, func(t *testing.T, b *Bubble) {
		// Where both ends dialled, the second attempt is still shaking hands when the
		// first link is open, and would outlive what the test does to that.
		b.Advance(10 * o.Latency)
		play(t, bubbleTwin{b})
	})
}

func (h bubbleTwin) Design() string         { return "goroutine" }
func (h bubbleTwin) Settings() *herd.Config { return &h.Config }
func (h bubbleTwin) Now() time.Time         { return time.Now() }
func (h bubbleTwin) Running() []string      { return running(h.Config.Servers, h.Servers) }

// Stop does not wait, as Bubble's does.
func (h bubbleTwin) Stop(server string) {
	s := h.Servers[server]
	delete(h.Servers, server)
	s.Stop()
}

func (h bubbleTwin) Measures(server string) herd.Measures {
	h.t.Helper()
	synctest.Wait()
	if s := h.Servers[server]; s != nil {
		return s.Measures()
	}
	for _, s := range slices.Backward(h.started) {
		if m := s.Measures(); m.Status.Name == server {
			return m
		}
	}
	h.t.Fatalf("there never was a server %s", server)
	return herd.Measures{}
}

func (h bubbleTwin) Records(server string) string {
	var lines []string
	h.Servers[server].Records(func(line []byte) { lines = append(lines, string(line)) })
	slices.Sort(lines)
	return strings.Join(lines, "")
}

func (h bubbleTwin) SetKeys(server string, keys [][]byte) error {
	return h.Servers[server].SetKeys(keys)
}

func (h bubbleTwin) KeysFrom(server string, keys [][]byte)         { h.Keys[server] = keys }
func (h bubbleTwin) JournalOf(server string, journal herd.Backing) { h.Journals[server] = journal }
func (h bubbleTwin) SinkOf(server string, sink herd.Copyist)       { h.Sinks[server] = sink }
func (h bubbleTwin) ArchiveOf(server string, archive Archive)      { h.Archives[server] = archive }
func (h bubbleTwin) Take(server string, lines []byte) error        { return h.Servers[server].Take(lines) }

func (h bubbleTwin) Another(name string, config herd.Config, keys [][]byte) (status func() herd.Status) {
	h.t.Helper()
	return h.startAt("another "+name, config, name, keys).Status
}

// Connect opens a client's connection, and lets the server have it.
func (h bubbleTwin) Connect(server string) Client {
	h.t.Helper()
	c := h.Bubble.Connect(server)
	synctest.Wait()
	return c
}

func (h bubbleTwin) ConnectFrom(address, server string) Client {
	h.t.Helper()
	c := h.dial("clients", net.ParseIP(address), h.member(server).Clients)
	synctest.Wait()
	return c
}

func (h bubbleTwin) DialPeers(machine, server string) Client {
	h.t.Helper()
	c := h.dial(machine, net.IPv4(127, 0, 0, 1), h.member(server).Peers)
	synctest.Wait()
	return c
}

func (h bubbleTwin) Bus() *membus.Hub { return &h.Hub }

func (h bubbleTwin) Cut(a, b string) {
	h.Network.Cut(a, b)
	h.Network.Cut(b, a)
}

func (h bubbleTwin) CutOneWay(from, to string) { h.Network.Cut(from, to) }

func (h bubbleTwin) Heal(a, b string) {
	h.Network.Heal(a, b)
	h.Network.Heal(b, a)
}

func (h bubbleTwin) Slow(from, to string, bytesPerSecond int) {
	h.Network.Slow(from, to, 0, bytesPerSecond)
}

func (h bubbleTwin) Dials(from, to string) int {
	server := h.member(to)
	return h.DialsTo(from, server.Bound().Peers)
}

func (h bubbleTwin) DialsTo(from, address string) int { return h.Network.Dials(from, address) }
