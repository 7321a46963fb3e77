package herd

import "time"

// Backbone says how updates travel among the servers, and what each of them holds. It
// must be the same at all of them.
type Backbone struct {
	// Kind is one of BackboneKinds. With links, the rest of this counts for nothing.
	Kind string `json:"kind"`

	// URL is where the NATS servers are: nats:// or tls://, a host and a port; several
	// with commas between them. Names and passwords do not stand in it, as settings
	// are shown and logged.
	URL string `json:"url"`

	// CredentialsFile is the path of a file that proves us to NATS, as its tools make
	// them (.creds). Empty: none is asked for.
	CredentialsFile string `json:"credentials_file"`

	// CAFile is the path of the certificates, in PEM, of who signs that of a NATS
	// server. Empty: those that the system trusts.
	CAFile string `json:"ca_file"`

	// Shards is into how many parts clients are divided, by their ids: a power of two
	// from 1 to 256, of which each server holds those in its own Shards.
	Shards int `json:"shards"`

	// Timeout is how long a command about a client whose shard a server does not hold
	// waits for one that does. From 1 ms to 1 minute.
	Timeout Duration `json:"timeout"`
}

// BackboneKinds are the ways in which updates travel among servers, as they are written
// in the key "backbone.kind".
var BackboneKinds = []string{BackboneLinks, BackboneNATS}

// The two of them.
const (
	BackboneLinks = "links" // flooded from neighbour to neighbour
	BackboneNATS  = "nats"  // published on a NATS server
)

// BackboneStatus is how a server stands with a herd that is joined by a bus. Its
// numbers count since the start.
type BackboneStatus struct {
	Connected bool   `json:"connected"`
	Error     string `json:"error"`  // why it is not; "" while it is
	Opened    int64  `json:"opened"` // connections so far

	Peers  []BackbonePeer `json:"peers"`  // who is there, by name
	Shards []ShardStatus  `json:"shards"` // all of them

	Published int64 `json:"published"` // messages
	Unsent    int64 `json:"unsent"`    // messages that could not be
	Received  int64 `json:"received"`  // messages
	Missed    int64 `json:"missed"`    // times that some were found to be missing
	Refused   int64 `json:"refused"`   // messages that nothing proves, or that make no sense

	Taken   int64 `json:"taken"`   // others' records that replaced a stored one
	Stale   int64 `json:"stale"`   // that were no newer than the stored one
	Dropped int64 `json:"dropped"` // lines that were no record, or one that there is no place for

	Compared int64 `json:"compared"` // comparisons of a shard that have come to an end
	Mended   int64 `json:"mended"`   // records that another lacked, and was sent
	Fetched  int64 `json:"fetched"`  // records that this server lacked, and has been sent

	Asked      int64 `json:"asked"`      // commands about clients whose shard is not held here
	Unanswered int64 `json:"unanswered"` // of those, how many nobody has answered
	Owned      int64 `json:"owned"`      // others' of those that were answered here
	Twins      int64 `json:"twins"`      // times that another server of this name was heard
}

// BackbonePeer is another server on the bus.
type BackbonePeer struct {
	Name   string    `json:"name"`
	Boot   string    `json:"boot"`
	Heard  time.Time `json:"heard"`  // when it last said that it is there
	Agrees bool      `json:"agrees"` // it hashes records as this server does
}

// ShardStatus is how a server stands with one shard of the clients.
type ShardStatus struct {
	Number  int       `json:"number"`
	Held    bool      `json:"held"`
	Others  int       `json:"others"`  // servers that hold it, beside this one
	Sync    Sync      `json:"sync"`    // unknown where it is not held
	Checked time.Time `json:"checked"` // when that was found; zero if never
	Differ  int       `json:"differ"`  // buckets that differed then
}

// ErrNotHeld is a record that other servers keep.
var ErrNotHeld = newReason("not_held", "this server does not hold the client's shard")

// elsewhere reports whether others keep a client's record, and this server does not.
func (n *Node) elsewhere(id []byte) bool { return n.holds != nil && !n.holds(id) }

// Found makes of a client's record, which another server has given as an AT line
// without its end, the Query of a WHATSAT that began with q. It is false if that is no
// record.
func (q Query) Found(line []byte) (Query, bool) {
	var r Record
	if ParseAT(line, &r) != nil {
		return Query{}, false
	}
	q.Latitude, q.Longitude, _ = ParseLocation(r.Location)
	return q, true
}
