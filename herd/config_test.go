package herd

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestDefaultIsGood(t *testing.T) {
	config := Default()
	if warnings, err := config.Check(); err != nil || warnings != nil {
		t.Errorf("the default has warnings %q, error %v", warnings, err)
	}
	config.Servers[0].TalksTo[0] = "changed"
	config.Servers[1].Name = "changed"
	if again := Default(); again.Servers[0].TalksTo[0] != "Meeks" || again.Servers[1].Name != "Gasol" {
		t.Error("two defaults share a slice")
	}
}

// mistakes holds one wrong value or more for every setting that can have one.
// Those of the list of servers are in TestTopologyRefuses.
var mistakes = []struct {
	path string
	edit func(*Config)
	want error
	says string
}{
	{"herd", func(c *Config) { c.Herd = "" }, ErrBadName, "it is empty"},
	{"herd", func(c *Config) { c.Herd = "two words" }, ErrBadName, "white space"},
	{"future", func(c *Config) { c.Future = Duration(1500 * time.Millisecond) }, ErrWholeSeconds, "1.5s has a fraction"},
	{"future", func(c *Config) { c.Future = Duration(-time.Second) }, ErrOutOfRange, "-1s is not from 0s to 24h"},
	{"future", func(c *Config) { c.Future = Duration(25 * time.Hour) }, ErrOutOfRange, "25h is not from"},
	{"servers[3].design", func(c *Config) { c.Servers[3].Design = "clay" }, ErrNotKnown, `"clay"; it knows reactor, goroutine`},
	{"upstream.kind", func(c *Config) { c.Upstream.Kind = "" }, ErrNotKnown, "it knows twitter"},
	{"upstream.url", func(c *Config) { c.Upstream.URL = "search.json" }, ErrBadURL, "http://127.0.0.1:12300/search.json"},
	{"upstream.url", func(c *Config) { c.Upstream.URL = "ftp://example.com" }, ErrBadURL, "ftp://"},
	{"upstream.url", func(c *Config) { c.Upstream.URL = "http:///search" }, ErrBadURL, "http:///"},
	{"upstream.url", func(c *Config) { c.Upstream.URL = "http://a b" }, ErrBadURL, "a b"},
	{"upstream.url", func(c *Config) { c.Upstream.Kind = "wikipedia" }, ErrNotTogether, `write "" for the service's own`},
	{"upstream.key_env", func(c *Config) { c.Upstream.KeyEnv = "a-key" }, ErrBadVariable, "HERD_UPSTREAM_KEY"},
	{"upstream.key_env", func(c *Config) { c.Upstream.KeyEnv = "1KEY" }, ErrBadVariable, "no digit first"},
	{"upstream.key_file", func(c *Config) { c.Upstream.KeyEnv, c.Upstream.KeyFile = "KEY", "key" }, ErrNotTogether, "remove one of them"},
	{"upstream.format", func(c *Config) { c.Upstream.Format = "2013" }, ErrNotKnown, `"2013"; it knows 2012`},
	{"upstream.format", func(c *Config) { c.Upstream.Format = "2012" }, ErrNotTogether, `of the kind "twitter"`},
	{"upstream.attempt_timeout", func(c *Config) { c.Upstream.AttemptTimeout = 1 }, ErrOutOfRange, "neither 0s nor from 1ms to 10m"},
	{"upstream.connect_timeout", func(c *Config) { c.Upstream.ConnectTimeout = 0 }, ErrOutOfRange, "0s is not from 1ms to 10m"},
	{"upstream.cache", func(c *Config) { c.Upstream.Cache = Duration(time.Millisecond) }, ErrOutOfRange, "1ms is neither 0s nor from 1s to 24h"},
	{"upstream.cache", func(c *Config) {
		c.Upstream.Kind, c.Upstream.URL, c.Upstream.Cache = "places", "", Duration(time.Minute)
	}, ErrNotTogether, `"places" forbid storing`},
	{"upstream.timeout", func(c *Config) { c.Upstream.Timeout = 0 }, ErrOutOfRange, "0s is not from 1ms to 10m"},
	{"upstream.workers", func(c *Config) { c.Upstream.Workers = 0 }, ErrOutOfRange, "0 is not from 1 to 4096"},
	{"log.dir", func(c *Config) { c.Log.Dir = "" }, ErrMissing, "name a directory"},
	{"log.level", func(c *Config) { c.Log.Level = "loud" }, ErrNotKnown, "error, warn, info, debug, trace"},
	{"journal.fsync", func(c *Config) { c.Journal.Fsync = "never" }, ErrNotKnown, `"never"; it knows second, always`},
	{"sink.kind", func(c *Config) { c.Sink.Kind = "oracle" }, ErrNotKnown, `"oracle"; it knows redis, postgres`},
	{"sink.kind", func(c *Config) { c.Sink.URL = "redis://127.0.0.1/" }, ErrMissing, "one of redis, postgres"},
	{"sink.url", func(c *Config) { c.Sink.Kind = "redis" }, ErrMissing, "such as redis://127.0.0.1/"},
	{"sink.url", func(c *Config) { c.Sink.Kind, c.Sink.URL = "redis", "postgres://127.0.0.1/" }, ErrBadURL, "begins with redis:// or rediss://"},
	{"sink.url", func(c *Config) { c.Sink.Kind, c.Sink.URL = "postgres", "postgres://a b/" }, ErrBadURL, "postgres://127.0.0.1/"},
	{"sink.url", func(c *Config) { c.Sink.Kind, c.Sink.URL = "redis", "redis://:hidden@127.0.0.1/" }, ErrNotTogether, "sink.password_env"},
	{"sink.url", func(c *Config) { c.Sink.Kind, c.Sink.URL = "postgres", "postgres://me@it:hidden@127.0.0.1/" }, ErrNotTogether, "a password"},
	{"sink.url", func(c *Config) { c.Sink.Kind, c.Sink.URL = "postgres", "postgres://me@it/db?password=hidden" }, ErrNotTogether, "a password"},
	{"sink.password_env", func(c *Config) { c.Sink.PasswordEnv = "a-password" }, ErrBadVariable, "no digit first"},
	{"sink.password_file", func(c *Config) { c.Sink.PasswordEnv, c.Sink.PasswordFile = "WORD", "word" }, ErrNotTogether, "remove one of them"},
	{"sink.servers", func(c *Config) { c.Sink.Servers = []string{"Hill", "Nobody"} }, ErrUnknownName, `"Nobody" is not in the herd`},
	{"sink.batch", func(c *Config) { c.Sink.Batch = 0 }, ErrOutOfRange, "0 is not from 1 to 10000"},
	{"sink.interval", func(c *Config) { c.Sink.Interval = 0 }, ErrOutOfRange, "0s is not from 1ms to 1m"},
	{"sink.bound", func(c *Config) { c.Sink.Bound = 1 }, ErrOutOfRange, "1 is not from 65536"},
	{"sink.load", func(c *Config) { c.Sink.Load = true }, ErrNotTogether, "name one in sink.kind"},
	{"sink.fallback", func(c *Config) { c.Sink.Fallback = true }, ErrNotTogether, "name one in sink.kind"},
	{"backbone.kind", func(c *Config) { c.Backbone.Kind = "string" }, ErrNotKnown, `"string"; it knows links, nats`},
	{"backbone.url", func(c *Config) { onNATS(c); c.Backbone.URL = "" }, ErrBadAddress, "nats://127.0.0.1:4222"},
	{"backbone.url", func(c *Config) { onNATS(c); c.Backbone.URL = "nats://a:1,http://b:2" }, ErrBadAddress, "http://b:2"},
	{"backbone.url", func(c *Config) { onNATS(c); c.Backbone.URL = "tls://a" }, ErrBadAddress, "tls://a"},
	{"backbone.url", func(c *Config) { onNATS(c); c.Backbone.URL = "nats://me:secret@a:1" }, ErrNotTogether, "backbone.credentials_file"},
	{"backbone.shards", func(c *Config) { c.Backbone.Shards = 0 }, ErrOutOfRange, "0 is not a power of two from 1 to 256"},
	{"backbone.shards", func(c *Config) { c.Backbone.Shards = 6 }, ErrOutOfRange, "6 is not a power of two"},
	{"backbone.shards", func(c *Config) { onNATS(c); c.Backbone.Shards, c.DigestBuckets = 8, 64 }, ErrNotTogether, "each of the 8 shards needs 16"},
	{"backbone.timeout", func(c *Config) { c.Backbone.Timeout = 0 }, ErrOutOfRange, "0s is not from 1ms to 1m"},
	{"servers[0].talks_to", func(c *Config) { c.Backbone.Kind, c.Backbone.URL = BackboneNATS, natsURL }, ErrNotTogether, "leave all these lists empty"},
	{"servers[2].shards", func(c *Config) { c.Servers[2].Shards = []int{0} }, ErrNotTogether, "hold everything"},
	{"servers[2].shards", func(c *Config) { onNATS(c); c.Servers[2].Shards = []int{0, 1} }, ErrOutOfRange, "1 is not from 0 to 0"},
	{"servers[2].shards", func(c *Config) { onNATS(c); c.Servers[2].Shards = []int{0, 0} }, ErrNameTwice, "0 stands there twice"},
	{"limits.connections", func(c *Config) { c.Limits.Connections = -1 }, ErrOutOfRange, "-1 is not from 0"},
	{"digest_buckets", func(c *Config) { c.DigestBuckets = 8 }, ErrOutOfRange, "8 is not a power of two from 16 to 1048576"},
	{"digest_buckets", func(c *Config) { c.DigestBuckets = 1000 }, ErrOutOfRange, "1000 is not a power of two"},
	{"digest_buckets", func(c *Config) { c.DigestBuckets = 1 << 21 }, ErrOutOfRange, "2097152 is not a power of two"},
	{"limits.connections_per_address", func(c *Config) { c.Limits.ConnectionsPerAddress = -1 }, ErrOutOfRange, "-1 is not from 0"},
	{"limits.first_byte", func(c *Config) { c.Limits.FirstByte = -1 }, ErrOutOfRange, "-1ns is not from 0s to 24h"},
	{"limits.partial_line", func(c *Config) { c.Limits.PartialLine = Duration(25 * time.Hour) }, ErrOutOfRange, "25h is not from 0s to 24h"},
	{"limits.idle", func(c *Config) { c.Limits.Idle = -1 }, ErrOutOfRange, "-1ns is not from 0s to 24h"},
	{"limits.commands_per_turn", func(c *Config) { c.Limits.CommandsPerTurn = 0 }, ErrOutOfRange, "0 is not from 1"},
	{"limits.output_per_client_most", func(c *Config) { c.Limits.OutputPerClientMost = 1 << 19 }, ErrOutOfRange, "524288 is not from 1048576"},
	{"limits.output_per_client", func(c *Config) { c.Limits.OutputPerClient = MaxPeerLine - 1 }, ErrOutOfRange, "32767 is not from 32768"},
	{"limits.waiting_whatsats_per_client", func(c *Config) { c.Limits.WaitingWhatsatsPerClient = 0 }, ErrOutOfRange, "0 is not from 1"},
	{"limits.waiting_whatsats", func(c *Config) { c.Limits.WaitingWhatsats = 0 }, ErrOutOfRange, "0 is not from 1"},
	{"limits.records", func(c *Config) { c.Limits.Records = 0 }, ErrOutOfRange, "0 is not from 1"},
	{"limits.records", func(c *Config) { c.Limits.Records = MaxRecords + 1 }, ErrOutOfRange, "2147483648 is not from 1 to 2147483647"},
	{"limits.record_bytes", func(c *Config) { c.Limits.RecordBytes = 1 }, ErrOutOfRange, "1 is not from 65536"},
	{"limits.record_bytes", func(c *Config) { c.Limits.RecordBytes = 1<<36 + 1 }, ErrOutOfRange, "68719476737 is not from 65536 to 68719476736"},
	{"limits.close_timeout", func(c *Config) { c.Limits.CloseTimeout = 0 }, ErrOutOfRange, "0s is not from 1ms to 1h"},
	{"limits.log_queue", func(c *Config) { c.Limits.LogQueue = 0 }, ErrOutOfRange, "0 is not from 65536"},
	{"limits.unproved_peers", func(c *Config) { c.Limits.UnprovedPeers = 0 }, ErrOutOfRange, "0 is not from 1"},
	{"limits.lines_per_turn", func(c *Config) { c.Limits.LinesPerTurn = 0 }, ErrOutOfRange, "0 is not from 1"},
	{"limits.peer_output", func(c *Config) { c.Limits.PeerOutput = 0 }, ErrOutOfRange, "0 is not from 65536"},
	{"limits.peer_changed", func(c *Config) { c.Limits.PeerChanged = 0 }, ErrOutOfRange, "0 is not from 1"},
	{"limits.peer_stall", func(c *Config) { c.Limits.PeerStall = Duration(2 * time.Hour) }, ErrOutOfRange, "2h is not from"},
}

