// Package goroutineherd is a server of the herd in goroutines: what package
// reactorherd is on a reactor, with the same files, functions and order, so that the
// two can be read side by side.
//
// A connection has a goroutine that reads, carries out what it has read, writes what
// that floods to the links, and then the answers. What the system does not take at
// once, and an upstream's late answer, another goroutine writes, as long as there is
// some; a link has that one all the time. The records lie in shards, each under a lock
// of its own. No lock is held across a system call that waits, and none but a session's
// own across one that does not. Where several are held they are taken in this order: a
// session's or a link's, the server's or a shard's, the store's, an outbox's; an
// onlooker's is taken for itself.
package goroutineherd

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/backbone"
	"proxyherd/herd/upstream"
	"proxyherd/herd/wirelog"
)

// Upstream answers WHATSATs; *upstream.Client is one. Fetch is called on many
// goroutines at once, and returns by the context's deadline.
type Upstream interface {
	Fetch(ctx context.Context, q upstream.Query) upstream.Result
}

// Archive knows clients that the herd does not; *sink.Sink is one. Find is called on
// many goroutines, several at once, and returns by the context's deadline: the AT line,
// without its end, of a client, and nil if there is none.
type Archive interface {
	Find(ctx context.Context, id []byte) (line []byte, err error)
}

// Network is where a server listens and dials. The zero value is TCP. What it makes
// should be able to close its two directions one by one, as a *net.TCPConn can.
type Network struct {
	Listen func(address string) (net.Listener, error)
	Dial   func(ctx context.Context, address string) (net.Conn, error)
	// LookUp gives the addresses of a host's name; nil is the system's resolver. It
	// returns when ctx is done.
	LookUp func(ctx context.Context, host string) ([]netip.Addr, error)
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
	// Random gives the server's boot and its nonces; nil is crypto/rand. It is
	// called by one goroutine at a time.
	Random io.Reader
	// Connections is the most clients at once; 0 is Config.Limits.Connections,
	// and no bound where that is 0 too.
	Connections int
	// Network is TCP but in tests.
	Network Network
	// Faulty is the zero value in every real server.
	Faulty Faulty
}

// Server is one member of the herd. New makes it; its methods may be called on any
// goroutine.
//
// Twin: for each field, who guards it; and in which order locks are taken.
type Server struct {
	name     string
	config   herd.Config
	limits   herd.Limits
	upstream Upstream
	kind     upstream.Kind
	log      *wirelog.Log
	network  Network
	journal  herd.Backing  // nil: none
	sink     herd.Copyist  // nil: none
	archive  Archive       // nil: none
	onlooker herd.Onlooker // nil: none
	faulty   Faulty

	seat   *seat            // nil, as is member: no backbone
	member *backbone.Member // the server's part in a backbone

	store    *store
	settings herd.Settings
	desks    sync.Pool
	identity atomic.Pointer[herd.Identity]
	boot     herd.Boot
	caps     []string // said in each HELLO; one tells under which secret the records are hashed
	started  time.Time

	tally       tally
	waiting     atomic.Int64 // WHATSATs
	turns       atomic.Int64 // sessions that carry out input
	oneCore     bool
	workers     chan struct{}
	toldFull    rarely // the log, that too many WHATSATs wait
	toldArchive rarely // that the archive has failed
	toldAccept  rarely // and that connections cannot be accepted

	unsaved unsavedAnswers

	asking    sync.Mutex // guards questions
	questions map[upstream.Query]*question

	neighbours []*neighbour            // in the order of talks_to
	open       atomic.Pointer[[]*link] // on which updates travel; a new slice for each change

	mu        sync.Mutex // guards what follows, and what neighbours say is guarded
	random    io.Reader
	stopping  bool
	farewells []func() // BeforeStop's
	clients   clients
	listening []net.Listener
	sessions  []*session // in no particular order
	connected uint64
	closed    map[string]int64 // connections that we ended, by reason
	links     *herd.Links
	numbers   uint64         // links so far
	unproved  int            // connections of neighbours that have proved nothing yet
	peers     map[*link]bool // all that are connected, open or not
	left      *sync.Cond     // told when a session or a link is gone

	dialling context.Context // ends with stopDialling
	hangUp   context.CancelFunc
	running  sync.WaitGroup // goroutines
	ended    chan struct{}  // closed when all is over
}

