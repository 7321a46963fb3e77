package goroutineherd

import (
	"context"
	"slices"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/upstream"
)

// answerOf is somebody who waits for what a question comes to. It is called once,
// on a goroutine of the question's, unless it has left before.
type answerOf struct{ take func(upstream.Result, error) }

// question is one that the upstream is being asked, and who waits for its
// answer: equal questions that come meanwhile wait for the same one. The
// upstream's client shares too, but only among the goroutines that call it; here
// a thousand equal questions take one. Guarded by Server.asking.
//
// Twin: a lock of its own for the questions, a semaphore for the workers, and a
// context that the last who leaves cancels.
type question struct {
	waiting []*answerOf
	cancel  context.CancelFunc
}

// fetch asks the upstream, or joins an equal question that is under way, and ends with
// that, though there may be more time. leave gives it up; when the last has left, the
// call is broken off.
func (s *Server) fetch(q herd.Query, within time.Duration, take func(upstream.Result, error)) (leave func()) {
	asked := upstream.Query{
		Latitude: string(q.Latitude), Longitude: string(q.Longitude), Radius: string(q.Radius), Limit: q.Limit,
	}
	who := &answerOf{take}
	s.asking.Lock()
	defer s.asking.Unlock()
	under, known := s.questions[asked]
	if known {
		s.tally.shared.Add(1)
	} else {
		under = &question{}
		s.askUpstream(asked, under, within)
	}
	under.waiting = append(under.waiting, who)
	return func() { s.withdraw(asked, under, who) }
}

// askUpstream asks on a goroutine. The time runs from now, waiting for a worker
// included. Called with asking held.
func (s *Server) askUpstream(asked upstream.Query, under *question, within time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	under.cancel = cancel
	s.questions[asked] = under
	s.running.Go(func() {
		defer cancel()
		r, err := s.askOnce(ctx, asked)
		s.asking.Lock()
		s.forget(asked, under)
		waiting := under.waiting
		under.waiting = nil
		s.asking.Unlock()
		for _, who := range waiting {
			who.take(r, err)
		}
	})
}

// askOnce waits for a worker's place and asks. The error is a panic's.
func (s *Server) askOnce(ctx context.Context, asked upstream.Query) (r upstream.Result, err error) {
	defer func() {
		if panicked := recovered(recover()); panicked != nil {
			err = panicked
		}
	}()
	select {
	case s.workers <- struct{}{}:
		defer func() { <-s.workers }()
	case <-ctx.Done():
		// Too late, or nobody waits any more: the upstream's client has words for it.
	}
	return s.upstream.Fetch(ctx, asked), nil
}

// withdraw takes out somebody who does not wait any more.
func (s *Server) withdraw(asked upstream.Query, under *question, gone *answerOf) {
	s.asking.Lock()
	defer s.asking.Unlock()
	under.waiting = slices.DeleteFunc(under.waiting, func(who *answerOf) bool { return who == gone })
	if len(under.waiting) == 0 {
		s.forget(asked, under)
		under.cancel()
	}
}

// forget lets no more join a question; another may have taken its place.
func (s *Server) forget(asked upstream.Query, under *question) {
	if s.questions[asked] == under {
		delete(s.questions, asked)
	}
}
