package herd

import "time"

// Status is what a server says about itself: on its status page, and in tests.
// It is plain data, a copy that nobody changes.
type Status struct {
	Name     string    `json:"name"`
	Design   string    `json:"design"`
	Boot     string    `json:"boot"` // as in the HELLO
	Started  time.Time `json:"started"`
	Time     time.Time `json:"time"` // the server's clock when it said this
	Stopping bool      `json:"stopping"`
	Clients  string    `json:"clients"` // the address that is listened on
	Peers    string    `json:"peers"`

	Connections int   `json:"connections"` // clients connected
	Waiting     int   `json:"waiting"`     // WHATSATs that wait for the upstream, and what waits for another server
	Shared      int64 `json:"shared"`      // WHATSATs that joined an equal one that waited
	Surplus     int64 `json:"surplus"`     // WHATSATs answered at once, as too many waited
	Yielded     int64 `json:"yielded"`     // turns that were full of one client's commands, or one neighbour's lines
	Records     int   `json:"records"`
	RecordBytes int64 `json:"record_bytes"`

	// Root is the digest of all records, in hex: servers that hold the same have
	// the same.
	Root string `json:"root"`

	Counters Counters `json:"counters"`

	// Closed counts the connections of clients and of neighbours that this server
	// closed, cut or refused, by the reason that its log gives.
	Closed map[string]int64 `json:"closed"`

	Links []LinkStatus `json:"links"` // in the order of talks_to

	// Answers is how long WHATSATs waited for the upstream.
	Answers AnswerStatus `json:"answers"`

	// Backbone is nil where servers are linked to their neighbours.
	Backbone *BackboneStatus `json:"backbone,omitempty"`

	// Journal is nil where there is none.
	Journal *JournalStatus `json:"journal,omitempty"`

	// Sink is nil where there is none.
	Sink *SinkStatus `json:"sink,omitempty"`

	// Loop is nil where nobody measures the turns of the loop.
	Loop *LoopStatus `json:"loop,omitempty"`

	// Upstream is nil where nobody counts what is asked there.
	Upstream *UpstreamStatus `json:"upstream,omitempty"`
}

// AnswerStatus is how many WHATSATs were answered after they had waited for the
// upstream, and how long they waited in all.
type AnswerStatus struct {
	Count   uint64  `json:"count"`
	Seconds float64 `json:"seconds"`
}

// LoopStatus is how long a server's loop was held up.
type LoopStatus struct {
	Slow uint64 `json:"slow_turns"` // turns that took too long, each with a line in the log

	// Slowest is the slowest turn of the last one to two minutes, 0 if there was
	// none, and Callback what took longest in it.
	Slowest  float64 `json:"slowest_seconds"`
	Callback string  `json:"slowest_callback"`
}

// UpstreamStatus is what a server's questions to the upstream came to. Every
// question that was asked ends in one of Answered to Broken. The fields are
// those of package upstream's Stats, in their order, so that one converts into
// the other.
type UpstreamStatus struct {
	Asked    int64 `json:"asked"`
	Requests int64 `json:"requests"` // sent, those of Retried among them
	Dialled  int64 `json:"dialled"`  // connections opened for them; the others went over one that was there
	Retried  int64 `json:"retried"`  // second attempts
	Shared   int64 `json:"shared"`   // questions that joined an equal one under way
	Cached   int64 `json:"cached"`   // questions answered from the cache

	Answered    int64 `json:"answered"`
	Timeouts    int64 `json:"timeouts"`
	Withdrawn   int64 `json:"withdrawn"` // the client was gone
	Unreachable int64 `json:"unreachable"`
	CutOff      int64 `json:"cut_off"`
	TooLong     int64 `json:"too_long"`
	NotJSON     int64 `json:"not_json"`
	Refused     int64 `json:"refused"` // answered with an error
	Limited     int64 `json:"limited"` // asked too often, or not asked for that reason
	Resting     int64 `json:"resting"` // not asked, as too many before had failed
	Broken      int64 `json:"broken"`  // this program's own fault

	Breaker     string `json:"breaker"`      // closed (all is well), open or half-open
	PausedUntil int64  `json:"paused_until"` // when it may be asked again, in seconds since 1970; 0: now
}

// Sync is what the last comparison of two neighbours' records came to.
type Sync string

// The three outcomes. A comparison that is older than SyncTrust counts for
// nothing.
const (
	InSync  Sync = "in_sync" // they held the same, but for what was on its way
	Behind  Sync = "behind"  // they did not
	Unknown Sync = "unknown" // there was none
)

// LinkStatus is how a server stands with one neighbour.
type LinkStatus struct {
	Peer string `json:"peer"`
	Up   bool   `json:"up"`
	Role Role   `json:"role,omitempty"` // this server's, while up
	Boot string `json:"boot,omitempty"` // the neighbour's, while up

	// RoundTrip is the time that a heartbeat and its echo took, and Clock how far
	// the neighbour's clock is ahead of this server's, both in seconds. 0 where no
	// heartbeat has told.
	RoundTrip float64 `json:"round_trip_seconds"`
	Clock     float64 `json:"clock_seconds"`

	Waiting int64 `json:"waiting_bytes"` // handed over, and not taken by the system yet
	Changed int   `json:"changed"`       // clients noted for a neighbour that is slow
	Dumping bool  `json:"dumping"`       // the whole store is on its way to it

	Sync    Sync      `json:"sync"`
	Checked time.Time `json:"checked"` // when that was found; zero if never
	Differ  int       `json:"differ"`  // buckets that differed then
	Resync  Resync    `json:"resync"`  // the last that had something to do

	Opened int64  `json:"opened"` // links opened so far
	Losses []Loss `json:"losses"` // the last ones, newest last; at most MaxLosses
}

// Resync is an exchange of records between two neighbours that held different
// ones, as the server that dialled counts it.
type Resync struct {
	At         time.Time `json:"at"` // when it ended; zero if there was none
	RoundTrips int       `json:"round_trips"`
	Sent       int64     `json:"sent"`     // records
	Received   int64     `json:"received"` // records
	Bytes      int64     `json:"bytes"`    // in both directions, records included
}

// Loss is the end of a link, or of an attempt at one.
type Loss struct {
	At     time.Time `json:"at"`
	Reason string    `json:"reason"` // a short name, as in the log
}

// MaxLosses is how many losses of a link are remembered.
const MaxLosses = 8