// natsURL is where a NATS server could be.
const natsURL = "nats://127.0.0.1:4222"

// onNATS joins the servers by NATS.
func onNATS(c *Config) {
	c.Backbone.Kind, c.Backbone.URL = BackboneNATS, natsURL
	for i := range c.Servers {
		c.Servers[i].TalksTo = nil
	}
}

// Shards that nobody holds, or one server alone, are worth a warning.
func TestShardsThatAreNotHeld(t *testing.T) {
	config := Default()
	onNATS(&config)
	config.Backbone.URL = "tls://a:1, nats://[::1]:2"
	config.Backbone.Shards = 4
	if warnings, err := config.Check(); err != nil || warnings != nil {
		t.Errorf("where all hold all: %q, %v", warnings, err)
	}
	for i := range config.Servers {
		config.Servers[i].Shards = []int{0, 1}
	}
	config.Servers[3].Shards = []int{3}
	warnings, err := config.Check()
	if err != nil || len(warnings) != 2 || !strings.Contains(warnings[0], "nobody holds the shard 2") || !strings.Contains(warnings[1], "Meeks alone holds the shard 3") {
		t.Errorf("%q, %v", warnings, err)
	}
}

func TestCheckFindsEachMistake(t *testing.T) {
	for _, m := range mistakes {
		config := Default()
		m.edit(&config)
		warnings, err := config.Check()
		expectFieldError(t, m.path, err, m.path, m.want, m.says)
		if warnings != nil {
			t.Errorf("%s: warnings %q", m.path, warnings)
		}
	}
}

