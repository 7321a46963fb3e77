package herd

import "time"

// Designs are the ways of building a server that this program knows, as they
// are written in a server's "design" key. An empty key means the first of them.
var Designs = []string{"reactor", "goroutine"}

// UpstreamKinds are the services that can answer a WHATSAT, as they are written
// in the key "upstream.kind".
var UpstreamKinds = []string{"twitter", "twitter11", "x", "places", "places-new", "wikipedia"}

// UpstreamFormats are what the key "upstream.format" takes beside nothing: the
// formats that answers of the kind x can be rewritten in.
var UpstreamFormats = []string{"2012"}

// SinkKinds are the databases that can be a sink, as they are written in the key
// "sink.kind"; nothing there is no sink.
var SinkKinds = []string{SinkRedis, SinkPostgres}

// The two of them.
const (
	SinkRedis    = "redis"
	SinkPostgres = "postgres"
)

// LogLevels are the levels that the key "log.level" takes, quietest first.
var LogLevels = []string{"error", "warn", "info", "debug", "trace"}

// Config holds every setting of a herd. One file serves the whole herd: each
// server reads the same Config and finds itself in Servers by name.
//
// The zero Config is not usable; start from Default. Check says whether a
// Config can be run. A Config is plain data: whoever holds it may copy it, and
// must not change it while a server runs on it.
type Config struct {
	// Herd is the herd's own name, told in the handshake so that servers of two
	// herds never link by accident. One token, at most 255 bytes.
	Herd string `json:"herd"`

	// Future is how far ahead of the time of receipt a client's clock counts
	// when reports are ordered; see Compare. It must be the same at every server
	// (the handshake checks it), in whole seconds, from 0 to 24 hours.
	Future Duration `json:"future"`

	// Servers are the members of the herd and who talks to whom.
	Servers []Server `json:"servers"`

	// Upstream is the service that a WHATSAT asks.
	Upstream Upstream `json:"upstream"`

	// SecretFile is the path of the file that holds the secret shared by the
	// servers. Empty: a secret kept beside the config, on loopback only.
	SecretFile string `json:"secret_file"`

	// HTTPTokenFile is the path of the file with the token that requests to the http
	// ports must bring. Empty: none is asked for, and the ports are on loopback only.
	HTTPTokenFile string `json:"http_token_file"`

	// LinkMAC says that what travels on a link carries proofs of who sent it, for
	// links between machines outside an encrypted tunnel. It must be the same at
	// both ends of a link.
	LinkMAC bool `json:"link_mac"`

	// DigestBuckets is in how many parts two neighbours compare what they hold: a
	// power of two from 16 to 1,048,576. Where they differ, the smaller counts.
	DigestBuckets int `json:"digest_buckets"`

	// Log says where each server writes its log, and how much.
	Log Log `json:"log"`

	// Journal says where each server keeps its records on disk, if it does.
	Journal Journal `json:"journal"`

	// Sink says to which database servers write the newest record of each client, if
	// they do.
	Sink Sink `json:"sink"`

	// Backbone says how updates travel among the servers.
	Backbone Backbone `json:"backbone"`

	// Limits are the bounds on what a server takes in, holds and waits for.
	Limits Limits `json:"limits"`
}

// Server is one member of the herd. Addresses are "host:port" texts: the host is a
// name, or an IPv4 or IPv6 literal without a zone; IPv6 stands in brackets.
type Server struct {
	// Name is how clients and neighbours know the server. One token of 1 to 255
	// bytes without control bytes or "/" (the name is also a file's name).
	Name string `json:"name"`

	// Clients is the address where clients are served. Port 0 means any free
	// port. Required.
	Clients string `json:"clients"`

	// Peers is the address where neighbours are served, and which they dial: they
	// look its host up at each attempt. Required if TalksTo names anybody; port 0 is
	// refused, as nobody could dial it.
	Peers string `json:"peers"`

	// HTTP is the address of the status page and the metrics. Empty: none. Port
	// 0 means any free port. Beyond loopback it needs HTTPTokenFile.
	HTTP string `json:"http"`

	// Listen is where the server listens instead of these three.
	Listen Listen `json:"listen"`

	// TalksTo names the neighbours. A link is listed at both of its ends.
	TalksTo []string `json:"talks_to"`

	// Design says how the server is built: one of Designs, or empty for the first.
	Design string `json:"design"`

	// Shards are the numbers, from 0, of the shards of clients that the server holds
	// on a backbone that divides them. Empty: all.
	Shards []int `json:"shards"`
}

