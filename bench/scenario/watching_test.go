package scenario

import (
	"math"
	"strings"
	"testing"

	"proxyherd/bench/load"
)

// page is a part of what a server shows.
const page = `# HELP herd_turn_seconds How long turns of the loop took.
# TYPE herd_turn_seconds histogram
herd_turn_seconds_bucket{le="0.0005"} 90
herd_turn_seconds_bucket{le="0.001"} 97
herd_turn_seconds_bucket{le="+Inf"} 100
herd_turn_seconds_sum 0.25
herd_turn_seconds_count 100
herd_turn_slowest_seconds{callback="I/O of *session"} 0.0042
herd_client_bytes_total{direction="in"} 1000
herd_client_bytes_total{direction="out"} 3000
herd_log_dropped_bytes_total 500
go_cpu_classes_gc_total_cpu_seconds_total 0.02
process_cpu_seconds_total 4
`

func TestWhatAServerTellsIsRead(t *testing.T) {
	before, err := readTold(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	if want := (Told{Turns: 100, LongTurns: 3, Longest: 0.0042, GC: 0.02, CPU: 4, Dropped: 500, Traffic: 4000}); *before != want {
		t.Errorf("%+v, want %+v", *before, want)
	}
	after, err := readTold(strings.NewReader(strings.NewReplacer("total 500", "total 1000", "3000", "4000").Replace(page)))
	if err != nil {
		t.Fatal(err)
	}
	after.since(before)
	for name, want := range map[string]float64{"long_turns": 3, "longest_turn": 4.2, "gc": 0.5, "dropped": 50} {
		if got := read(t, name, &Measurement{Result: &load.Result{}, Told: after}); math.Abs(got-want) > 1e-9 {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	// A server without a loop has no turns, but it may have all else.
	if got := read(t, "long_turns", &Measurement{Result: &load.Result{}, Told: &Told{CPU: 1}}); !math.IsNaN(got) {
		t.Errorf("a server without a loop had %v long turns", got)
	}
	for _, text := range []string{"", "404 page not found\n", "process_cpu_seconds_total many\n"} {
		if told, err := readTold(strings.NewReader(text)); err == nil {
			t.Errorf("%q tells %+v", text, told)
		}
	}
}

// counts is what perf writes.
const counts = `1000,,syscalls:sys_enter_read,123,100.00,,
0,,syscalls:sys_enter_recvfrom,123,100.00,,
900,,syscalls:sys_enter_write,123,100.00,,
50,,syscalls:sys_enter_writev,123,100.00,,
600,,syscalls:sys_enter_epoll_pwait,123,100.00,,
400,,syscalls:sys_exit_epoll_pwait,123,100.00,,
<not supported>,,syscalls:sys_exit_epoll_wait,0,100.00,,
3000,,raw_syscalls:sys_enter,123,100.00,,
`

func TestCallsAreReadAndHeldAgainstTheTurns(t *testing.T) {
	calls, err := parseCalls(counts)
	if err != nil {
		t.Fatal(err)
	}
	if want := (Calls{Read: 1000, Write: 950, Wait: 600, Turns: 400, All: 3000}); *calls != want {
		t.Fatalf("%+v, want %+v", *calls, want)
	}
	// 800 requests, one by one: two in each of 400 turns, so that each may take 2 + 3/2
	// calls, and takes 2,550/800.
	calls.Replies = 800
	m := &Measurement{Result: &load.Result{Pipeline: 1}, Calls: calls}
	for name, want := range map[string]float64{"calls": 2550.0 / 800, "events": 2, "calls_alone": 2550.0 / 800 / 3.5, "calls_linked": 2550.0 / 800 / 4.5} {
		if got := read(t, name, m); math.Abs(got-want) > 1e-9 {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	// Sixteen in a write are one event.
	calls.Replies, m.Result.Pipeline = 16*800, 16
	if got, want := read(t, "calls_alone", m), 2550.0/(16*800)/(3.5/16); math.Abs(got-want) > 1e-9 {
		t.Errorf("with a pipeline calls_alone is %v, want %v", got, want)
	}
	for _, text := range []string{"", "Error:\nAccess to performance monitoring is limited.\n", "5,,syscalls:sys_enter_read,1,100,,\n"} {
		if calls, err := parseCalls(text); err == nil {
			t.Errorf("%q is %+v", text, calls)
		}
	}
	o := Outcome{Points: []PointOutcome{{Point: Point{Name: "P"}, Entries: []Entry{{Name: "E", Measurements: []Measurement{{Calls: &Calls{Missing: "perf is not here"}}}}}}}}
	if got := strings.Join(o.Warnings(), "\n"); !strings.Contains(got, "P, E: no system calls were counted: perf is not here") {
		t.Errorf("what could not be counted is not told: %s", got)
	}
}

func read(t *testing.T, metric string, m *Measurement) float64 {
	t.Helper()
	of, err := MetricNamed(metric)
	if err != nil {
		t.Fatal(err)
	}
	return of.Of(m)
}