// New makes a server that does nothing before Start.
func New(o Options) (*Server, error) {
	member, found := o.Config.Server(o.Name)
	if !found {
		return nil, fmt.Errorf("%w: %q is in no entry of servers", herd.ErrUnknownName, o.Name)
	}
	if o.Upstream == nil || o.Kind == nil {
		return nil, errors.New("goroutineherd: Options.Upstream and Options.Kind are required")
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.Connections == 0 {
		o.Connections = o.Config.Limits.Connections
	}
	s := &Server{
		name: o.Name, config: o.Config, limits: o.Config.Limits,
		upstream: o.Upstream, kind: o.Kind, log: o.Log, random: o.Random, network: o.Network.orTCP(), journal: o.Journal, sink: o.Sink, archive: o.Archive, onlooker: o.Onlooker, faulty: o.Faulty,
		workers:   make(chan struct{}, max(1, o.Config.Upstream.Workers)),
		questions: map[upstream.Query]*question{}, closed: map[string]int64{}, links: herd.NewLinks(o.Name),
		clients: clients{most: o.Connections, origins: map[netip.Addr]*origin{}},
		peers:   map[*link]bool{}, ended: make(chan struct{}),
	}
	s.left = sync.NewCond(&s.mu)
	s.unsaved.moved, s.unsaved.ended = make(chan struct{}, 1), make(chan struct{})
	s.oneCore = runtime.GOMAXPROCS(0) == 1
	s.open.Store(new([]*link))
	s.dialling, s.hangUp = context.WithCancel(context.Background())
	bounds := o.Kind.Bounds()
	var boot [8]byte
	if _, err := io.ReadFull(s.random, boot[:]); err != nil {
		return nil, fmt.Errorf("drawing the server's boot: %w", err)
	}
	s.boot = herd.Boot(binary.BigEndian.Uint64(boot[:]))
	s.caps = o.Config.Capabilities(o.Keys)
	identity, err := o.Config.Identity(o.Name, s.boot, o.Keys, s.caps...)
	if err != nil {
		return nil, err
	}
	s.identity.Store(identity)
	s.settings = o.Config.Settings(o.Name, herd.Bounds{MaxRadius: bounds.MaxRadius, MaxLimit: bounds.MaxLimit})
	s.settings.Key = herd.DigestKey(o.Keys[0])
	s.settings.Memory = o.Memory
	if s.journal != nil {
		s.settings.Refuse = s.journal.Refuses
	}
	s.settings.Fallback = s.archive != nil
	if o.Faulty.Settings != nil {
		o.Faulty.Settings(&s.settings)
	}
	if err := s.joins(&o, &s.settings); err != nil {
		return nil, err
	}
	if _, err = herd.NewNodeOn(s.settings, nil); err != nil {
		return nil, err
	}
	s.store = newStore(s.settings.Store())
	s.desks.New = func() any { return newDesk(s) }
	for _, name := range member.TalksTo {
		n, err := newNeighbour(s, name)
		if err != nil {
			return nil, err
		}
		s.neighbours = append(s.neighbours, n)
	}
	return s, nil
}

// orTCP fills in what is missing.
func (n Network) orTCP() Network {
	// Links ask for keep-alive themselves; clients have limits.
	listen, dialler := net.ListenConfig{KeepAlive: -1}, net.Dialer{KeepAlive: -1}
	if n.Listen == nil {
		n.Listen = func(address string) (net.Listener, error) {
			// Every IPv4 address would else be every address of IPv6 too.
			network := "tcp"
			if at, err := netip.ParseAddrPort(address); err == nil && at.Addr().Is4() {
				network = "tcp4"
			}
			return listen.Listen(context.Background(), network, address)
		}
	}
	if n.Dial == nil {
		n.Dial = func(ctx context.Context, address string) (net.Conn, error) {
			return dialler.DialContext(ctx, "tcp", address)
		}
	}
	if n.LookUp == nil {
		n.LookUp = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	return n
}

// Start takes what the journal has, listens for clients and neighbours and dials
// the neighbours. The error is the journal's, or names the address; what was opened before it is closed again. From here on Stop is
// the server's orderly end.
func (s *Server) Start() error {
	member, _ := s.config.Server(s.name)
	bound := member.Bound()
	s.started = time.Now()
	if err := s.load(); err != nil {
		return err
	}
	if err := s.listen("clients", bound.Clients, s.clientCame); err != nil {
		return err
	}
	if bound.Peers != "" {
		if err := s.listen("peers", bound.Peers, s.peerCame); err != nil {
			s.stopListening()
			return err
		}
	}
	s.followJournal()
	for _, n := range s.neighbours {
		s.running.Go(n.dial)
	}
	if s.member != nil {
		s.seat.start()
	}
	s.event(wirelog.Info, "server started", wirelog.F("server", s.name), wirelog.F("boot", s.boot.String()),
		wirelog.F("clients", s.listening[0].Addr().String()))
	return nil
}

func (s *Server) listen(what, address string, take func(net.Conn)) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%s listens for %s on %q, which is no address: %w", s.name, what, address, err)
	}
	l, err := s.network.Listen(at.String())
	if err != nil {
		return fmt.Errorf("%s cannot listen for %s on %s (is another server running there?): %w", s.name, what, address, err)
	}
	s.mu.Lock()
	s.listening = append(s.listening, l)
	s.mu.Unlock()
	s.running.Go(func() { s.accept(l, take) })
	return nil
}

