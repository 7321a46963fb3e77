package configfile

import (
	"fmt"
	"io"
	"reflect"
	"strings"

	jsoniter "github.com/json-iterator/go"

	"proxyherd/herd"
)

// meanings says what each setting is for. JSON has no comments, so this is where
// a user reads about a key; a test keeps it complete.
var meanings = map[string]string{
	"herd":                               "The herd's name. Servers of two herds never link by accident.",
	"future":                             "How far ahead of the time of receipt a client's clock counts when reports are ordered. The same at every server; whole seconds, 0s to 24h.",
	"servers[].name":                     "How clients and neighbours know the server; also the name of its log.",
	"servers[].clients":                  "host:port where clients are served; the host is a name, or an address, [::1]:12000 if it is one of IPv6. Required; port 0 means any free port.",
	"servers[].peers":                    "host:port where neighbours are served, and which they dial; a name is looked up at each attempt. Required if talks_to names anybody.",
	"servers[].http":                     "host:port of the status page and the metrics. Empty: none. Beyond loopback it needs http_token_file.",
	"servers[].listen.clients":           "host:port to listen on for clients, where that is not what they dial: :12000 is every IPv4 address, [::]:12000 every address. Empty: what is in clients.",
	"servers[].listen.peers":             "host:port to listen on for neighbours. Empty: what is in peers.",
	"servers[].listen.http":              "host:port to listen on for the status page. Empty: what is in http.",
	"servers[].talks_to":                 "The neighbours' names. A link is listed at both of its ends.",
	"servers[].design":                   "How the server is built: " + strings.Join(herd.Designs, ", ") + ". Empty: the first of them.",
	"servers[].shards":                   "The numbers, from 0, of the shards of clients that the server holds, where backbone.shards divides them. Empty: all.",
	"upstream.kind":                      "The service that answers a WHATSAT: " + strings.Join(herd.UpstreamKinds, ", ") + ".",
	"upstream.url":                       "The service's address. Empty, or left out where kind is given: the kind's own. The default is the offline stand-in on this machine, the only one that there still is for twitter.",
	"upstream.key_env":                   "The environment variable that holds the service's key. A key never stands in this file or on a command line. Empty: none.",
	"upstream.key_file":                  "A file with the key on one line instead; mode 600; a relative path starts at this file's directory. Empty: none.",
	"upstream.format":                    "For the kind x: " + strings.Join(herd.UpstreamFormats, ", ") + " rewrites its answers in Twitter's format of that year. Empty: as they are.",
	"upstream.timeout":                   "From a WHATSAT's arrival to its answer, waiting for a worker included. 1ms to 10m.",
	"upstream.attempt_timeout":           "How much of that one attempt may take; there is a second one if the first fails by the service's fault. 1ms to 10m; 0s: three fifths of timeout.",
	"upstream.connect_timeout":           "How long a connection may take to come about. 1ms to 10m.",
	"upstream.cache":                     "How long an answer serves for equal questions. 1s to 24h; 0s: not at all, and always for places and places-new, whose terms forbid storing.",
	"upstream.workers":                   "How many questions may be under way at once. 1 to 4096.",
	"secret_file":                        "A file with the secret that the servers share: one line, or two while it is changed; mode 600; a relative path starts at this file's directory. Empty: " + SecretName + " beside this file, on loopback only.",
	"http_token_file":                    "A file with the token that every request to an http port must bring, on one line; mode 600; a relative path starts at this file's directory. Empty: none is asked for, on loopback only.",
	"link_mac":                           "Whether what travels on a link carries proofs of who sent it, for links between machines outside an encrypted tunnel. The same at both ends of a link.",
	"digest_buckets":                     "In how many parts two neighbours compare what they hold: a power of two, 16 to 1048576.",
	"log.dir":                            "The directory of the logs; a server writes Name.log in it.",
	"log.level":                          "The least serious event that is written: " + strings.Join(herd.LogLevels, ", ") + ".",
	"log.lines":                          "Whether every line to and from clients and neighbours is written too.",
	"log.flight_recorder":                "Whether a turn of the loop over 10 ms leaves a trace in log.dir, for go tool trace; such turns have a line in the log in any case. It costs processor time: see docs/operating.md.",
	"log.thread_time":                    "Whether turns of the loop are also measured by the processor time of its thread, in herd_turn_thread_seconds of /metrics. It costs two system calls a turn. In goroutines there is no loop, and it means nothing.",
	"journal.dir":                        "A directory where each server keeps its records, in NAME in it, so that a restart of the whole herd finds them; a relative path starts at this file's directory. Empty: nowhere.",
	"journal.fsync":                      "When they are safe: " + herd.FsyncSecond + " (within a second) or " + herd.FsyncAlways + " (before an IAMAT is answered).",
	"sink.kind":                          "A database that servers write the newest record of each client to: " + strings.Join(herd.SinkKinds, ", ") + ". Empty: none.",
	"sink.url":                           "Where it is, without a password: redis://host:port/number or postgres://user@host:port/database.",
	"sink.password_env":                  "The environment variable that holds the database's password. A password never stands in this file or on a command line. Empty: none.",
	"sink.password_file":                 "A file with the password on one line instead; mode 600; a relative path starts at this file's directory. Empty: none.",
	"sink.servers":                       "The names of the servers that write. One is enough while it lives; each more costs the database as much again. Empty: all.",
	"sink.batch":                         "Records that are written at once. 1 to 10000.",
	"sink.interval":                      "How long records gather before they are written. 1ms to 1m.",
	"sink.bound":                         "Bytes of records that may wait for the database; beyond it the whole store is written once it takes something again. From 65536 to 68719476736 (64 GiB).",
	"sink.load":                          "Whether a server that starts with nothing, and finds no neighbour that has anything, takes what the database has.",
	"sink.fallback":                      "Whether a WHATSAT for a client of which the herd has nothing asks the database.",
	"backbone.kind":                      "How updates travel among the servers: " + herd.BackboneLinks + " (flooded from neighbour to neighbour) or " + herd.BackboneNATS + " (published on a NATS server; talks_to is then empty). This and the rest of backbone is the same at every server.",
	"backbone.url":                       "Where the NATS servers are: nats:// or tls://, a host and a port; several with commas between them. No name or password stands in it.",
	"backbone.credentials_file":          "A file that proves us to NATS, as its tools make them (.creds); a relative path starts at this file's directory. Empty: none is asked for.",
	"backbone.ca_file":                   "The certificates, in PEM, of who signs that of a NATS server; a relative path starts at this file's directory. Empty: those that the system trusts.",
	"backbone.shards":                    "Into how many parts clients are divided, by their ids, of which each server holds those in its shards: a power of two, 1 to 256.",
	"backbone.timeout":                   "How long a command about a client whose shard a server does not hold waits for one that does. 1ms to 1m.",
	"limits.connections":                 "Clients connected at once. 0: as many as the process may open files, less 32.",
	"limits.connections_per_address":     "Clients connected at once from one IPv4 address, or from one /64 network of IPv6. 0: no bound.",
	"limits.first_byte":                  "How long a new client may say nothing before it is disconnected. 0s: for ever.",
	"limits.partial_line":                "How long a client may take over one line. 0s: for ever.",
	"limits.idle":                        "How long a client may say nothing later on. 0s: for ever.",
	"limits.commands_per_turn":           "Commands of one client that are carried out before others have their turn.",
	"limits.output_per_client":           "Bytes of answers that may wait for a client; beyond it no more of its commands are read until it takes some. From 32768.",
	"limits.output_per_client_most":      "Bytes of answers that may wait for a client before it is cut off. From output_per_client.",
	"limits.waiting_whatsats_per_client": "WHATSATs of one client that may wait for the upstream; beyond it no more of its commands are read for now.",
	"limits.waiting_whatsats":            "WHATSATs that may wait in the whole server; beyond it they are answered at once, as if the upstream had failed.",
	"limits.records":                     "Clients whose records are held; beyond it an IAMAT that brings a new client is invalid.",
	"limits.record_bytes":                "Bytes of those records, bounded in the same way. From 65536 to 68719476736 (64 GiB).",
	"limits.close_timeout":               "How long a connection that is being closed may take to send what waits. 1ms to 1h.",
	"limits.close_after_reply":           "Close a client's connection after the answer to its first command, for clients that read to the end.",
	"limits.log_queue":                   "Bytes of log that may wait for the disk; what comes beyond is dropped, counted and reported in the log. From 65536.",
	"limits.unproved_peers":              "Connections of neighbours that have not proved the secret yet; one more is closed.",
	"limits.lines_per_turn":              "Lines of one neighbour that are taken before others have their turn.",
	"limits.peer_output":                 "Bytes that may wait for a slow neighbour; beyond it the changed clients are noted, not their messages. From 65536.",
	"limits.peer_changed":                "Changed clients noted for a slow neighbour; beyond it the whole store is sent again.",
	"limits.peer_stall":                  "How long a neighbour may take none of what waits for it before the link is closed and dialled again. 1ms to 1h.",
}

