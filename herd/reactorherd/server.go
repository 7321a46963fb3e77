// Package reactorherd is a server of the herd on a reactor: the node of package
// herd, its clients, its neighbours and its upstream, as Protocol and Factory
// objects in the manner of Twisted.
//
// Everything runs on the reactor's loop, so nothing here locks. The only work
// done elsewhere is the upstream's HTTP call. Package goroutineherd is the same
// server in goroutines, file by file; where the two must differ, it says why.
package reactorherd

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/netip"
	"slices"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/backbone"
	"proxyherd/herd/upstream"
	"proxyherd/herd/wirelog"
	"proxyherd/reactor"
)

// Upstream answers WHATSATs; *upstream.Client is one. Fetch is called on worker
// goroutines, several at once, and returns by the context's deadline.
type Upstream interface {
	Fetch(ctx context.Context, q upstream.Query) upstream.Result
}

// Archive knows clients that the herd does not; *sink.Sink is one. Find is called on
// worker goroutines, several at once, and returns by the context's deadline: the AT line,
// without its end, of a client, and nil if there is none.
type Archive interface {
	Find(ctx context.Context, id []byte) (line []byte, err error)
}

// Options is what a Server is made of.
type Options struct {
	// Name is the server's, in Config. Required.
	Name string
	// Config has passed Check, and the hosts that the server is to listen on are
	// literals: looking them up would hold it. Neighbours may have names.
	Config herd.Config
	// Keys prove the server to its neighbours, as Config.Identity takes them.
	Keys [][]byte
	// Upstream answers WHATSATs in the form of Kind. Required.
	Upstream Upstream
	Kind     upstream.Kind
	// Log takes every line and every event; nil takes none.
	Log *wirelog.Log
	// Journal keeps the records, and is closed by who opened it; nil: nobody does.
	Journal herd.Backing
	// Sink is given the records for a database, and closed by who opened it; nil: none.
	Sink herd.Copyist
	// Archive is asked about clients that the herd does not know; nil: nobody is.
	Archive Archive
	// Onlooker is shown what is passed on; nil: nobody is.
	Onlooker herd.Onlooker
	// Bus joins the servers, where Config has a backbone, and is closed by who made
	// it; nil: they are linked to neighbours.
	Bus backbone.Bus
	// Memory is where the records are; nil: on Go's heap.
	Memory herd.Memory
	// Random gives the server's boot and its nonces; nil is crypto/rand.
	Random io.Reader
	// Connections is the most clients at once; 0 is Config.Limits.Connections,
	// and no bound where that is 0 too.
	Connections int
	// Faulty is the zero value in every real server.
	Faulty Faulty
}

// Server is one member of the herd. New makes it; it belongs to its reactor.
//
// Twin: nothing here is guarded: the loop alone has it.
type Server struct {
	reactor  reactor.Reactor
	name     string
	config   herd.Config
	limits   herd.Limits
	upstream Upstream
	kind     upstream.Kind
	log      *wirelog.Log
	random   io.Reader
	faulty   Faulty
	journal  herd.Backing  // nil: none
	sink     herd.Copyist  // nil: none
	archive  Archive       // nil: none
	onlooker herd.Onlooker // nil: none

	seat   *seat            // nil, as is member: no backbone
	member *backbone.Member // the server's part in a backbone

	node     *herd.Node
	identity *herd.Identity
	boot     herd.Boot
	caps     []string // said in each HELLO; one tells under which secret the records are hashed
	started  time.Time
	stopping bool

	clients   *clientFactory
	listening []reactor.ListeningPort
	sessions  []*session // in no particular order
	watch     watch
	waiting   int       // WHATSATs
	unsaved   []unsaved // answers that wait for the journal, in the order of their marks
	asking    map[upstream.Query]*question
	shared    int64            // WHATSATs that joined an equal one
	closed    map[string]int64 // connections that we ended, by reason

	tally           tally
	yielded         int64  // turns that a client's commands filled
	whatsatsRefused int64  // WHATSATs that were too many to wait
	toldFull        rarely // the log, that there are
	toldArchive     rarely // and that the archive has failed

	links      *herd.Links
	neighbours []*neighbour // in the order of talks_to
	numbers    uint64       // links so far
	unproved   int          // connections of neighbours that have proved nothing yet
	sealing    sealing
	idle       func() // told when a session or a link is gone, while stopping
}

