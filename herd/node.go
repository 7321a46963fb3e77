package herd

import (
	"fmt"
	"time"
)

// overlong is the answer to a line that is longer than a client may send. The
// line itself is not repeated: nobody kept it.
var overlong = fmt.Sprintf("? line longer than %d bytes\n", MaxClientLine)

// Settings is what a Node needs to know.
type Settings struct {
	Name   string   // the server's, as Server.Name
	Future Duration // as Config.Future
	Bounds Bounds   // of a WHATSAT's numbers, as the upstream has them
	Room   Room     // for records that clients bring

	Key     HashKey // as StoreSettings.Key
	Buckets int     // as StoreSettings.Buckets
	Memory  Memory  // as StoreSettings.Memory

	// PeerRoom is for records that neighbours bring. Its zero value is twice Room,
	// as every real server has it, and Order is nil there: see StoreSettings.
	PeerRoom Room
	Order    func(a, b Record) int

	// Holds says whether this server is one of those that keep a client's record; nil:
	// all servers keep all.
	Holds func(id []byte) bool

	// Refuse says whether reports are invalid for now, as Backing.Refuses; nil: no.
	Refuse func() bool

	// Fallback says that somebody else may know a client that the store does not: see
	// Result.Unknown.
	Fallback bool
}

// Node is what one server knows and how it answers: it takes the lines of
// clients and neighbours and says what to send to whom.
//
// Only NewNode makes one. It is for one goroutine at a time. The slices that its
// methods return are views of the Node and of the line they were given: valid
// until the next call, and as long as that line.
type Node struct {
	head     []byte // "AT ", the server's name and a blank: how its answers begin
	name     []byte // of the server, in the head
	bounds   Bounds
	room     Room // for clients' records
	peerRoom Room
	refuse   func() bool
	fallback bool
	holds    func(id []byte) bool
	store    Keeper
	own      *Store // what NewNode made; nil on a Keeper of the caller's
	counters Counters

	// Used again for each line, so that none costs memory.
	command Command
	record  Record
	answer  []byte
	ahead   ahead // see Ahead
}

// Keeper is where a Node keeps its records: a Store, or something that is one for
// many goroutines, with the methods of the same names. What Get reads into r must
// stay what it is until the Node's next call.
type Keeper interface {
	Put(r *Record, room Room) (changed bool, err error)
	Get(id []byte, r *Record) bool
	Len() int
	Bytes() int64
}

// Counters counts what a Node took since it was made.
type Counters struct {
	IAMAT   uint64 `json:"iamat"`   // reports answered with an AT line, stale ones included
	Stale   uint64 `json:"stale"`   // of those, how many were no newer than the stored record
	WHATSAT uint64 `json:"whatsat"` // questions passed to the upstream
	Invalid uint64 `json:"invalid"` // lines answered with "?", whatever the reason
	Full    uint64 `json:"full"`    // of those, how many were reports that the store had no room for
	Unsaved uint64 `json:"unsaved"` // and how many were refused as the journal's disk had failed

	PeerTaken   uint64 `json:"peer_taken"`   // neighbours' records that replaced a stored one
	PeerStale   uint64 `json:"peer_stale"`   // that were no newer than the stored one
	PeerDropped uint64 `json:"peer_dropped"` // neighbours' lines that were no AT line
	PeerFull    uint64 `json:"peer_full"`    // neighbours' records that the store had no room for
}

// Add adds what another Node has counted.
func (c *Counters) Add(more Counters) {
	c.IAMAT += more.IAMAT
	c.Stale += more.Stale
	c.WHATSAT += more.WHATSAT
	c.Invalid += more.Invalid
	c.Full += more.Full
	c.Unsaved += more.Unsaved
	c.PeerTaken += more.PeerTaken
	c.PeerStale += more.PeerStale
	c.PeerDropped += more.PeerDropped
	c.PeerFull += more.PeerFull
}

// Result is what a client's line asks for.
type Result struct {
	// Verb is what the line was. Invalid: anything answered with "?".
	Verb Verb

	// Unknown says of a WHATSAT that the store does not have the client ID, where
	// Settings.Fallback is set. There is no Answer then: whoever has looked for the
	// client elsewhere calls ReceiveAgain.
	Unknown bool
	// Elsewhere says that others keep the client's record. Of an IAMAT, Answer is then
	// for when one of them has it. Of a WHATSAT there is no Answer yet: the record is
	// of the client ID, and Query.Found completes the Query with it.
	Elsewhere bool
	ID        []byte // of a WHATSAT that is one of the two

	// Answer is a whole line with its end. For a WHATSAT it is only the first of
	// two: the upstream's line follows it, and both leave together.
	Answer []byte

	// Flood is the line, with its end, for every neighbour; nil when there is
	// nothing to tell them.
	Flood []byte

	// Query is what to ask the upstream, for a WHATSAT.
	Query Query
}

