package delayed

import (
	"strings"
	"testing"
	"time"
)

// start is when every test's clock starts.
var start = time.Date(2013, 11, 8, 12, 0, 0, 0, time.UTC)

// loop is a heap of calls with a clock that stands until it is moved, and a
// list of the calls that ran.
type loop struct {
	Calls
	t   *testing.T
	now time.Time
	ran []string
}

func newLoop(t *testing.T) *loop {
	l := &loop{t: t, now: start}
	l.Now = func() time.Time { return l.now }
	return l
}

// later schedules a call that notes its name.
func (l *loop) later(delay time.Duration, name string) *Call {
	return l.Later(delay, func() { l.ran = append(l.ran, name) })
}

// turn is one pass of a reactor over its timers.
func (l *loop) turn() {
	l.Admit()
	now := l.now
	for f := l.Due(now); f != nil; f = l.Due(now) {
		f()
	}
}

func (l *loop) advance(d time.Duration) {
	l.now = l.now.Add(d)
	l.turn()
}

func (l *loop) wantRan(names ...string) {
	l.t.Helper()
	if got, want := strings.Join(l.ran, ", "), strings.Join(names, ", "); got != want {
		l.t.Errorf("ran: %q, want %q", got, want)
	}
}

// wantNext checks for how long a loop would sleep; negative is for ever.
func (l *loop) wantNext(want time.Duration) {
	l.t.Helper()
	next, found := l.Next()
	switch {
	case want < 0 && found:
		l.t.Errorf("the loop would sleep for %v, want for ever", next.Sub(l.now))
	case want >= 0 && (!found || !next.Equal(l.now.Add(want))):
		l.t.Errorf("the loop would sleep for %v (%t), want %v", next.Sub(l.now), found, want)
	}
}

// must fails the test for an error.
func (l *loop) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}