// A setting that is added later must have a mistake here, or be one that
// everything is right for.
func TestEverySettingIsChecked(t *testing.T) {
	checked := map[string]bool{
		"servers": true, // in TestTopologyRefuses
		// Any text is a path, and there is no wrong bool.
		"secret_file": true, "http_token_file": true, "journal.dir": true, "backbone.credentials_file": true, "backbone.ca_file": true, "log.lines": true, "log.flight_recorder": true, "log.thread_time": true, "limits.close_after_reply": true, "link_mac": true,
	}
	for _, m := range mistakes {
		checked[m.path] = true
	}
	settings := 0
	var visit func(prefix string, of reflect.Type)
	visit = func(prefix string, of reflect.Type) {
		for i := range of.NumField() {
			field := of.Field(i)
			path := prefix + field.Tag.Get("json")
			switch {
			case path == prefix:
				t.Errorf("%s%s has no key", prefix, field.Name)
			case field.Type.Kind() == reflect.Struct:
				visit(path+".", field.Type)
			default:
				settings++
				if !checked[path] {
					t.Errorf("nothing says what a wrong %s is", path)
				}
			}
		}
	}
	visit("", reflect.TypeFor[Config]())
	if settings != 60 {
		t.Errorf("there are %d settings", settings)
	}
}

