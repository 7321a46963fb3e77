package scenario

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"time"

	"proxyherd/bench/calls"
	"proxyherd/bench/load"
	"proxyherd/bench/peers"
)

// errDied is a server that was there and is not.
var errDied = errors.New("the server has died")

// run is a peer's servers in one scenario.
type run struct {
	playing   *playing
	scenario  Scenario
	peer      *peers.Peer
	variation Variation
	twinOf    *run // it is that run once more
	settings  peers.Settings

	servers []*peers.Server
	loaded  int  // how many clients they know already
	warm    bool // they have been under load for long enough to be measured
	round   bool // the log has removed a file

	sliced sliced // the measurement under way, if it is made in slices
}

func (r *run) name() string {
	name := r.peer.Title
	if r.variation.Name != "" {
		name += ", " + r.variation.Name
	}
	if r.twinOf != nil {
		name += " (again)"
	}
	return name
}

// entry is the run as one of those that are compared: a variation with the peer's first
// one, and a peer with the first peer.
func (r *run) entry(all []*run) Entry {
	e := Entry{Name: r.name(), Peer: r.peer.Name, Variation: r.variation.Name, Ours: r.peer.Ours, Null: r.twinOf != nil}
	first := slices.IndexFunc(all, func(other *run) bool { return other.peer == r.peer })
	switch {
	case r.twinOf != nil:
		e.Base = slices.Index(all, r.twinOf)
	case all[first] != r:
		e.Base = first
	}
	return e
}

// measure measures once, or one slice, of which all but the last return nil. What goes
// wrong is in the measurement.
func (r *run) measure(ctx context.Context, point Point, slice int) *Measurement {
	if r.scenario.slices > 1 {
		return r.slice(ctx, point, slice)
	}
	m := &Measurement{}
	began := time.Now()
	err := r.ready(ctx)
	if err == nil && r.scenario.Kind == Rest {
		m.Rest, err = r.rest(ctx, began)
	} else if err == nil && r.scenario.Kind == Return {
		m.Return, err = r.comeBack(ctx, point)
	} else if err == nil {
		err = r.watchedPut(ctx, point, m)
	}
	return r.judged(m, err)
}

// judged is the measurement, or why there is none.
func (r *run) judged(m *Measurement, err error) *Measurement {
	for _, s := range r.servers {
		if !s.Alive() {
			err = errors.Join(err, fmt.Errorf("%w: %s", errDied, s.Name))
		}
	}
	if err != nil {
		*m = Measurement{Failed: err.Error()}
		r.stop() // the next round has a new one
	} else if r.scenario.Fresh {
		r.stop()
	}
	return m
}

// ready starts the servers if they do not run.
func (r *run) ready(ctx context.Context) (err error) {
	if r.servers != nil {
		return nil
	}
	if r.settings.Dir, err = r.playing.newDir(r.peer.Name); err != nil {
		return err
	}
	r.servers, err = r.peer.Run(ctx, r.playing.Place, r.settings)
	r.loaded, r.warm, r.round = 0, false, false
	if err == nil && r.scenario.Kind == Propagation {
		err = r.linked(ctx)
	}
	return err
}

// linked waits until an update comes to every server.
func (r *run) linked(ctx context.Context) (err error) {
	const tries = 10 // each waits some seconds
	for range tries {
		if _, err = load.Propagate(ctx, r.options(Point{Rate: 1000}), 1, r.watched()); !errors.Is(err, load.ErrNotArrived) {
			return err
		}
	}
	return err
}

func (r *run) stop() {
	r.sliced.end()
	peers.Stop(r.servers)
	r.servers = nil
	if r.settings.Dir != "" {
		_ = os.RemoveAll(r.settings.Dir) // it is in the runner's folder, which the caller removes
	}
}

// watched are all servers, of which the first is the one that is told.
func (r *run) watched() (list []load.Watched) {
	for i, s := range r.servers {
		list = append(list, load.Watched{Name: s.Name, Log: s.Log, Told: i == 0})
	}
	return list
}

// options are the load at a point, on this run's first server.
func (r *run) options(point Point) load.Options {
	o := point.Options()
	o.Addresses = []string{r.servers[0].Address}
	for _, s := range r.servers {
		o.PIDs = append(o.PIDs, s.PIDs()...)
	}
	o.CPUs, o.Dialect = []int{r.playing.core}, r.peer.Dialect
	o.Warmup, o.Duration = time.Duration(r.scenario.warmup), time.Duration(r.scenario.duration)/time.Duration(r.scenario.slices)
	return o
}

