package fault

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// rehearsal is a fault that does nothing but count.
type rehearsal struct {
	mu               sync.Mutex
	now, most, stops int
}

func (r *rehearsal) fault(name string, startErr, stopErr error) Fault {
	return Fault{
		Name: name, What: "nothing", Aim: theUpstream, Holds: "x ", Least: 1, Most: 2,
		Start: func(context.Context, *Hit) (func() error, error) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.now++
			r.most = max(r.most, r.now)
			if startErr != nil {
				r.now--
				return nil, startErr
			}
			return func() error {
				r.mu.Lock()
				defer r.mu.Unlock()
				r.now--
				r.stops++
				return stopErr
			}, nil
		},
	}
}

func TestAPlanIsCarriedOut(t *testing.T) {
	var r rehearsal
	good := r.fault("good", nil, nil)
	noStart := r.fault("no start", errors.New("it cannot start"), nil)
	noStop := r.fault("no stop", nil, errors.New("it cannot stop"))
	p := &Plan{}
	for _, f := range []Fault{good, good, noStart, good, noStop} {
		p.Strikes = append(p.Strikes, Strike{Fault: f, For: time.Millisecond})
	}
	s := aStage()
	var told atomic.Int64
	tally := p.Play(t.Context(), s, func(string) { told.Add(1) })
	if tally["good"] != 3 || tally["no start"] != 0 || tally["no stop"] != 1 || told.Load() != 5 {
		t.Errorf("the tally is %v, told were %d", tally, told.Load())
	}
	if r.most != 1 || r.stops != 4 || r.now != 0 {
		t.Errorf("%d held one target at a time; %d were stopped, %d were not", r.most, r.stops, r.now)
	}
	wrong := strings.Join(s.Wrongs(), "\n")
	if len(s.Wrongs()) != 2 || !strings.Contains(wrong, "no start on the upstream: it cannot start") || !strings.Contains(wrong, "it cannot stop") {
		t.Errorf("noted were %q", wrong)
	}
}

// Whoever ends a run ends every fault.
func TestAPlanThatIsEndedStopsItsFaults(t *testing.T) {
	var r rehearsal
	f := r.fault("long", nil, nil)
	started := f.Start
	ctx, cancel := context.WithCancel(t.Context())
	f.Start = func(ctx context.Context, h *Hit) (func() error, error) {
		defer cancel()
		return started(ctx, h)
	}
	p := &Plan{Strikes: []Strike{{Fault: f, For: time.Hour}, {Fault: f, At: time.Hour, For: time.Hour}}}
	if tally := p.Play(ctx, aStage(), func(string) {}); tally["long"] != 1 || r.stops != 1 {
		t.Errorf("the tally is %v, %d were stopped", tally, r.stops)
	}
}