// New makes a server that does nothing before Start.
func New(r reactor.Reactor, o Options) (*Server, error) {
	member, found := o.Config.Server(o.Name)
	if !found {
		return nil, fmt.Errorf("%w: %q is in no entry of servers", herd.ErrUnknownName, o.Name)
	}
	if o.Upstream == nil || o.Kind == nil {
		return nil, errors.New("reactorherd: Options.Upstream and Options.Kind are required")
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.Connections == 0 {
		o.Connections = o.Config.Limits.Connections
	}
	s := &Server{
		reactor: r, name: o.Name, config: o.Config, limits: o.Config.Limits,
		upstream: o.Upstream, kind: o.Kind, log: o.Log, random: o.Random, faulty: o.Faulty, journal: o.Journal, sink: o.Sink, archive: o.Archive, onlooker: o.Onlooker,
		asking: map[upstream.Query]*question{}, closed: map[string]int64{}, links: herd.NewLinks(o.Name),
	}
	bounds := o.Kind.Bounds()
	var boot [8]byte
	if _, err := io.ReadFull(s.random, boot[:]); err != nil {
		return nil, fmt.Errorf("drawing the server's boot: %w", err)
	}
	var err error
	s.boot = herd.Boot(binary.BigEndian.Uint64(boot[:]))
	s.caps = o.Config.Capabilities(o.Keys)
	if s.identity, err = o.Config.Identity(o.Name, s.boot, o.Keys, s.caps...); err != nil {
		return nil, err
	}
	settings := o.Config.Settings(o.Name, herd.Bounds{MaxRadius: bounds.MaxRadius, MaxLimit: bounds.MaxLimit})
	settings.Key = herd.DigestKey(o.Keys[0])
	settings.Memory = o.Memory
	if s.journal != nil {
		settings.Refuse = s.journal.Refuses
	}
	settings.Fallback = s.archive != nil
	if o.Faulty.Settings != nil {
		o.Faulty.Settings(&settings)
	}
	if err := s.joins(&o, &settings); err != nil {
		return nil, err
	}
	if s.node, err = herd.NewNode(settings); err != nil {
		return nil, err
	}
	s.clients = newClientFactory(s, o.Connections)
	s.watch = watch{server: s, next: never}
	for _, name := range member.TalksTo {
		n, err := newNeighbour(s, name)
		if err != nil {
			return nil, err
		}
		s.neighbours = append(s.neighbours, n)
	}
	return s, nil
}

// Start takes what the journal has, listens for clients and neighbours and dials
// the neighbours. The error is the journal's, or names the address; what was opened before it is closed again. From here on
// the reactor's Stop is the server's orderly end.
func (s *Server) Start() error {
	member, _ := s.config.Server(s.name)
	bound := member.Bound()
	s.started = s.reactor.Seconds()
	if err := s.load(); err != nil {
		return err
	}
	s.reactor.SuggestThreadPoolSize(s.config.Upstream.Workers)
	if err := s.listen("clients", bound.Clients, s.clients); err != nil {
		return err
	}
	if bound.Peers != "" {
		if err := s.listen("peers", bound.Peers, newPeerFactory(s)); err != nil {
			s.stopListening()
			return err
		}
	}
	if _, err := s.reactor.AddSystemEventTrigger(reactor.Before, "shutdown", s.drain); err != nil {
		return err
	}
	for _, n := range s.neighbours {
		n.dial()
	}
	if s.member != nil {
		s.member.Start()
	}
	s.event(wirelog.Info, "server started", wirelog.F("server", s.name), wirelog.F("boot", s.boot.String()),
		wirelog.F("clients", s.listening[0].GetHost().String()))
	return nil
}

// backlog is how many connections may wait to be accepted.
const backlog = 1024

func (s *Server) listen(what, address string, f reactor.Factory) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%s listens for %s on %q, which is no address: %w", s.name, what, address, err)
	}
	p, err := s.reactor.ListenTCP(int(at.Port()), f, backlog, at.Addr().String())
	if err != nil {
		return fmt.Errorf("%s cannot listen for %s on %s (is another server running there?): %w", s.name, what, address, err)
	}
	s.listening = append(s.listening, p)
	return nil
}

func (s *Server) stopListening() {
	for _, p := range s.listening {
		p.StopListening()
	}
	s.listening = nil
}

// now is the time of the callback under way.
func (s *Server) now() herd.Timestamp {
	t := s.reactor.Seconds()
	return herd.Timestamp{Sec: t.Unix(), Nsec: int32(t.Nanosecond())}
}

func (s *Server) event(level wirelog.Level, message string, fields ...wirelog.Field) {
	s.log.Event(s.reactor.Seconds(), level, message, fields...)
}

// Store is the server's records, to be read on the loop.
func (s *Server) Store() *herd.Store { return s.node.Store() }

// Status is what the server says about itself. Call it on the loop.
func (s *Server) Status() herd.Status {
	st := herd.Status{
		Name: s.name, Design: "reactor", Boot: s.boot.String(), Started: s.started.Round(0), Stopping: s.stopping,
		Time: s.reactor.Seconds().Round(0), Closed: maps.Clone(s.closed),
		Connections: len(s.sessions), Waiting: s.waiting, Shared: s.shared, Surplus: s.whatsatsRefused, Yielded: s.yielded,
		Records: s.node.Store().Len(), RecordBytes: s.node.Store().Bytes(), Root: fmt.Sprintf("%016x", s.node.Store().Root()), Counters: s.node.Counters(),
		Answers: s.tally.answers.Status(), Links: s.Links(),
	}
	for i, p := range s.listening {
		if i == 0 {
			st.Clients = p.GetHost().String()
		} else {
			st.Peers = p.GetHost().String()
		}
	}
	if s.member != nil {
		joined := s.member.Status()
		st.Backbone = &joined
	}
	return st
}

// Links is how the server stands with its neighbours, as in Status. Call it on the loop.
func (s *Server) Links() (all []herd.LinkStatus) {
	all = slices.Grow(all, len(s.neighbours))
	for _, n := range s.neighbours {
		all = append(all, n.status())
	}
	return all
}
