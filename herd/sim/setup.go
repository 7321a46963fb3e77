package sim

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"proxyherd/herd"
	"proxyherd/reactor/reactortest"
)

// Setup is the settings of a fight: those of the herd and those of the network
// under it. Its zero value, and 0 in any field, is what a herd has by default on
// a network that is quick and whole. Durations are in milliseconds unless their
// names say otherwise.
type Setup struct {
	Network int64 // seed of what the network draws

	LatencyMicros, JitterMicros, Chunked int64
	Window, HighWater                    int64 // bytes that a system holds, and a transport until it says so
	JobMicros                            int64 // that a question to the upstream takes

	Buckets, LinkMAC                  int64
	Rotating                          int64 // 1: a secret is being replaced, and each server has its own first one
	FutureSeconds                     int64 // plus 1, so that 0 seconds can be said
	Records                           int64
	PeerOutput, PeerChanged           int64
	PeerStall                         int64
	Unproved                          int64
	Commands, Waiting, WaitingPerOne  int64
	Lines                             int64
	Connections, Workers              int64
	FirstByte, PartialLine, IdleLimit int64
	Journals                          int64 // 1 to 3: which servers keep one; 0: none
	Bus                               int64 // how many shards there are on a bus; 0: links, and no bus
}

// field is one setting, with its name in a script.
type field struct {
	name  string
	value *int64
}

func (s *Setup) fields() []field {
	return []field{
		{"network", &s.Network},
		{"latency_us", &s.LatencyMicros},
		{"jitter_us", &s.JitterMicros},
		{"chunked", &s.Chunked},
		{"window", &s.Window},
		{"high_water", &s.HighWater},
		{"job_us", &s.JobMicros},
		{"buckets", &s.Buckets},
		{"link_mac", &s.LinkMAC},
		{"rotating", &s.Rotating},
		{"future_plus_one", &s.FutureSeconds},
		{"records", &s.Records},
		{"peer_output", &s.PeerOutput},
		{"peer_changed", &s.PeerChanged},
		{"peer_stall_ms", &s.PeerStall},
		{"unproved_peers", &s.Unproved},
		{"commands_per_turn", &s.Commands},
		{"lines_per_turn", &s.Lines},
		{"waiting_whatsats", &s.Waiting},
		{"waiting_per_client", &s.WaitingPerOne},
		{"connections", &s.Connections},
		{"workers", &s.Workers},
		{"first_byte_ms", &s.FirstByte},
		{"partial_line_ms", &s.PartialLine},
		{"idle_ms", &s.IdleLimit},
		{"journals", &s.Journals},
		{"bus", &s.Bus},
	}
}

// errNoSetting says that a script names a setting that there is not.
var errNoSetting = errors.New("there is no such setting")

func (s *Setup) set(name string, value int64) error {
	for _, f := range s.fields() {
		if f.name == name {
			*f.value = value
			return nil
		}
	}
	return fmt.Errorf("%w: %q", errNoSetting, name)
}

// drawSetup draws settings under which a herd of this many clients' ids must
// keep its promises. About half of the fights switch a rare path on.
func drawSetup(random *rand.Rand, ids int, fat bool) (s Setup) {
	s.Network = random.Int64()
	// Taken from what is drawn already, so that a seed plays the script that it always has.
	s.Journals, s.Lines = s.Network>>3&3, s.Network>>5&3
	s.LatencyMicros = number(random, 50, 500, 5_000, 30_000)
	s.JitterMicros = number(random, 0, 0, 100, 20_000)
	s.Chunked = number(random, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)
	s.JobMicros = number(random, 1_000, 50_000, 2_000_000)
	s.Buckets = number(random, 16, 256)
	s.LinkMAC = number(random, 0, 0, 0, 0, 0, 0, 0, 1)
	s.Rotating = number(random, 0, 0, 0, 0, 0, 1)
	s.FutureSeconds = number(random, 301, 301, 2, 1)
	// Twice the records of one server is the least that all ids fit in.
	s.Records = number(random, 0, 0, int64(ids+3), int64(ids+1)/2)
	s.drawNetwork(random, fat)
	s.drawRarePaths(random)
	return s
}

