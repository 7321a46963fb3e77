package load

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// ErrOptions is a setting that cannot be used; the text names it.
var ErrOptions = errors.New("this load cannot be made")

// The ways of choosing whose report is next.
const (
	Uniform = "uniform" // every client as often
	Zipf    = "zipf"    // few clients often, and most seldom
	Moving  = "moving"  // as uniform, and each on its way along a great circle
	Unseen  = "unseen"  // one after the other, so that the servers know each only from then on
)

// Populations are the ways of choosing, as Options.IDs takes them.
var Populations = []string{Uniform, Zipf, Moving, Unseen}

// Options say what load is put on what. The zero value of each field but Addresses is
// usable.
type Options struct {
	// Addresses are where the servers take clients. Connections are spread over them in
	// turn. Required.
	Addresses []string

	// Connections is how many there are in all. Default: 50.
	Connections int

	// Pipeline is how many requests a connection of a closed loop sends in one write;
	// their answers are awaited before the next. Default: 1. At most 1,000.
	Pipeline int

	// Rate makes it an open loop: so many requests a second in all, at equal distances.
	// Default: 0, a closed loop.
	Rate float64

	// Warmup is put on before the measurement, of length Duration. Defaults: 0 and 1 s.
	Warmup, Duration time.Duration

	// Clients is how many clients report; each belongs to one connection. Default:
	// 100,000. At least Connections, at most 10,000,000.
	Clients int

	// IDs is how the next client is chosen: one of Populations. Default: Uniform.
	IDs string

	// Dialect is how reports are made: one of Dialects. Default: Herd.
	Dialect string

	// Known is how many clients the servers know already, where those that follow are
	// to be Unseen. Default: 0.
	Known int

	// Whatsat is the share of requests, from 0 to 1, that ask what is near a client
	// instead of reporting. Default: 0. Herd's dialect alone has such requests.
	Whatsat float64

	// Radius and Limit are a WHATSAT's, in km and results. Default: 10 and 2.
	Radius, Limit int

	// Preload reports every client once before the warm-up.
	Preload bool

	// SlowReaders is how many connections, beside the others, send reports as fast as
	// they are taken and read hardly any answer. Nothing of theirs is counted.
	SlowReaders int

	// Askers is how many connections, beside the others, send WHATSATs, each the next
	// when the last is answered, at moments that are spread. Nothing of theirs is counted.
	// The load begins once each has asked twice, or a few seconds have passed.
	Askers int

	// Threads is how many threads make the load; CPUs, if any, are the cores that they
	// run on. Default: 1.
	Threads int
	CPUs    []int

	// PIDs are the servers' processes on this machine, for what they and their children
	// cost.
	PIDs []int

	// OtherClock says that the servers' clocks are not this machine's, so that a
	// difference can be checked for its form alone.
	OtherClock bool

	// Seed decides every choice. Default: 0.
	Seed uint64

	// Progress, if set, is told once a second how it goes.
	Progress func(Progress)
}

// UsualClients is how many clients there are where nothing is said.
const UsualClients = 100_000

// Progress is how a run goes.
type Progress struct {
	Phase   string        // "settling", "preload", "warm-up", "measuring"
	Since   time.Duration // the phase began
	Replies uint64        // of the last second
	Errors  uint64        // since the beginning
}

// clockSlack is how far a server's reading of the clock may be from the time of the
// request, as some read it coarsely.
const clockSlack = 2 * time.Millisecond

func (o Options) withDefaults() Options {
	for _, n := range []struct {
		field    *int
		standard int
	}{{&o.Connections, 50}, {&o.Pipeline, 1}, {&o.Clients, UsualClients}, {&o.Radius, 10}, {&o.Limit, 2}, {&o.Threads, 1}} {
		if *n.field == 0 {
			*n.field = n.standard
		}
	}
	if o.Duration == 0 {
		o.Duration = time.Second
	}
	if o.IDs == "" {
		o.IDs = Uniform
	}
	if o.Dialect == "" {
		o.Dialect = Herd
	}
	return o
}

// check refuses what cannot work, once defaults are filled in.
func (o Options) check() error {
	refuse := func(what string, value any, must string) error {
		return fmt.Errorf("%w: %s is %v, and must be %s", ErrOptions, what, value, must)
	}
	switch {
	case len(o.Addresses) == 0:
		return refuse("the list of addresses", "empty", "HOST:PORT of a server, or several")
	case o.Connections < 1:
		return refuse("connections", o.Connections, "1 or more")
	case o.Threads < 1 || o.Threads > o.Connections:
		return refuse("threads", o.Threads, "from 1 to the number of connections")
	case o.Pipeline < 1 || o.Pipeline > 1000:
		return refuse("pipeline", o.Pipeline, "from 1 to 1000")
	case o.Rate < 0 || o.Rate > 1e8:
		return refuse("rate", o.Rate, "from 0 to 100,000,000 a second")
	case o.Warmup < 0 || o.Duration <= 0:
		return refuse("the duration", o.Duration, "above 0, and the warm-up not below")
	case o.Clients < o.Connections || o.Clients > mostClients:
		return refuse("clients", o.Clients, fmt.Sprintf("from the number of connections to %d", mostClients))
	case o.Known < 0 || o.Known > o.Clients:
		return refuse("the number of known clients", o.Known, "from 0 to that of all")
	case !slices.Contains(Populations, o.IDs):
		return refuse("ids", o.IDs, fmt.Sprintf("one of %q", Populations))
	case !slices.Contains(Dialects, o.Dialect):
		return refuse("the dialect", o.Dialect, fmt.Sprintf("one of %q", Dialects))
	case o.Dialect != Herd && (o.Whatsat > 0 || o.SlowReaders > 0 || o.Askers > 0):
		return refuse("the dialect", o.Dialect, fmt.Sprintf("%q where there are WHATSATs or slow readers", Herd))
	case !(o.Whatsat >= 0 && o.Whatsat <= 1):
		return refuse("whatsat", o.Whatsat, "a share from 0 to 1")
	case o.Radius < 0 || o.Limit < 0:
		return refuse("radius or limit", min(o.Radius, o.Limit), "0 or more")
	case o.SlowReaders < 0 || o.Askers < 0:
		return refuse("slow readers or askers", min(o.SlowReaders, o.Askers), "0 or more")
	}
	return nil
}