// Setting is what there is to know of a key.
type Setting struct {
	Key      string              `json:"key"`  // its path; "[]" stands for a place in a list
	Type     string              `json:"type"` // in words
	Default  jsoniter.RawMessage `json:"default"`
	Variable string              `json:"variable"` // of the environment; N stands for a place in a list
	Meaning  string              `json:"meaning"`
}

// Settings returns what Describe writes, for programs.
func Settings() (all []Setting) {
	for _, s := range settings() {
		all = append(all, Setting{s.path, s.kind, jsoniter.RawMessage(s.usual), Variable(s.path), meanings[s.path]})
	}
	return all
}

// setting is one key, before anything is said about it.
type setting struct {
	path, kind, usual string
}

// Describe writes each key in the order of the file: its type, its default, its
// environment variable, and what it means. The error is the writer's.
func Describe(w io.Writer) error {
	for _, s := range Settings() {
		_, err := fmt.Fprintf(w, "%s: %s, default %s\n    %s\n    %s\n", s.Key, s.Type, s.Default, s.Variable, s.Meaning)
		if err != nil {
			return fmt.Errorf("describe the configuration: %w", err)
		}
	}
	return nil
}

// settings lists every key that takes a value.
func settings() (all []setting) {
	cfg := herd.Default()
	var walk func(path string, v reflect.Value)
	walk = func(path string, v reflect.Value) {
		_, kind := wanted(v)
		switch {
		case v.Kind() == reflect.Struct:
			for i, key := range keys(v.Type()) {
				walk(join(path, key), v.Field(i))
			}
		case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct:
			// A member of a list starts from nothing, whatever the list's default.
			walk(path+"[]", reflect.New(v.Type().Elem()).Elem())
		default:
			all = append(all, setting{path, kind, usual(v)})
		}
	}
	walk("", reflect.ValueOf(&cfg).Elem())
	return all
}

// usual is a setting's default as it stands in the file.
func usual(v reflect.Value) string {
	if v.Kind() == reflect.Slice && v.Len() == 0 {
		return "[]"
	}
	text, err := plainJSON.MarshalToString(v.Interface())
	if err != nil {
		panic(fmt.Sprintf("configfile: a default cannot be written: %v", err))
	}
	return text
}
