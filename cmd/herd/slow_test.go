package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/wirelog"
	"proxyherd/reactor/gnetreactor"
)

// fakeRecorder writes what a test wants, once it may.
type fakeRecorder struct {
	cannot  error
	may     chan struct{}
	writes  error
	stopped int
}

func (r *fakeRecorder) Start() error { return r.cannot }
func (r *fakeRecorder) Stop()        { r.stopped++ }
func (r *fakeRecorder) WriteTo(to io.Writer) (int64, error) {
	<-r.may
	n, err := io.WriteString(to, "a trace")
	return int64(n), errors.Join(err, r.writes)
}

// tracing is a slowTurns in a directory, and what it has said.
type tracing struct {
	*slowTurns
	*fakeRecorder
	t   *testing.T
	dir string
	log *wirelog.Log
}

func newTracing(t *testing.T, r *fakeRecorder) *tracing {
	t.Helper()
	dir := t.TempDir()
	log, err := wirelog.Open(wirelog.Options{Path: filepath.Join(dir, "Hill.log")})
	if err != nil {
		t.Fatal(err)
	}
	if r.may == nil {
		r.may = make(chan struct{})
		close(r.may)
	}
	s := newSlowTurns(log, "Hill", herd.Log{Dir: dir})
	s.recorder = r
	s.record()
	return &tracing{s, r, t, dir, log}
}

var slowAt = time.Date(2013, 11, 8, 12, 0, 0, 0, time.UTC)

// turn is a slow turn that ends so long after slowAt.
func turn(after time.Duration) gnetreactor.SlowTurn {
	return gnetreactor.SlowTurn{
		Began: slowAt.Add(after - 3*slowTurn), Took: 3 * slowTurn, Callbacks: 3,
		Callback: "timer main.tick", CallbackTook: 2 * slowTurn,
	}
}

// traces are the files there, and what the log says once it is closed.
func (tr *tracing) traces() (names []string, log string) {
	tr.t.Helper()
	tr.close()
	if err := tr.log.Close(); err != nil {
		tr.t.Fatal(err)
	}
	entries, err := os.ReadDir(tr.dir)
	if err != nil {
		tr.t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != "Hill.log" {
			names = append(names, e.Name())
		}
	}
	text, err := os.ReadFile(filepath.Join(tr.dir, "Hill.log"))
	if err != nil {
		tr.t.Fatal(err)
	}
	return names, string(text)
}

func TestASlowTurnIsLoggedAndTraced(t *testing.T) {
	tr := newTracing(t, &fakeRecorder{})
	tr.took(turn(0))
	names, log := tr.traces()
	if want := []string{"Hill-slow-20131108T120000.000Z.trace"}; !slices.Equal(names, want) {
		t.Fatalf("there are %q, want %q", names, want)
	}
	path := filepath.Join(tr.dir, names[0])
	if text, err := os.ReadFile(path); err != nil || string(text) != "a trace" {
		t.Errorf("the trace is %q, %v", text, err)
	}
	for _, want := range []string{`slow turn`, `took=30ms`, `callbacks=3`, `longest="timer main.tick"`, `longest_took=20ms`, `file=` + path, "go tool trace " + path} {
		if !strings.Contains(log, want) {
			t.Errorf("the log has no %s: %s", want, log)
		}
	}
	if tr.stopped != 1 {
		t.Errorf("the recorder was stopped %d times", tr.stopped)
	}
}

func TestThereIsOneTraceAMinute(t *testing.T) {
	tr := newTracing(t, &fakeRecorder{})
	for _, after := range []time.Duration{0, time.Second, tracePause - 1, tracePause, tracePause + time.Second, 2*tracePause - 1} {
		tr.took(turn(after))
		tr.writing.Wait()
	}
	names, log := tr.traces()
	if want := []string{"Hill-slow-20131108T120000.000Z.trace", "Hill-slow-20131108T120100.000Z.trace"}; !slices.Equal(names, want) {
		t.Errorf("there are %q, want %q", names, want)
	}
	if n := strings.Count(log, `longest="timer main.tick"`); n != 6 {
		t.Errorf("%d slow turns are logged, want 6", n)
	}
}