// drawNetwork makes what a neighbour can be behind by small in some fights, so
// that links fill up.
func (s *Setup) drawNetwork(random *rand.Rand, fat bool) {
	if random.IntN(2) == 0 && !fat {
		return
	}
	s.Window = number(random, 300, 1_000, 4_000)
	s.HighWater = number(random, 100, 500, 3_000)
	s.PeerOutput = number(random, 4_000, 8_000)
	s.PeerChanged = number(random, 1, 2, 5, 100_000)
	if fat {
		// Ids of a kilobyte must get through within the time of a stall.
		s.Window = 4_000
		s.LatencyMicros = min(s.LatencyMicros, 5_000)
	} else {
		s.PeerStall = number(random, 2_000, 10_000)
	}
}

func (s *Setup) drawRarePaths(random *rand.Rand) {
	s.Unproved = number(random, 0, 0, 2)
	s.Commands = number(random, 0, 0, 1, 2)
	s.Waiting = number(random, 0, 0, 1, 3)
	s.WaitingPerOne = number(random, 0, 0, 1, 2)
	s.Workers = number(random, 1, 2, 0)
	if random.IntN(4) > 0 {
		return
	}
	// Herds that send clients away hear less of what is to be said.
	s.Connections = number(random, 0, 0, 1)
	s.FirstByte = number(random, 0, 0, 500)
	s.PartialLine = number(random, 0, 500)
	s.IdleLimit = number(random, 0, 0, 3_000)
}

// number draws one of some numbers.
func number(random *rand.Rand, from ...int64) int64 { return pick(random, from...) }

// pick draws one of some values.
func pick[T any](random *rand.Rand, from ...T) T { return from[random.IntN(len(from))] }

// hasty reports whether the herd ends, or refuses, connections of clients that
// have done nothing worse than to wait or to be many.
func (s *Setup) hasty() bool {
	return s.Connections > 0 || s.FirstByte > 0 || s.PartialLine > 0 || s.IdleLimit > 0
}

// secrets are the keys that a server starts with.
func (s *Setup) secrets(server int) [][]byte {
	one, two := []byte("the first secret of the simulator"), []byte("the second secret of the simulator")
	switch {
	case s.Rotating == 0:
		return [][]byte{one}
	case server%2 == 0:
		return [][]byte{one, two}
	}
	return [][]byte{two, one}
}

func millis(n int64) time.Duration { return time.Duration(n) * time.Millisecond }
func micros(n int64) time.Duration { return time.Duration(n) * time.Microsecond }

// config is the herd's.
func (s *Setup) config(g *Graph) herd.Config {
	c := herd.Default()
	c.Servers = g.servers()
	c.DigestBuckets = 256
	c.LinkMAC = s.LinkMAC != 0
	l := &c.Limits
	for _, change := range []struct {
		to    *int
		value int64
	}{
		{&c.DigestBuckets, s.Buckets}, {&c.Upstream.Workers, s.Workers}, {&l.Records, s.Records},
		{&l.PeerOutput, s.PeerOutput}, {&l.PeerChanged, s.PeerChanged}, {&l.UnprovedPeers, s.Unproved},
		{&l.CommandsPerTurn, s.Commands}, {&l.LinesPerTurn, s.Lines}, {&l.WaitingWhatsats, s.Waiting}, {&l.WaitingWhatsatsPerClient, s.WaitingPerOne},
		{&l.Connections, s.Connections},
	} {
		if change.value != 0 {
			*change.to = int(change.value)
		}
	}
	for _, change := range []struct {
		to    *herd.Duration
		value time.Duration
	}{
		{&c.Future, time.Duration(s.FutureSeconds-1) * time.Second}, {&l.PeerStall, millis(s.PeerStall)},
		{&l.FirstByte, millis(s.FirstByte)}, {&l.PartialLine, millis(s.PartialLine)}, {&l.Idle, millis(s.IdleLimit)},
	} {
		if change.value > 0 || change.to == &c.Future && s.FutureSeconds == 1 {
			*change.to = herd.Duration(change.value)
		}
	}
	if s.Bus > 0 {
		onBus(&c, s.Bus)
	}
	return c
}

// link is what lies between every two reactors, one way, while nothing is broken.
func (s *Setup) link() reactortest.Link {
	return reactortest.Link{Latency: micros(s.LatencyMicros), Jitter: micros(s.JitterMicros), Chunked: s.Chunked != 0}
}

// network is the network's settings.
func (s *Setup) network() reactortest.Options {
	return reactortest.Options{
		Seed: uint64(s.Network), Start: start, Link: s.link(),
		Window: int(s.Window), HighWater: int(s.HighWater), JobTime: micros(s.JobMicros),
	}
}

// start is when every fight begins.
var start = time.Unix(1_000_000_000, 0).UTC()