// Upstream says which service answers a WHATSAT, and how long it may take.
type Upstream struct {
	// Kind is one of UpstreamKinds.
	Kind string `json:"kind"`

	// URL is the address of the service: http:// or https:// and a host. Empty:
	// the kind's own, which for twitter, whose own is gone, is the offline
	// stand-in on this machine.
	URL string `json:"url"`

	// KeyEnv is the environment variable that holds the service's key. Empty:
	// none. A key stands in no setting, as settings are shown and logged.
	KeyEnv string `json:"key_env"`

	// KeyFile is the path of a file that holds the key instead. Empty: none.
	KeyFile string `json:"key_file"`

	// Format is one of UpstreamFormats, for the kind x alone; empty is the
	// service's own.
	Format string `json:"format"`

	// Timeout runs from the arrival of a WHATSAT to its answer, waiting for a
	// worker included. From 1 ms to 10 minutes.
	Timeout Duration `json:"timeout"`

	// AttemptTimeout is how much of it one attempt may take; there is a second
	// one if the first fails by the service's fault. From 1 ms to 10 minutes; 0
	// is three fifths of Timeout.
	AttemptTimeout Duration `json:"attempt_timeout"`

	// ConnectTimeout is how long a connection may take to come about. From 1 ms
	// to 10 minutes.
	ConnectTimeout Duration `json:"connect_timeout"`

	// Cache is how long an answer serves for equal questions. 0, or 1 s to 24
	// hours; 0 only for the kinds of Google Places, whose terms forbid storing.
	Cache Duration `json:"cache"`

	// Workers is how many questions may be under way at once. From 1 to 4,096.
	Workers int `json:"workers"`
}

// Log says where a server writes its log, and how much.
type Log struct {
	// Dir is the directory of the logs; a server writes Dir/Name.log.
	Dir string `json:"dir"`

	// Level is the least serious event that is written: one of LogLevels.
	Level string `json:"level"`

	// Lines says whether every line to and from clients and neighbours is
	// written too.
	Lines bool `json:"lines"`

	// FlightRecorder says whether the last seconds of what the process did are kept
	// and written to a file when a turn of the loop was slow. It costs processor
	// time all along; docs/operating.md says how much.
	FlightRecorder bool `json:"flight_recorder"`

	// ThreadTime says whether turns of the loop are measured by the processor time
	// of its thread too, which costs two system calls a turn. In goroutines there is
	// no loop, and it means nothing.
	ThreadTime bool `json:"thread_time"`
}

// Journal says where a server keeps its records on disk.
type Journal struct {
	// Dir is the directory of the journals; a server's own is Dir/Name. Empty: no
	// server has one.
	Dir string `json:"dir"`

	// Fsync is when what was taken is safe: one of Fsyncs.
	Fsync string `json:"fsync"`
}

// Sink says to which database servers write the newest record of each client.
type Sink struct {
	// Kind is one of SinkKinds. Empty: there is none, and nothing below counts.
	Kind string `json:"kind"`

	// URL is where the database is: redis:// or rediss://, postgres:// or
	// postgresql://, then user, host, port and database, and no password, as
	// settings are shown and logged.
	URL string `json:"url"`

	// PasswordEnv is the environment variable that holds the password. Empty: none.
	PasswordEnv string `json:"password_env"`

	// PasswordFile is the path of a file that holds it instead. Empty: none.
	PasswordFile string `json:"password_file"`

	// Servers are the names of those that write. Empty: all do.
	Servers []string `json:"servers"`

	// Batch is how many records are written at once. From 1 to 10,000.
	Batch int `json:"batch"`

	// Interval is how long records gather before they are written. From 1 ms to 1
	// minute.
	Interval Duration `json:"interval"`

	// Bound is how many bytes of records may wait for the database; beyond it they
	// are forgotten, and the whole store is written once the database takes
	// something again. From 65,536 bytes to 64 GiB.
	Bound int64 `json:"bound"`

	// Load says that a server which starts with nothing, and has found no neighbour
	// that has anything, takes what the database has.
	Load bool `json:"load"`

	// Fallback says that a WHATSAT for a client of which the herd has nothing asks
	// the database.
	Fallback bool `json:"fallback"`
}