// watchedPut puts the load, and has the first server watched meanwhile where the scenario
// asks for it.
func (r *run) watchedPut(ctx context.Context, point Point, m *Measurement) (err error) {
	pages, first := r.scenario.Pages && r.peer.Ours, r.servers[0]
	if (pages || r.scenario.Calls) && r.loaded < clientsAt(point) { // making clients known is not to be counted
		if err := r.put(ctx, point, &Measurement{}); err != nil {
			return err
		}
	}
	var before *Told
	if pages {
		if before, err = tell(ctx, first.HTTP); err != nil {
			return err
		}
	}
	stop := func() *calls.Counts { return nil }
	if r.scenario.Calls {
		stop = calls.Count(ctx, first.PID)
	}
	err = r.put(ctx, point, m)
	counts := stop()
	if err != nil {
		return err
	}
	if counts != nil {
		m.Calls = &Calls{Counts: *counts, Replies: int64(m.Result.Answered)}
	}
	if pages {
		if m.Told, err = tell(ctx, first.HTTP); err != nil {
			return err
		}
		m.Told.less(before)
	}
	return nil
}

// clientsAt is how many clients there are at a point.
func clientsAt(point Point) int { return cmp.Or(point.Clients, load.UsualClients) }

// put puts the load.
func (r *run) put(ctx context.Context, point Point, m *Measurement) (err error) {
	o := r.options(point)
	if err := r.heat(ctx, o); err != nil {
		return err
	}
	switch r.scenario.Kind {
	case Ramp:
		m.Ramp, err = load.Ramp(ctx, o)
	case Idle:
		m.Idle, err = load.Idle(ctx, o)
	case Churn:
		m.Result, err = load.Churn(ctx, o)
	case Propagation:
		m.Spread, err = load.Propagate(ctx, o, point.Updates, r.watched())
	default:
		// All clients are known before the first measurement: one of a store that
		// fills is one of something else.
		clients := clientsAt(point)
		o.Preload = r.loaded < clients
		if o.IDs == load.Unseen && !o.Preload {
			// As many more as are due, and one for each connection.
			more := int(o.Rate*(o.Warmup+o.Duration).Seconds()) + o.Connections + 1
			o.Known, o.Clients = r.loaded, r.loaded+more
			clients = o.Clients
		}
		m.Result, err = load.Run(ctx, o)
		r.loaded = max(r.loaded, clients)
	}
	return err
}

// heat puts a load on new servers that compile as they run or write their lines, before
// they are measured.
func (r *run) heat(ctx context.Context, o load.Options) error {
	if err := r.comeRound(ctx, o); err != nil {
		return err
	}
	if r.warm || r.peer.Warm == 0 || r.scenario.Kind == Idle || r.playing.size.cold {
		return nil
	}
	r.warm = true
	_, err := load.Run(ctx, load.Options{
		Addresses: o.Addresses, CPUs: o.CPUs, Dialect: o.Dialect, Pipeline: 16, Warmup: time.Duration(r.peer.Warm), Duration: o.Duration,
	})
	return err
}

// short is a measurement in a word, for who looks on.
func (m *Measurement) short(metric string) string {
	if m.Failed != "" {
		return "FAILED: " + m.Failed
	}
	text := "nothing"
	if of, err := MetricNamed(metric); err == nil {
		if v := of.Of(m); !math.IsNaN(v) {
			text = fmt.Sprintf("%s %s", Short(v), of.Unit)
		}
	}
	if errors := m.Errors(); errors.Sum() > 0 {
		text += fmt.Sprintf(", %d errors: %s", errors.Sum(), errors.First)
	}
	if m.Limit() != "" {
		text += " (the generator may be the limit)"
	}
	return text
}

// Short writes a number with three digits, and those before the point.
func Short(v float64) string {
	switch {
	case v == 0:
		return "0"
	case math.Abs(v) >= 100:
		return grouped(fmt.Sprintf("%.0f", v))
	}
	return fmt.Sprintf("%.*f", int(max(0, 2-math.Floor(math.Log10(math.Abs(v))))), v)
}

// Grouped is a whole number with commas between thousands.
func Grouped(n int) string { return grouped(strconv.Itoa(n)) }

// grouped puts commas between thousands.
func grouped(digits string) string {
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
