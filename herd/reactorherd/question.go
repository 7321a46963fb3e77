package reactorherd

import (
	"context"
	"slices"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/upstream"
	"proxyherd/reactor/deferred"
	"proxyherd/reactor/threads"
)

// answerOf is what a question comes to.
type answerOf = deferred.Deferred[upstream.Result]

// question is one that the upstream is being asked, and who waits for its
// answer: equal questions that come meanwhile wait for the same one. The
// upstream's client shares too, but only among the workers that call it; here a
// thousand equal questions take one worker.
type question struct {
	waiting []*answerOf
	cancel  context.CancelFunc
}

// fetch asks the upstream, or joins an equal question that is under way, and ends with
// that, though there may be more time. Cancelling the Deferred leaves it; when the last
// has left, the call is broken off.
//
// Twin: a worker's result is posted to the loop, and the Deferreds that wait are
// called there.
func (s *Server) fetch(q herd.Query, within time.Duration) *answerOf {
	asked := upstream.Query{
		Latitude: string(q.Latitude), Longitude: string(q.Longitude), Radius: string(q.Radius), Limit: q.Limit,
	}
	under, known := s.asking[asked]
	if known {
		s.shared++
	} else {
		under = &question{}
	}
	d := deferred.New(func(d *answerOf) { s.withdraw(asked, under, d) })
	under.waiting = append(under.waiting, d)
	if !known {
		s.askUpstream(asked, under, within)
	}
	return d
}

// askUpstream asks on a worker, and brings the result back to the loop. The time
// runs from now, waiting for a worker included.
func (s *Server) askUpstream(asked upstream.Query, under *question, within time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	under.cancel = cancel
	result := threads.DeferToThread(s.reactor, func() (upstream.Result, error) {
		return s.upstream.Fetch(ctx, asked), nil
	})
	// Only now that it is under way may others join it.
	s.asking[asked] = under
	result.AddBoth(func(r upstream.Result, err error) (upstream.Result, error) {
		cancel()
		s.forget(asked, under)
		// An answer may end a connection, and with it others that wait.
		waiting := under.waiting
		under.waiting = nil
		for _, d := range waiting {
			switch {
			case d.Called():
			case err != nil:
				d.Errback(err)
			default:
				d.Callback(r)
			}
		}
		return r, nil
	})
}

// withdraw takes out somebody who does not wait any more.
func (s *Server) withdraw(asked upstream.Query, under *question, gone *answerOf) {
	under.waiting = slices.DeleteFunc(under.waiting, func(d *answerOf) bool { return d == gone })
	if len(under.waiting) == 0 {
		s.forget(asked, under)
		under.cancel()
	}
}

// forget lets no more join a question; another may have taken its place.
func (s *Server) forget(asked upstream.Query, under *question) {
	if s.asking[asked] == under {
		delete(s.asking, asked)
	}
}