// Query is a WHATSAT as the upstream needs it: texts as the client wrote them
// (signs included), to be copied by whoever keeps them.
type Query struct {
	Latitude, Longitude []byte // degrees
	Radius              []byte // km
	Limit               int    // results
}

// NewNode returns a Node with an empty store. The error wraps ErrBadName,
// ErrOutOfRange or ErrBadBounds.
func NewNode(s Settings) (*Node, error) {
	n, err := NewNodeOn(s, nil)
	if err != nil {
		return nil, err
	}
	n.own = NewStore(s.Store())
	n.store = n.own
	return n, nil
}

// NewNodeOn returns a Node whose records are in k, where other Nodes may have
// theirs too. The errors are NewNode's.
func NewNodeOn(s Settings, k Keeper) (*Node, error) {
	if err := checkToken("name", s.Name); err != nil {
		return nil, err
	}
	if err := checkDuration("future", s.Future, 0, maxFuture); err != nil {
		return nil, err
	}
	if err := checkRange("records", int64(s.Room.Records), 0, MaxRecords); err != nil {
		return nil, err
	}
	if err := s.Bounds.check(); err != nil {
		return nil, err
	}
	if s.Buckets != 0 {
		if err := checkBuckets("buckets", s.Buckets); err != nil {
			return nil, err
		}
	}
	if s.PeerRoom == (Room{}) {
		s.PeerRoom = s.Room.twice()
	}
	head := []byte("AT " + s.Name + " ")
	return &Node{
		head:     head,
		name:     head[len("AT ") : len(head)-1],
		bounds:   s.Bounds,
		room:     s.Room,
		peerRoom: s.PeerRoom,
		refuse:   s.Refuse,
		fallback: s.Fallback,
		holds:    s.Holds,
		store:    k,
	}, nil
}

// Store returns what a Node's store needs.
func (s Settings) Store() StoreSettings {
	return StoreSettings{Future: time.Duration(s.Future), Key: s.Key, Buckets: s.Buckets, Memory: s.Memory, Order: s.Order}
}

// Settings returns what the named server's Node needs, from a Config that has
// passed Check and the bounds of its upstream. The Key is the caller's to set.
func (c *Config) Settings(name string, b Bounds) Settings {
	room := Room{Records: c.Limits.Records, Bytes: c.Limits.RecordBytes}
	return Settings{Name: name, Future: c.Future, Bounds: b, Room: room, Buckets: c.DigestBuckets}
}

// Store returns the records of a Node that NewNode made, to be read between two
// calls of the Node.
func (n *Node) Store() *Store { return n.own }

// Counters returns what the Node has counted so far.
func (n *Node) Counters() Counters { return n.counters }

// TakeCounters is Counters, and begins to count anew: for who adds up what several
// Nodes have counted.
func (n *Node) TakeCounters() (c Counters) {
	c, n.counters = n.counters, Counters{}
	return c
}

// Receive takes a client's line, exactly as it came but without its line end, at
// the time now. A report takes effect at once.
func (n *Node) Receive(line []byte, now Timestamp) (r Result) {
	read := len(line) <= MaxClientLine && ParseCommand(line, &n.command)
	where := n.aheadNext()
	// It is filled in where the caller has room for it: it is large, and a copy at each
	// step would take a goroutine's stack of 4 kB past its end.
	switch {
	case len(line) > MaxClientLine:
		r = n.LineTooLong()
	case !read:
		n.invalid(&r, line)
	case n.command.Verb == IAMAT:
		n.report(&r, line, where, now)
	default:
		n.question(&r, line, n.fallback)
	}
	return r
}

// ReceiveAgain takes a WHATSAT for which Receive has returned Unknown. Whoever is not
// in the store by now is unknown for good.
func (n *Node) ReceiveAgain(line []byte) (r Result) {
	ParseCommand(line, &n.command) // as before
	n.question(&r, line, false)
	return r
}

// LineTooLong is Receive for a line of more than MaxClientLine bytes, of which
// the caller kept nothing. The connection is to be closed after the answer.
func (n *Node) LineTooLong() Result {
	n.counters.Invalid++
	n.answer = append(n.answer[:0], overlong...)
	return Result{Answer: n.answer}
}