// Limits bounds what one server takes in, holds and waits for. The length of a
// line is not here: it is part of the protocol (MaxClientLine, MaxPeerLine).
type Limits struct {
	// Connections is how many clients may be connected at once. 0: as many as
	// the process may open files, less 32 kept for links and the server itself.
	Connections int `json:"connections"`

	// ConnectionsPerAddress is how many of them may come from one IPv4 address, or
	// from one /64 network of IPv6, which is what one machine has. 0: no bound, as
	// many clients may share one.
	ConnectionsPerAddress int `json:"connections_per_address"`

	// FirstByte is how long a new client may say nothing. 0: for ever. At most 24
	// hours, as the two below.
	FirstByte Duration `json:"first_byte"`

	// PartialLine is how long a client may take over one line. 0: for ever.
	PartialLine Duration `json:"partial_line"`

	// Idle is how long a client may say nothing after that, while no answer of
	// its own waits. 0: for ever.
	Idle Duration `json:"idle"`

	// CommandsPerTurn is how many commands of one client are carried out before
	// the others have their turn. From 1 up.
	CommandsPerTurn int `json:"commands_per_turn"`

	// OutputPerClient is how many bytes of answers may wait for a client that
	// does not read them. A session that has more reads no further command until
	// its client has taken them. From 32,768 bytes (a longest answer) up.
	OutputPerClient int `json:"output_per_client"`

	// OutputPerClientMost is how many bytes of answers may wait before the client
	// is cut off: those of WHATSATs come after their commands were read. From
	// OutputPerClient up.
	OutputPerClientMost int `json:"output_per_client_most"`

	// WaitingWhatsatsPerClient is how many WHATSATs of one client may wait for
	// the upstream; a session with that many reads no further command until one
	// of them is answered. From 1 up.
	WaitingWhatsatsPerClient int `json:"waiting_whatsats_per_client"`

	// WaitingWhatsats is how many WHATSATs may wait in the whole server. One more
	// is answered at once, as if the upstream had failed. From 1 up.
	WaitingWhatsats int `json:"waiting_whatsats"`

	// Records is how many clients' records may be held. An IAMAT that brings a
	// new client beyond it is invalid; neighbours' records are taken up to twice
	// as many. From 1 to MaxRecords.
	Records int `json:"records"`

	// RecordBytes bounds the bytes of those records in the same way; a report of
	// a known client that needs no more room is always taken. From 65,536 to 64 GiB.
	RecordBytes int64 `json:"record_bytes"`

	// CloseTimeout is how long a connection that is being closed may take to
	// send what waits, before it is cut. From 1 ms to 1 hour.
	CloseTimeout Duration `json:"close_timeout"`

	// CloseAfterReply closes a client's connection after the answer to its first
	// command, for clients that read to the end of the stream.
	CloseAfterReply bool `json:"close_after_reply"`

	// LogQueue is how many bytes of log may wait for the disk; what comes beyond
	// is dropped, counted and reported in the log. From 65,536 bytes up.
	LogQueue int `json:"log_queue"`

	// UnprovedPeers is how many connections to the port for neighbours may be open
	// that have not proved the secret yet; one more is closed. They take of the 32
	// descriptors that are kept back. From 1 up.
	UnprovedPeers int `json:"unproved_peers"`

	// LinesPerTurn is how many lines of one neighbour are taken before the others
	// have their turn. From 1 up. A server in goroutines has no turns.
	LinesPerTurn int `json:"lines_per_turn"`

	// PeerOutput is how many bytes may wait for a slow neighbour; above it the
	// server notes which clients changed, and no longer their messages. From
	// 65,536 bytes up.
	PeerOutput int `json:"peer_output"`

	// PeerChanged is how many changed clients are noted for a slow neighbour;
	// above it, only that the whole store must be sent again. From 1 up.
	PeerChanged int `json:"peer_changed"`

	// PeerStall is how long a neighbour that has output waiting may take none of
	// it before the link is closed and dialled again. From 1 ms to 1 hour.
	PeerStall Duration `json:"peer_stall"`
}

