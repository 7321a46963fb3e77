package scaled

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"proxyherd/bench/scenario"
)

// example is a report with everything in it.
func example() *Report {
	r := &Report{
		Conditions: scenario.Conditions{Machine: "test-2-cores", CPU: "c", Cores: 2, Kernel: "6", Size: "usual", Commit: "abc", Begun: time.Date(2026, 1, 2, 3, 4, 0, 0, time.UTC)},
		Latency:    1e-3, Line: 80,
		Graphs: []Graph{
			{Kind: "ring", Servers: 50, Links: 50, Degree: 2, Formula: 51, Followed: 5, Messages: 51, Hops: 25, Eccentricity: 25, Half: 0.013, Most: 0.025, All: 0.025},
			{Kind: "mesh", Servers: 5, Links: 10, Degree: 4, Formula: 16, Followed: 5, Messages: 16, Hops: 1, Eccentricity: 1, Half: 1e-3, Most: 1e-3, All: 1e-3},
			{Kind: "mesh", Servers: 5000, Links: 12_497_500, Degree: 4999, Formula: 24_990_001, Missing: "it is too large"},
		},
		Herds: []Herd{{Design: "reactor", Graph: "builtin", Servers: 5, Regime: Dense, Formula: 6, Messages: 6, Rounds: []Round{{Cost: 44}, {Cost: 46}}}},
		Rests: []Rest{
			{Design: "reactor", Rounds: []RestRound{{CPU: 0.001}, {CPU: 0.001}}},
			{Design: "reactor", Degree: 100, Rounds: []RestRound{{CPU: 0.004, Bytes: 6000}, {CPU: 0.006, Bytes: 6000}}},
		},
	}
	for i, regime := range Regimes {
		for _, deliveries := range []int{1, 4} {
			cost := float64(2-i) * float64(1+deliveries) // half as much as many as go
			r.Backbones = append(r.Backbones, Backbone{Regime: regime, Deliveries: deliveries, Rounds: []Round{{Cost: cost, Rate: 1e6 / cost}, {Cost: 1.1 * cost, Rate: 1e6 / cost / 1.1}}})
		}
		for _, design := range Designs {
			r.Points = append(r.Points, pointsFrom(some, design, regime, false)...)
		}
		r.Points = append(r.Points, pointsFrom(some, Designs[0], regime, true)...)
	}
	return r
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	var text bytes.Buffer
	if err := JSON(&text, example()); err != nil {
		t.Fatal(err)
	}
	got, err := Read(bytes.NewReader(text.Bytes()))
	if err != nil || !reflect.DeepEqual(got, example()) {
		t.Errorf("%v: %+v", err, got)
	}
	if _, err := Read(strings.NewReader("[]")); err == nil {
		t.Error("a list was read as a report")
	}
}

func TestTables(t *testing.T) {
	for name, rows := range map[string][]string{
		"conditions": {"Measured on c, 2 cores, kernel 6, size *usual*, on 2 January 2026, commit `abc`."},
		"graphs": {
			"| ring | N | 50 | 51 | 51 | 1.04 |\n", "| mesh | N(N - 1)/2 | 5,000 | 24,990,001 | – | 4,999 |\n",
			"Not simulated: mesh of 5,000 servers: it is too large.\n",
		},
		"reach": {"| ring | 50 | 25 | 25 | 13.0 | 25.0 | 25.0 |\n", "takes 1.00 ms"},
		"units": {" | 5.25 (5.00–5.50) | 1.05 (1.00–1.10) | 2.10 (2.00–2.20) |\n", "| one by one | reactor (again) |"},
		"degrees": {
			"| as many as go | reactor | an update and 2 copies | 4 | 13.7 (13.0–14.3) | 13.",
			"| as many as go | reactor | an update | 4 | 11.6 (11.0–12.1) | 11.6 | ±0 % | – | 86,364 (81,818–90,909) | 100 % |\n",
			"| one by one | goroutines | a client's report | 1 | 12.6 (12.0–13.2) | 12.6 | – | 110 (100–120) | – | – |\n",
		},
		"herds": {"| as many as go | reactor | built-in, fives in a tree | 6 | 6.00 | 45.0 (44.0–46.0) | 46.2 | 0.97 |\n"},
		"rest":  {"| reactor | 0 | 0.100 | – | – |\n", "| reactor | 100 | 0.500 (0.400–0.600) | 40.0 | 60.0 |\n", "has no time for anything else at "},
		"ends":  {"| ring | 128,700 |", "| no copies, nothing to pass on | 190,476 |", "| NATS, its server on one core | 190,476 | 19,048 | 1,905 | 190 |\n"},
		"most":  {"| no copies, nothing to pass on | 190,000 | 19,000 | 1,900 | 190 | 19 |\n", "| NATS, its server on one core | 975 | 308 | 97 | 30 | 9 |\n"},
		"bill":  {"| built-in, fives in a tree | 5 | 6 | 0.480 | 46.2 | 46.2 |\n", "| NATS, its server alone | 5,000 | 5,000 | 400 | 5,250 | 10,500 |\n"},
		"bus": {
			"| as many as go | 4 | 5.25 (5.00–5.50) | 5.25 | 190,909 (181,818–200,000) |\n",
			"The units, one by one: 2.10 (2.00–2.20) us to take a message, and 2.10 (2.00–2.20) us for each delivery.\n",
		},
		"backbone": {"| ring | 2E - (N - 1), E = N | 6 | 51 | 501 | 5,001 |\n", "| a server of messages | 1 + (N - 1) | 5 | 50 | 500 | 5,000 |\n"},
	} {
		got, err := Tables[name](example())
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, want := range rows {
			if !strings.Contains(got, want) {
				t.Errorf("%s has no %q:\n%s", name, want, got)
			}
		}
	}
	for name := range Tables {
		if !slices.ContainsFunc(sections, func(s struct{ heading, table, figure string }) bool { return s.table == name }) && name != "conditions" {
			t.Errorf("the page does not show the table %s", name)
		}
	}
}

func TestEverythingIsWritten(t *testing.T) {
	dir := t.TempDir()
	paths, err := Write(dir, example())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, path := range paths {
		names = append(names, strings.TrimPrefix(filepath.ToSlash(path), filepath.ToSlash(dir)+"/test-2-cores/2026-01-02-0304-scaling"))
	}
	if want := []string{".md", ".json", "-messages.svg", "-reach.svg", "-degrees.svg", "-bill.svg"}; !slices.Equal(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
	page, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sections {
		if !strings.Contains(string(page), "\n## "+s.heading+"\n\n") {
			t.Errorf("the page has no section %q", s.heading)
		}
	}
	if !strings.Contains(string(page), "![Messages](2026-01-02-0304-scaling-messages.svg)") {
		t.Error("the page does not show its figures")
	}
	without := example()
	without.Backbones, without.Missing = nil, "there is no server of messages"
	if table, err := Tables["bus"](without); err != nil || table != "Not measured: there is no server of messages\n" {
		t.Errorf("%q, %v", table, err)
	}
	if _, err := Write(t.TempDir(), without); err != nil {
		t.Error(err)
	}
	broken := example()
	broken.Graphs[0].Kind = "star"
	if _, err := Write(t.TempDir(), broken); err == nil {
		t.Error("a graph without a formula was written")
	}
}