func (s *Server) stopListening() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.listening {
		_ = l.Close() // accept returns with it
	}
	s.listening = nil
}

func timestamp(t time.Time) herd.Timestamp {
	return herd.Timestamp{Sec: t.Unix(), Nsec: int32(t.Nanosecond())}
}

func (s *Server) event(level wirelog.Level, message string, fields ...wirelog.Field) {
	s.log.Event(time.Now(), level, message, fields...)
}

// countClosed counts a connection that we ended.
func (s *Server) countClosed(why string) {
	s.mu.Lock()
	s.closed[why]++
	s.mu.Unlock()
}

// Status is what the server says about itself. What several goroutines change at
// the same time may be a moment apart.
func (s *Server) Status() herd.Status {
	counters, answers := s.tally.read()
	st := herd.Status{
		Name: s.name, Design: "goroutine", Boot: s.boot.String(), Started: s.started.Round(0), Time: time.Now().Round(0),
		Waiting: int(s.waiting.Load()), Shared: s.tally.shared.Load(), Surplus: s.tally.whatsatsRefused.Load(), Yielded: s.tally.yielded.Load(),
		Records: s.store.Len(), RecordBytes: s.store.Bytes(), Root: fmt.Sprintf("%016x", s.store.Root()), Counters: counters,
		Answers: answers.Status(), Links: s.Links(),
	}
	if s.member != nil {
		st.Backbone = s.seat.status()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st.Stopping, st.Connections, st.Closed = s.stopping, len(s.sessions), maps.Clone(s.closed)
	for i, l := range s.listening {
		if i == 0 {
			st.Clients = l.Addr().String()
		} else {
			st.Peers = l.Addr().String()
		}
	}
	return st
}

// Links is how the server stands with its neighbours, as in Status.
func (s *Server) Links() (all []herd.LinkStatus) {
	all = slices.Grow(all, len(s.neighbours))
	for _, n := range s.neighbours {
		all = append(all, n.status())
	}
	return all
}