func TestADiskThatHangsHoldsNothingUp(t *testing.T) {
	may := make(chan struct{})
	tr := newTracing(t, &fakeRecorder{may: may})
	for i := range 5 {
		tr.took(turn(time.Duration(i) * tracePause)) // would hang here
	}
	close(may)
	if names, log := tr.traces(); len(names) != 1 || strings.Count(log, "longest=") != 5 {
		t.Errorf("there are %q, and the log has %s", names, log)
	}
}

func TestOnlyTheNewestTracesStay(t *testing.T) {
	tr := newTracing(t, &fakeRecorder{})
	others := []string{"Hill-slow-notes.txt", "Hillary-slow-20000101T000000.000Z.trace"}
	for _, name := range others {
		if err := os.WriteFile(filepath.Join(tr.dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for i := range tracesKept + 3 {
		tr.took(turn(time.Duration(i) * tracePause))
		tr.writing.Wait()
	}
	want := slices.Clone(others)
	for i := 3; i < tracesKept+3; i++ {
		want = append(want, fmt.Sprintf("Hill-slow-20131108T12%02d00.000Z.trace", i))
	}
	slices.Sort(want)
	if names, _ := tr.traces(); !slices.Equal(names, want) {
		t.Errorf("there are %q, want %q", names, want)
	}
}

func TestHalfATraceIsNone(t *testing.T) {
	tr := newTracing(t, &fakeRecorder{writes: errors.New("the disk is full")})
	tr.took(turn(0))
	names, log := tr.traces()
	if len(names) != 0 || !strings.Contains(log, "the disk is full") || strings.Contains(log, "slow turn traced") {
		t.Errorf("there are %q, and the log has %s", names, log)
	}
}

func TestWithoutARecorderSlowTurnsAreLoggedStill(t *testing.T) {
	tr := newTracing(t, &fakeRecorder{cannot: errors.New("another one runs")})
	tr.took(turn(0))
	names, log := tr.traces()
	if len(names) != 0 || tr.stopped != 0 || !strings.Contains(log, "another one runs") || !strings.Contains(log, "longest=") {
		t.Errorf("there are %q, stopped %d times, and the log has %s", names, tr.stopped, log)
	}
}

// TestTheTraceIsAnExecutionTrace has the real recorder write one.
func TestTheTraceIsAnExecutionTrace(t *testing.T) {
	dir := t.TempDir()
	quiet := newSlowTurns(nil, "Hill", herd.Log{Dir: dir})
	quiet.took(turn(0))
	quiet.close()
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("without traces there are %v, %v", entries, err)
	}
	s := newSlowTurns(nil, "Hill", herd.Log{Dir: dir, FlightRecorder: true})
	s.took(turn(0))
	s.close()
	text, err := os.ReadFile(filepath.Join(dir, "Hill-slow-20131108T120000.000Z.trace"))
	// Its header is that of runtime/trace's files.
	if err != nil || !strings.HasPrefix(string(text), "go 1.") || len(text) < 100 {
		t.Errorf("%d bytes that begin with %.16q, %v", len(text), text, err)
	}
}

// dawdle is a callback that holds the loop up.
func dawdle() { time.Sleep(3 * slowTurn) }

// TestASlowCallbackIsNamedInTheLog has a real loop call it: again, should the
// machine stand still in the same turn for longer, so that it was something else.
func TestASlowCallbackIsNamedInTheLog(t *testing.T) {
	tr := newTracing(t, &fakeRecorder{cannot: errors.New("none is wanted")})
	loop := gnetreactor.New(gnetreactor.Config{NoSignalHandlers: true, SlowTurn: slowTurn, OnSlowTurn: tr.took})
	calls := 0
	var again func()
	again = func() {
		if calls++; calls > 20 || strings.Contains(loop.Turns().Slowest.Callback, "dawdle") {
			_ = loop.Stop() // it runs, for it has just called
			return
		}
		loop.CallLater(0, dawdle)
		loop.CallLater(time.Millisecond, again)
	}
	loop.CallWhenRunning(again)
	if err := loop.Run(); err != nil {
		t.Fatal(err)
	}
	if _, log := tr.traces(); !strings.Contains(log, `warn "slow turn" callbacks=`) || !strings.Contains(log, `longest="timer proxyherd/cmd/herd.dawdle"`) {
		t.Errorf("the log has %s", log)
	}
}
