package scenario

import (
	"math"
	"slices"
	"strings"
	"testing"

	"proxyherd/bench/calls"
	"proxyherd/bench/load"
)

// page is a part of what a server shows.
const page = `# HELP herd_turn_seconds How long turns of the loop took.
# TYPE herd_turn_seconds histogram
herd_turn_seconds_bucket{le="0.0005"} 90
herd_turn_seconds_bucket{le="0.001"} 97
herd_turn_seconds_bucket{le="0.002"} 99
herd_turn_seconds_bucket{le="+Inf"} 100
herd_turn_seconds_sum 0.25
herd_turn_seconds_count 100
herd_turn_slowest_seconds{callback="I/O of *session"} 0.0042
herd_client_bytes_total{direction="in"} 6000
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
	if want := []Turns{{0.0005, 90}, {0.001, 97}, {0.002, 99}, {math.MaxFloat64, 100}}; !slices.Equal(before.Turns, want) {
		t.Errorf("the turns are %v, want %v", before.Turns, want)
	}
	after, err := readTold(strings.NewReader(strings.NewReplacer(
		"bytes_total 500", "bytes_total 1000", "3000", "4000", "total 0.02", "total 0.03", "total 4", "total 6",
		"} 90", "} 190", "} 97", "} 200", "} 99", "} 204", "} 100", "} 205",
	).Replace(page)))
	if err != nil {
		t.Fatal(err)
	}
	// Of 105 turns 103 were no longer than a millisecond, and none was over two.
	after.less(before)
	for name, want := range map[string]float64{"long_turns": 2, "longest_turn": 2, "gc": 0.5, "dropped": 50} {
		if got := read(t, name, &Measurement{Result: &load.Result{}, Told: after}); math.Abs(got-want) > 1e-9 {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	// A server without a loop has no turns, but it may have all else.
	without := &Measurement{Result: &load.Result{}, Told: &Told{CPU: 1}}
	for _, name := range []string{"long_turns", "longest_turn"} {
		if got := read(t, name, without); !math.IsNaN(got) {
			t.Errorf("a server without a loop has %v in %s", got, name)
		}
	}
	if got := read(t, "gc", without); got != 0 {
		t.Errorf("without a loop, the collector's share is %v", got)
	}
	for _, text := range []string{"", "404 page not found\n", "process_cpu_seconds_total many\n", bucket + "0.5\"} x\n", bucket + "y\"} 5\n"} {
		if told, err := readTold(strings.NewReader(text)); err == nil {
			t.Errorf("%q tells %+v", text, told)
		}
	}
}

// Turns by their thread's time count in place of those by the wall, where a server tells
// of them, and the slowest only if it is of the measurement.
func TestTurnsAreJudgedByTheirThreadsTime(t *testing.T) {
	const threads = `herd_turn_thread_seconds_bucket{le="0.001"} 99
herd_turn_thread_seconds_bucket{le="0.005"} 100
herd_turn_thread_seconds_bucket{le="+Inf"} 100
herd_turn_thread_slowest_seconds{callback="I/O of *link"} 0.0013
`
	told := func(text string) *Told {
		told, err := readTold(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return told
	}
	before := told(page + threads)
	if want := (Slowest{0.0013, "I/O of *link"}); before.Slowest == nil || *before.Slowest != want || len(before.ThreadTurns) != 3 {
		t.Fatalf("it has told %+v, %+v", before, before.Slowest)
	}
	after := told(page + strings.NewReplacer(`"0.001"} 99`, `"0.001"} 110`, "} 100", "} 115").Replace(threads))
	after.less(before)
	m := &Measurement{Result: &load.Result{}, Told: after}
	for name, want := range map[string]float64{"long_turns": 4, "very_long_turns": 0, "longest_turn": 5} {
		if got := read(t, name, m); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	if after.Slowest != nil {
		t.Errorf("the slowest was before: %+v", after.Slowest)
	}
	later := told(page + strings.Replace(threads, "0.0013", "0.0042", 1))
	if later.less(before); later.Slowest == nil || later.Slowest.Seconds != 0.0042 {
		t.Errorf("the slowest is %+v", later.Slowest)
	}

	// Of the two servers of a return the worse one counts.
	m = &Measurement{Return: &Returned{Seconds: 3, Sender: &Told{CPU: 1}, Receiver: after}}
	for name, want := range map[string]float64{"again": 3, "long_turns": 4} {
		if got := read(t, name, m); got != want {
			t.Errorf("of a return %s is %v, want %v", name, got, want)
		}
	}
	m.Return.Sender.ThreadTurns = []Turns{{0.001, 10}, {0.005, 15}, {0.01, 16}}
	for name, want := range map[string]float64{"long_turns": 6, "very_long_turns": 1, "longest_turn": 10} {
		if got := read(t, name, m); got != want {
			t.Errorf("of a return %s is %v, want %v", name, got, want)
		}
	}
}

func TestCallsAreHeldAgainstTheTurns(t *testing.T) {
	counted := &Calls{Counts: calls.Counts{Read: 1000, Write: 950, Wait: 600, Turns: 400, All: 3000}}
	// 800 requests, one by one: two in each of 400 turns, so that each may take 2 + 3/2
	// calls, and takes 2,550/800.
	counted.Replies = 800
	m := &Measurement{Result: &load.Result{Pipeline: 1}, Calls: counted}
	for name, want := range map[string]float64{"calls": 2550.0 / 800, "events": 2, "calls_alone": 2550.0 / 800 / 3.5, "calls_linked": 2550.0 / 800 / 4.5} {
		if got := read(t, name, m); math.Abs(got-want) > 1e-9 {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	// Sixteen in a write are one event.
	counted.Replies, m.Result.Pipeline = 16*800, 16
	if got, want := read(t, "calls_alone", m), 2550.0/(16*800)/(3.5/16); math.Abs(got-want) > 1e-9 {
		t.Errorf("with a pipeline calls_alone is %v, want %v", got, want)
	}
	o := Outcome{Points: []PointOutcome{{Point: Point{Name: "P"}, Entries: []Entry{{Name: "E", Measurements: []Measurement{{Calls: &Calls{Counts: calls.Counts{Missing: "perf is not here"}}}}}}}}}
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
