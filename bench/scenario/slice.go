package scenario

import (
	"context"

	"proxyherd/bench/load"
)

// sliced is a measurement that is made in slices, as far as it is.
type sliced struct {
	session *load.Session
	before  *Told // what the server had counted before
	err     error // there will be none
}

func (s *sliced) end() {
	if s.session != nil {
		s.session.Close()
	}
	*s = sliced{}
}

// slice measures one slice. With the last one there is a measurement.
func (r *run) slice(ctx context.Context, point Point, number int) *Measurement {
	s := &r.sliced
	if number == 0 {
		s.err = r.open(ctx, point)
	}
	if s.err == nil {
		s.err = s.session.Measure(ctx)
	}
	if number < r.scenario.slices-1 {
		return nil
	}
	m, err := &Measurement{}, s.err
	if err == nil {
		m.Result, err = s.session.Result()
	}
	if err == nil && s.before != nil {
		if m.Told, err = tell(ctx, r.servers[0].HTTP); err == nil {
			m.Told.less(s.before)
		}
	}
	s.end()
	return r.judged(m, err)
}

// open gets the servers ready, and opens the connections of a measurement in slices.
func (r *run) open(ctx context.Context, point Point) (err error) {
	if err := r.ready(ctx); err != nil {
		return err
	}
	o := r.options(point)
	if err := r.heat(ctx, o); err != nil {
		return err
	}
	clients := clientsAt(point)
	o.Preload = r.loaded < clients
	if r.sliced.session, err = load.Open(ctx, o); err != nil {
		return err
	}
	r.loaded = max(r.loaded, clients)
	if r.scenario.Pages && r.peer.Ours {
		r.sliced.before, err = tell(ctx, r.servers[0].HTTP)
	}
	return err
}
