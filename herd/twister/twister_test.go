package twister

import (
	"context"
	"errors"
	"testing"

	"proxyherd/herd/upstream"
	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

// loop is a reactor's loop that runs what it was given when it is told to.
type loop struct {
	reactor.Threads // the rest of it is not used
	calls           []func()
	ended           bool
}

func (l *loop) CallFromThread(f func()) bool {
	if !l.ended {
		l.calls = append(l.calls, f)
	}
	return !l.ended
}

func (l *loop) turn() {
	calls := l.calls
	l.calls = nil
	for _, f := range calls {
		f()
	}
}

// service keeps what it was asked, for the test to answer.
type service struct {
	ctx   context.Context
	asked upstream.Query
	done  func(upstream.Result)
}

func (s *service) Ask(ctx context.Context, q upstream.Query, done func(upstream.Result)) {
	s.ctx, s.asked, s.done = ctx, q, done
}

// outcome takes what a Deferred came to.
func outcome(d *deferred.Deferred[[]byte]) (line string, err error) {
	d.AddBoth(func(value []byte, failure error) ([]byte, error) {
		line, err = string(value), failure
		return nil, nil
	})
	return line, err
}

var lukla = Place{Latitude: "+27.5916", Longitude: "+86.5640", Radius: "10"}

func TestAnswersComeOnTheLoop(t *testing.T) {
	l, s := &loop{}, &service{}
	d := New(l, s).Nearby(lukla, 2)
	if want := (upstream.Query{Latitude: "+27.5916", Longitude: "+86.5640", Radius: "10", Limit: 2}); s.asked != want {
		t.Errorf("asked %+v", s.asked)
	}
	s.done(upstream.Result{Line: []byte(`{"results":[]}`), Status: 200})
	if d.Called() {
		t.Error("the answer came on the client's goroutine")
	}
	l.turn()
	if line, err := outcome(d); line != `{"results":[]}` || err != nil {
		t.Errorf("%s, %v", line, err)
	}
	if s.ctx.Err() == nil {
		t.Error("the question's context was left behind")
	}
}

func TestSearchAsksForWords(t *testing.T) {
	s := &service{}
	New(&loop{}, s).Search("snow", Place{}, 5)
	if want := (upstream.Query{Words: "snow", Limit: 5}); s.asked != want {
		t.Errorf("asked %+v", s.asked)
	}
}

func TestErrorsKeepTheirAnswer(t *testing.T) {
	l, s := &loop{}, &service{}
	d := New(l, s).Nearby(lukla, 2)
	s.done(upstream.Result{Line: []byte(`{"error":"calm"}`), Status: 420, Err: upstream.ErrRefused})
	l.turn()
	_, err := outcome(d)
	var answer *AnswerError
	if !errors.As(err, &answer) || string(answer.Line) != `{"error":"calm"}` || answer.Status != 420 || !errors.Is(err, upstream.ErrRefused) || err.Error() != upstream.ErrRefused.Error() {
		t.Errorf("%#v", err)
	}
}

func TestCancellingWithdraws(t *testing.T) {
	l, s := &loop{}, &service{}
	d := New(l, s).Nearby(lukla, 2)
	d.Cancel()
	if s.ctx.Err() == nil {
		t.Error("the question goes on")
	}
	if _, err := outcome(d); !errors.Is(err, deferred.ErrCancelled) {
		t.Errorf("%v", err)
	}
	s.done(upstream.Result{Line: []byte(`{}`), Err: upstream.ErrWithdrawn})
	l.turn() // and nothing is called twice
}

func TestAnEndedLoopIsToldOf(t *testing.T) {
	s := &service{}
	if _, err := outcome(New(&loop{ended: true}, s).Nearby(lukla, 2)); !errors.Is(err, ErrLoopEnded) || s.done != nil {
		t.Errorf("%v", err)
	}
}