// report answers an IAMAT. What it stores is what a neighbour will read from the
// AT line, so that all servers store the same, and no line that a neighbour would
// refuse is ever stored, answered or passed on.
func (n *Node) report(r *Result, line []byte, where hint, now Timestamp) {
	if n.refuse != nil && n.refuse() {
		n.counters.Unsaved++
		n.invalid(r, line)
		return
	}
	c := &n.command
	n.answer = AppendDifference(append(n.answer[:0], n.head...), now.Sub(c.Client))
	difference := n.answer[len(n.head):]
	n.answer = append(c.appendReport(append(n.answer, ' '), line), '\n')
	if !n.record.report(withoutEnd(n.answer), n.name, difference, c, now) {
		n.invalid(r, line)
		return
	}
	n.record.hint = where
	if n.elsewhere(c.ID) {
		n.counters.IAMAT++
		r.Verb, r.Answer, r.Elsewhere = IAMAT, n.answer, true
		return
	}
	changed, err := n.store.Put(&n.record, n.room)
	if err != nil {
		n.counters.Full++
		n.invalid(r, line)
		return
	}
	n.counters.IAMAT++
	r.Verb, r.Answer = IAMAT, n.answer
	if changed {
		r.Flood = n.answer
	} else {
		n.counters.Stale++
	}
}

// question answers a WHATSAT with the record of this moment.
func (n *Node) question(r *Result, line []byte, fallback bool) {
	c := &n.command
	if !n.bounds.Allow(c.Radius, c.Limit) {
		n.invalid(r, line)
		return
	}
	r.Query.Radius, r.Query.Limit = c.Radius, c.Limit
	if n.elsewhere(c.ID) {
		n.counters.WHATSAT++
		r.Verb, r.Elsewhere, r.ID = WHATSAT, true, c.ID
		return
	}
	if !n.store.Get(c.ID, &n.record) {
		if fallback {
			*r = Result{Verb: WHATSAT, Unknown: true, ID: c.ID}
		} else {
			n.invalid(r, line)
		}
		return
	}
	n.counters.WHATSAT++
	n.answer = n.record.AppendLine(n.answer[:0])
	r.Verb, r.Answer = WHATSAT, n.answer
	r.Query.Latitude, r.Query.Longitude, _ = ParseLocation(n.record.Location)
}

// invalid answers a line that is no command, or not one that can be carried out.
func (n *Node) invalid(r *Result, line []byte) {
	n.counters.Invalid++
	n.answer = AppendRefusal(n.answer[:0], line)
	*r = Result{Answer: n.answer}
}

// ReceivePeer takes a neighbour's line, without its line end. If it replaced a
// stored record, flood is the line, with its end, for every other neighbour; a
// record that did not is no error. An error that wraps ErrStoreFull means that
// the link must be closed; any other is ErrNotHeld or one of ParseAT's, and the line is dropped
// and the link stays.
func (n *Node) ReceivePeer(line []byte) (flood []byte, err error) {
	err = ParseAT(line, &n.record)
	n.record.hint = n.aheadNext()
	if err != nil {
		n.counters.PeerDropped++
		return nil, err
	}
	if n.elsewhere(n.record.ID) {
		n.counters.PeerDropped++
		return nil, ErrNotHeld
	}
	changed, err := n.store.Put(&n.record, n.peerRoom)
	if err != nil {
		n.counters.PeerFull++
		return nil, fmt.Errorf("%w: it holds %d records in %d bytes; raise limits.records or limits.record_bytes",
			err, n.store.Len(), n.store.Bytes())
	}
	if !changed {
		n.counters.PeerStale++
		return nil, nil
	}
	n.counters.PeerTaken++
	n.answer = n.record.AppendLine(n.answer[:0])
	return n.answer, nil
}

// Load takes a record of the server's own journal: an AT line, without its end, as
// ReceivePeer takes one, and with the same room. It counts nothing. The error is one
// of ParseAT's, ErrNotHeld or ErrStoreFull.
func (n *Node) Load(line []byte) error {
	if err := ParseAT(line, &n.record); err != nil {
		return err
	}
	if n.elsewhere(n.record.ID) {
		return ErrNotHeld
	}
	_, err := n.store.Put(&n.record, n.peerRoom)
	return err
}

// AppendRefusal appends the answer to a client's line that is invalid.
func AppendRefusal(dst, line []byte) []byte {
	return append(append(append(dst, "? "...), line...), '\n')
}