// standInURL is where the built-in herd finds the offline stand-in, as Twitter's
// search.
const standInURL = "http://127.0.0.1:12300/search.json"

// Default returns the settings of the built-in herd: five servers on loopback,
// asking the offline stand-in. Each call returns slices of its own, so the
// caller may change what it gets.
func Default() Config {
	return Config{
		Herd:   "herd",
		Future: Duration(5 * time.Minute),
		Servers: []Server{
			{Name: "Farmar", Clients: "127.0.0.1:12000", Peers: "127.0.0.1:12100", HTTP: "127.0.0.1:12200", TalksTo: []string{"Meeks", "Young"}, Shards: []int{}},
			{Name: "Gasol", Clients: "127.0.0.1:12001", Peers: "127.0.0.1:12101", HTTP: "127.0.0.1:12201", TalksTo: []string{"Meeks", "Young"}, Shards: []int{}},
			{Name: "Hill", Clients: "127.0.0.1:12002", Peers: "127.0.0.1:12102", HTTP: "127.0.0.1:12202", TalksTo: []string{"Meeks"}, Shards: []int{}},
			{Name: "Meeks", Clients: "127.0.0.1:12003", Peers: "127.0.0.1:12103", HTTP: "127.0.0.1:12203", TalksTo: []string{"Farmar", "Gasol", "Hill"}, Shards: []int{}},
			{Name: "Young", Clients: "127.0.0.1:12004", Peers: "127.0.0.1:12104", HTTP: "127.0.0.1:12204", TalksTo: []string{"Farmar", "Gasol"}, Shards: []int{}},
		},
		Upstream: Upstream{
			Kind:           "twitter",
			URL:            standInURL,
			Timeout:        Duration(5 * time.Second),
			ConnectTimeout: Duration(2 * time.Second),
			Workers:        32,
		},
		DigestBuckets: 65_536,
		Log:           Log{Dir: "logs", Level: "info", Lines: true},
		Journal:       Journal{Fsync: FsyncSecond},
		Sink:          Sink{Servers: []string{}, Batch: 1000, Interval: Duration(200 * time.Millisecond), Bound: 64 << 20},
		Backbone:      Backbone{Kind: BackboneLinks, Shards: 1, Timeout: Duration(2 * time.Second)},
		Limits: Limits{
			FirstByte:                Duration(time.Minute),
			PartialLine:              Duration(30 * time.Second),
			Idle:                     Duration(time.Hour),
			CommandsPerTurn:          1000,
			OutputPerClient:          1 << 20,
			OutputPerClientMost:      16 << 20,
			WaitingWhatsatsPerClient: 64,
			WaitingWhatsats:          10_000,
			Records:                  10_000_000,
			RecordBytes:              4 << 30,
			CloseTimeout:             Duration(10 * time.Second),
			LogQueue:                 16 << 20,
			UnprovedPeers:            16,
			LinesPerTurn:             128,
			PeerOutput:               1 << 20,
			PeerChanged:              100_000,
			PeerStall:                Duration(10 * time.Second),
		},
	}
}

// Server returns the settings of the named server, and whether the herd has it.
// The Server's slices are the Config's own.
func (c *Config) Server(name string) (Server, bool) {
	for _, s := range c.Servers {
		if s.Name == name {
			return s, true
		}
	}
	return Server{}, false
}