func TestUpstreamsThatAreGood(t *testing.T) {
	for i, edit := range []func(*Upstream){
		func(u *Upstream) { u.URL = "" }, // the kind's own
		func(u *Upstream) { u.Kind, u.URL = "wikipedia", "" },
		func(u *Upstream) { u.Kind, u.URL = "wikipedia", "http://127.0.0.1:12300/w/api.php" },
		func(u *Upstream) { u.Kind, u.URL, u.KeyEnv, u.Format = "x", "", "_X_KEY_2", "2012" },
		func(u *Upstream) { u.Kind, u.URL, u.KeyFile = "places-new", "https://example.com/a", "key file" },
		func(u *Upstream) { u.Cache, u.AttemptTimeout = Duration(24*time.Hour), Duration(time.Millisecond) },
	} {
		config := Default()
		edit(&config.Upstream)
		if warnings, err := config.Check(); err != nil || warnings != nil {
			t.Errorf("upstream %d: %q, %v", i, warnings, err)
		}
	}
}

func TestSinksThatAreGood(t *testing.T) {
	for _, sink := range []Sink{
		{Kind: "redis", URL: "redis://127.0.0.1", Servers: []string{"Hill"}, Load: true, Fallback: true},
		{Kind: "redis", URL: "rediss://me@example.com:6380/3?dial_timeout=1s", PasswordEnv: "WORD"},
		{Kind: "postgres", URL: "postgresql://me@[::1]:5432/herd?sslmode=verify-full", PasswordFile: "a file"},
		{Kind: "postgres", URL: "postgres:///herd?host=/var/run/postgresql"},
	} {
		config := Default()
		sink.Batch, sink.Interval, sink.Bound = config.Sink.Batch, config.Sink.Interval, config.Sink.Bound
		config.Sink = sink
		if warnings, err := config.Check(); err != nil || warnings != nil {
			t.Errorf("%+v: %q, %v", sink, warnings, err)
		}
		if !config.SinkOf("Hill") || config.SinkOf("Young") != (len(sink.Servers) == 0) {
			t.Errorf("%+v: Hill writes: %v, Young writes: %v", sink, config.SinkOf("Hill"), config.SinkOf("Young"))
		}
	}
	config := Default()
	if config.SinkOf("Hill") {
		t.Error("there is a sink that nobody has named")
	}
}

