package report

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"proxyherd/bench/load"
	"proxyherd/bench/scenario"
)

func rates(list ...float64) (measurements []scenario.Measurement) {
	for _, rate := range list {
		measurements = append(measurements, scenario.Measurement{Result: &load.Result{
			Rate: rate, Server: load.Cost{CPUPerOp: 1e6 / rate}, Latency: load.Times{P50: 10, P99: 1e7 / rate},
		}})
	}
	return measurements
}

// example is a report of each kind of figure.
func example() *scenario.Report {
	entries := func(m func(factor float64) []scenario.Measurement) []scenario.Entry {
		return []scenario.Entry{
			{Name: "C", Peer: "c", Measurements: m(1)},
			{Name: "herd", Peer: "reactor", Ours: true, Measurements: m(0.8)},
			{Name: "herd (again)", Peer: "reactor", Ours: true, Base: 1, Null: true, Measurements: m(0.808)},
		}
	}
	loop := func(base float64) func(float64) []scenario.Measurement {
		return func(f float64) []scenario.Measurement { return rates(base*f, 0.5*base*f) }
	}
	idle := func(f float64) []scenario.Measurement {
		return []scenario.Measurement{{Idle: &load.Holding{PerOne: 100 / f, Points: []load.HeldAt{
			{Connections: 500, Memory: load.Memory{Anonymous: 1e6}}, {Connections: 10000, Memory: load.Memory{Anonymous: 2e6}},
		}}}}
	}
	spread := func(f float64) []scenario.Measurement {
		return []scenario.Measurement{{Spread: &load.Spread{Farthest: "Hill", Servers: []load.Arrival{
			{Server: "Meeks", Curve: []float64{1, 2}}, {Server: "Hill", Latency: load.Times{P50: 150 / f}, Curve: []float64{100, 150, 200}},
		}}}}
	}
	return &scenario.Report{
		Conditions: scenario.Conditions{
			Machine: "test-2-cores", Begun: time.Date(2026, 1, 2, 3, 4, 0, 0, time.UTC), Took: scenario.Duration(90 * time.Second),
			Kernel: "6.1", CPU: "A | B", Cores: 2, Memory: 8 << 30, Files: 1024, Versions: map[string]string{"go": "go1.26", "cc": "cc 12"},
			Commit: "abc", Changed: true, Flags: []string{"-size", "quick"}, Size: "quick", Before: "0.01", After: "1.20",
			ServerCPUs: []int{0}, GeneratorCPUs: []int{1}, Lacks: []string{"C: a log"},
		},
		Scenarios: []scenario.Outcome{
			{Name: "throughput", Title: "Throughput", About: "A closed loop.", Kind: scenario.Loop, Metrics: []string{"rate", "cpu"}, Rounds: 2, Took: scenario.Duration(8 * time.Second),
				Points: []scenario.PointOutcome{{Point: scenario.Point{Name: "P=1"}, Entries: entries(loop(2000))}, {Point: scenario.Point{Name: "P=16"}, Entries: entries(loop(20000))}}},
			{Name: "rates", Title: "Rates", About: "An open loop.", Kind: scenario.Loop, Metrics: []string{"p99", "p50", "rate"}, Rounds: 2,
				Points: []scenario.PointOutcome{{Point: scenario.Point{Name: "slow", Rate: 100}, Entries: entries(loop(100))}, {Point: scenario.Point{Name: "fast", Rate: 200}, Entries: entries(loop(200))}}},
			{Name: "clients", Title: "Clients", About: "More.", Kind: scenario.Loop, Against: "clients", Metrics: []string{"cpu", "rate"}, Rounds: 2,
				Points: []scenario.PointOutcome{{Point: scenario.Point{Name: "few", Clients: 10}, Entries: entries(loop(100))}, {Point: scenario.Point{Name: "many", Clients: 1000}, Entries: entries(loop(90))}}},
			{Name: "idle", Title: "Idle", About: "Idle.", Kind: scenario.Idle, Metrics: []string{"per_one"}, Rounds: 1, Points: []scenario.PointOutcome{{Entries: entries(idle)}}},
			{Name: "propagation", Title: "Propagation", About: "Far.", Kind: scenario.Propagation, Metrics: []string{"p50"}, Rounds: 1, Points: []scenario.PointOutcome{{Entries: entries(spread)}}},
			{Name: "nothing", Title: "Nothing", About: "None.", Kind: scenario.Loop, Metrics: []string{"rate"}, Rounds: 1,
				Points: []scenario.PointOutcome{{Point: scenario.Point{Name: "P"}, Entries: []scenario.Entry{{Name: "C", Measurements: []scenario.Measurement{{Failed: "gone"}}}}}}},
		},
	}
}

func TestMarkdown(t *testing.T) {
	var page strings.Builder
	if err := Markdown(&page, example(), map[string]string{"throughput": "t.svg"}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"# The bench, 2 January 2026, 03:04 UTC\n",
		"| machine | A \\| B, 2 cores, 8 GiB |\n| kernel | 6.1 |\n| commit | abc, with changes |\n| size | quick, took 1m30s |\n| flags | -size quick |\n",
		"| cc | cc 12 |\n| go | go1.26 |\n",
		"- C: a log\n",
		"holds for all of this page's 14 ratios at once, in 19 of 20 runs.\n\n## Throughput",
		"## Throughput\n\nA closed loop.\n2 rounds; it took 8s.\n\n![Throughput](t.svg)\n\n" +
			"| P=1 | replies, 1/s | ratio | | processor time of a reply, us | ratio | |\n|---|---:|---:|---|---:|---:|---|\n" +
			"| C | 1,500 (1,000–2,000) | | | 750 (500–1,000) | | |\n" +
			"| herd | 1,200 (800–1,600) | 0.80 (0.80–0.80) | less | 938 (625–1,250) | 1.25 (1.25–1.25) | more |\n" +
			"| herd (again) | 1,212 (808–1,616) | 1.01 (1.01–1.01) to herd |  | 928 (619–1,238) | 0.99 (0.99–0.99) to herd |  |\n" +
			"\nNoise: replies to 1.8 % (4.9 %); processor time of a reply to 1.8 % (4.9 %).\n",
		"| C | not measured | | |\n\nNoise: replies not known.\n\nTo be known:\n\n- P, C: gone\n",
	} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("this is missing:\n%s\nin:\n%s", want, &page)
		}
	}
}

func TestFilesOfAReport(t *testing.T) {
	r := example()
	for i, want := range []int{2, 2, 2, 1, 1, 0} {
		if got := len(Figure(&r.Scenarios[i])); got != want {
			t.Errorf("%s: %d panels, want %d", r.Scenarios[i].Name, got, want)
		}
	}
	dir := t.TempDir()
	paths, err := Write(dir, r)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, path := range paths {
		name, err := filepath.Rel(filepath.Join(dir, "test-2-cores"), path)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, strings.TrimPrefix(name, "2026-01-02-0304"))
	}
	if want := []string{".md", "-throughput.svg", "-rates.svg", "-clients.svg", "-idle.svg", "-propagation.svg", ".json"}; !reflect.DeepEqual(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
	text, err := os.ReadFile(paths[len(paths)-1])
	if err != nil {
		t.Fatal(err)
	}
	if again, err := Read(bytes.NewReader(text)); err != nil || !reflect.DeepEqual(again, r) {
		t.Errorf("what was read is not what was written: %v\n%s", err, text)
	}
}