// A password that stands in an address is not shown.
func TestAMisplacedPasswordIsNotRepeated(t *testing.T) {
	for _, url := range []string{"redis://:secret@127.0.0.1/", "redis://127.0.0.1/?password=secret", "http://:secret@127.0.0.1/", "redis://:se cret@127.0.0.1/"} {
		config := Default()
		config.Sink.Kind, config.Sink.URL = "redis", url
		if _, err := config.Check(); err == nil || strings.Contains(err.Error(), "cret") {
			t.Errorf("%v", err)
		}
	}
}

// A key that stands where the name of its variable should is not shown.
func TestAMisplacedKeyIsNotRepeated(t *testing.T) {
	config := Default()
	config.Upstream.KeyEnv = "AIza-secret"
	if _, err := config.Check(); !errors.Is(err, ErrBadVariable) || strings.Contains(err.Error(), "secret") {
		t.Errorf("%v", err)
	}
}

func TestCheckFindsAllMistakes(t *testing.T) {
	config := Default()
	config.Herd, config.Log.Level, config.Limits.Records = "", "loud", 0
	config.Servers[0].TalksTo = nil
	_, err := config.Check()
	if err == nil {
		t.Fatal("nothing is wrong")
	}
	lines := strings.Split(err.Error(), "\n")
	want := []string{"herd: ", "servers[0].talks_to: ", "servers[0].talks_to: ", "log.level: ", "limits.records: "}
	if len(lines) != len(want) {
		t.Fatalf("%d errors: %v", len(lines), err)
	}
	for i := range want {
		if !strings.HasPrefix(lines[i], want[i]) {
			t.Errorf("error %d is %q, want %q", i, lines[i], want[i])
		}
	}
}

func TestConfigServer(t *testing.T) {
	config := Default()
	if hill, ok := config.Server("Hill"); !ok || hill.Clients != "127.0.0.1:12002" {
		t.Errorf("Hill is %+v, %v", hill, ok)
	}
	if _, ok := config.Server("hill"); ok {
		t.Error("names are found in another case")
	}
}

func TestDurationText(t *testing.T) {
	for text, d := range map[string]time.Duration{
		"5s": 5 * time.Second, "200ms": 200 * time.Millisecond, "5m": 5 * time.Minute, "24h": 24 * time.Hour,
		"1h30m": 90 * time.Minute, "1h0m5s": time.Hour + 5*time.Second, "0s": 0, "-1m": -time.Minute, "10m10s": 610 * time.Second,
	} {
		var read Duration
		written, err := Duration(d).MarshalText()
		if err != nil || string(written) != text {
			t.Errorf("%v is written %q, %v", d, written, err)
		}
		if err := read.UnmarshalText(written); err != nil || read != Duration(d) {
			t.Errorf("%q is read as %v, %v", text, read, err)
		}
	}
	read := Duration(7)
	for _, text := range []string{"", "5", "5 s", "five", "5x"} {
		if err := read.UnmarshalText([]byte(text)); !errors.Is(err, ErrBadDuration) || !strings.Contains(err.Error(), `"`+text+`"`) || read != 7 {
			t.Errorf("%q is read as %v, %v", text, read, err)
		}
	}
}

func TestCheckSecret(t *testing.T) {
	for n, good := range map[int]bool{0: false, 1: false, 15: false, 16: true, 64: true} {
		err := CheckSecret(bytes.Repeat([]byte{'k'}, n))
		if (err == nil) != good || err != nil && !errors.Is(err, ErrShortSecret) {
			t.Errorf("a secret of %d bytes: %v", n, err)
		}
	}
}
