package reached

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"proxyherd/bench/load"
	"proxyherd/bench/scenario"
)

func TestTheGoalsCanBeUsed(t *testing.T) {
	goals, err := All()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	floors, tests := 0, 0
	for _, g := range goals {
		if key := g.Group + ": " + g.Asked; seen[key] {
			t.Errorf("%s is there twice", key)
		} else {
			seen[key] = true
		}
		if g.Floor != 0 {
			floors++
		}
		if len(g.Test) > 0 {
			tests++
			isThere(t, g.Test[0], g.Test[1])
		}
	}
	if len(goals) < 30 || floors < 3 || tests < 5 {
		t.Errorf("%d goals, %d floors, %d tests", len(goals), floors, tests)
	}
}

// isThere checks that a package has a test or benchmark of that name.
func isThere(t *testing.T, folder, name string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("../../..", folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	declared := regexp.MustCompile(`(?m)^func ` + name + `\(`)
	if !slices.ContainsFunc(files, func(path string) bool {
		text, err := os.ReadFile(path)
		return err == nil && declared.Match(text)
	}) {
		t.Errorf("%s has no %s", folder, name)
	}
}

func TestGoalsThatNothingCouldShow(t *testing.T) {
	goal := func(rest string) string { return `[{"group":"G","asked":"A",` + rest + `}]` }
	const good = `"scenario":"throughput","point":"P=1","peer":"reactor","metric":"rate","goal":2`
	for _, c := range []struct{ text, says string }{
		{goal(good), ""},
		{goal(good + `,"floor":1,"dream":3`), ""},
		{goal(`"test":["herd","TestX"]`), ""},
		{goal(good + `,"floor":3`), "no better than its floor"},
		{goal(good + `,"dream":1`), "no better than its goal"},
		{goal(strings.Replace(good, "rate", "p99", 1) + `,"floor":3`), ""}, // less of it is better
		{goal(strings.Replace(good, "P=1", "P=2", 1)), `no point "P=2"`},
		{goal(strings.Replace(good, "throughput", "flight", 1)), `no scenario "flight"`},
		{goal(strings.Replace(good, "rate", "speed", 1)), `no metric "speed"`},
		{goal(strings.Replace(good, `"reactor"`, `""`, 1)), "no peer"},
		{goal(good + `,"variation":"log on"`), `no variation "log on"`},
		{goal(good + `,"against":{"point":"P=3"}`), `no point "P=3"`},
		{goal(good + `,"test":["herd","TestX"]`), "in place of a metric"},
		{goal(good + `,"gaol":1`), "gaol"},
		{`[{"asked":"A","test":["herd","TestX"]}]`, "no group"},
	} {
		_, err := parse([]byte(c.text))
		if (err == nil) != (c.says == "") || err != nil && (!errors.Is(err, ErrGoals) || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: %v, want %q", c.text, err, c.says)
		}
	}
}

// of is an entry with such rates, 0 where a round has none.
func of(peer, variation string, null bool, base int, rates ...float64) scenario.Entry {
	e := scenario.Entry{Name: peer, Peer: peer, Variation: variation, Null: null, Base: base}
	for _, rate := range rates {
		m := scenario.Measurement{Failed: "it fell over"}
		if rate > 0 {
			m = scenario.Measurement{Result: &load.Result{Rate: rate, Server: load.Cost{CPUPerOp: 1 / rate}}}
		}
		e.Measurements = append(e.Measurements, m)
	}
	return e
}

// measured is a report of one point.
func measured(entries ...scenario.Entry) *scenario.Report {
	return &scenario.Report{
		Conditions: scenario.Conditions{Machine: "m", Begun: time.Date(2026, 1, 2, 3, 4, 0, 0, time.UTC), Size: "standard"},
		Scenarios: []scenario.Outcome{{
			Name: "throughput", Points: []scenario.PointOutcome{{Point: scenario.Point{Name: "P=1"}, Entries: entries}},
		}},
	}
}

func TestVerdicts(t *testing.T) {
	g := Goal{
		Group: "G", Asked: "A", Metric: "rate", Goal: 0.8, Floor: 0.6, Dream: 0.9,
		Subject: Subject{Scenario: "throughput", Point: "P=1", Peer: "reactor"}, Against: &Subject{Peer: "c"},
	}
	c := of("c", "", false, 0, 100, 100, 100)
	steady := []float64{84, 84, 84}
	for _, test := range []struct {
		name     string
		ours     []float64
		null     []float64
		change   func(*Goal)
		busy     float64
		want     Verdict
		by       float64
		open     string
		reaching bool // the dream
	}{
		{"met", steady, steady, nil, 0, Met, 0, "", false},
		{"the dream", []float64{95, 95, 95}, []float64{95, 95, 95}, nil, 0, Met, 0, "", true},
		{"missed", []float64{72, 72, 72}, []float64{72, 72, 72}, nil, 0, Missed, 0.1, "", false},
		{"below the floor", []float64{54, 54, 54}, []float64{54, 54, 54}, nil, 0, BelowFloor, 0.1, "", false},
		{"met, but a round was not", []float64{84, 79, 85}, []float64{84, 79, 85}, nil, 0, Met, 0, "within range and noise", false},
		{"met, but within the noise", []float64{84, 84, 84}, []float64{84, 92, 84}, nil, 0, Met, 0, "within range and noise", false},
		{"missed, but a round was not", []float64{72, 81, 72}, []float64{72, 81, 72}, nil, 0, Missed, 0.1, "within range and noise", false},
		{"a machine with other things to do", steady, steady, nil, 0.5, Met, 0, "the machine was not quiet", false},
		{"no null comparison", steady, nil, nil, 0, Met, 0, "there is no null comparison", false},
		{"no null comparison, and none is needed", steady, nil, func(g *Goal) { g.Against, g.Goal, g.Floor, g.Dream = nil, 80, 60, 90 }, 0, Met, 0, "", false},
		{"a round failed", []float64{84, 0, 84}, steady, nil, 0, Met, 0, "", false},
		{"less is better", []float64{125, 125, 125}, []float64{125, 125, 125}, func(g *Goal) { g.Metric, g.Dream, g.Floor = "cpu", 0, 1 }, 0, Met, 0, "", false},
		{"less is better, and missed", []float64{100, 100, 100}, []float64{100, 100, 100}, func(g *Goal) { g.Metric, g.Dream, g.Floor = "cpu", 0, 1 }, 0, Missed, 0.25, "", false},
		{"exactly", []float64{80, 80, 80}, nil, func(g *Goal) { g.Exactly, g.Floor, g.Dream = true, 0, 0 }, 0, Met, 0, "", false},
		{"not exactly", steady, nil, func(g *Goal) { g.Exactly, g.Floor, g.Dream = true, 0, 0 }, 0, Missed, 0.05, "", false},
		{"reported", steady, steady, func(g *Goal) { *g = Goal{Group: "G", Asked: "A", Metric: "rate", Subject: g.Subject, Reported: true} }, 0, Told, 0, "", false},
		{"nothing", []float64{0, 0, 0}, nil, nil, 0, NotMeasured, 0, "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			entries := []scenario.Entry{c, of("reactor", "", false, 0, test.ours...)}
			if test.null != nil {
				entries = append(entries, of("reactor", "", true, 1, test.null...))
			}
			for _, e := range entries {
				for _, m := range e.Measurements {
					if m.Result != nil {
						m.Result.Others = test.busy
					}
				}
			}
			goal := g
			if test.change != nil {
				test.change(&goal)
			}
			got := row(goal, measured(entries...))
			if got.Verdict != test.want || got.Open != test.open || got.Dreamt != test.reaching || got.By < test.by-1e-9 || got.By > test.by+1e-9 {
				t.Errorf("%s, by %v, open %q, the dream %t; reached %+v", got.Verdict, got.By, got.Open, got.Dreamt, got.Reached)
			}
			for _, m := range c.Measurements {
				m.Result.Others = 0
			}
		})
	}
}

// What a run has not measured is said, and whose number it lacks.
func TestWhatARunHasNot(t *testing.T) {
	rows, err := Rows(measured(of("reactor", "", false, 0, 10)))
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]int{}
	for _, r := range rows {
		if len(r.Test) == 0 && (r.Verdict != NotMeasured || r.Reached != nil) {
			t.Errorf("%s, %s: %s", r.Group, r.Asked, r.Verdict)
		}
		// A benchmark holds nothing: it only tells.
		if len(r.Test) > 0 && (r.Verdict == ByTest) != strings.HasPrefix(r.Test[1], "Test") {
			t.Errorf("%s, %s: %s, by %s", r.Group, r.Asked, r.Verdict, r.Test[1])
		}
		said[r.Missing]++
	}
	for _, want := range []string{"this run has no redis-set", "this run has no c", "this run has no P=16 of throughput", "this run has no scenario wirelog"} {
		if said[want] == 0 {
			t.Errorf("nobody says %q: %v", want, said)
		}
	}
	if text, paths, err := Beside([]string{"a.md"}, measured()); text != "" || len(paths) != 1 || err != nil {
		t.Errorf("a page of nothing: %q, %q, %v", text, paths, err)
	}
}

func TestTheTable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "2026.md")
	r := measured(of("c", "", false, 0, 100, 100), of("reactor", "", false, 0, 70, 72), of("reactor", "", true, 1, 70, 72))
	text, paths, err := Beside([]string{path, "2026.json"}, r)
	if err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadFile(paths[2])
	if err != nil || string(written) != text || !strings.HasSuffix(paths[2], "2026-goals.md") {
		t.Errorf("%s has another text (%v)", paths, err)
	}
	for _, want := range []string{
		"# Goals and what was reached, 2 January 2026, 03:04 UTC\n",
		"**0 met, 0 missed, 1 below their floor; ",
		"\n## Operations a second, log lines off\n\n| | goal | reached | |\n|---|---|---:|---|\n" +
			"| P=1, of the C server's | at least 0.850, floor 0.750, dream 0.900 | 0.710 (0.700–0.720) | floor missed by 5 % |\n",
		"| P=1, of Redis SET's | at least 1.00 |  | not measured: this run has no redis-set |\n",
		"| P=64 | to be reported |  | not measured: ",
		"| always |  | `TestNoAllocationPerLine` in herd |\n",
		" | exactly 6.00 |  | ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("this is missing:\n%s\nin:\n%s", want, text)
		}
	}
	var out bytes.Buffer
	if err := Markdown(&out, r); err != nil || out.String() != text {
		t.Errorf("it is not the same twice: %v", err)
	}
}

// Why a goal is missed is told where it is, and only there; what is to be known of a
// number, where there is one.
func TestWhatIsToldOfAMissedGoal(t *testing.T) {
	goal := func(asked string, least float64) Goal {
		return Goal{
			Group: "G", Asked: asked, Metric: "rate", Goal: least, Why: "reason of " + asked, Note: "note on " + asked,
			Subject: Subject{Scenario: "throughput", Point: "P=1", Peer: "reactor"},
		}
	}
	r := measured(of("reactor", "", false, 0, 10), of("reactor", "", true, 0, 10))
	unmeasured := goal("third", 1)
	unmeasured.Peer = "redis-set"
	text := page(r, []Row{row(goal("first", 9), r), row(goal("second", 11), r), row(unmeasured, r)})
	for what, want := range map[string]bool{
		"reason of first": false, "reason of second": true, "reason of third": false,
		"note on first": true, "note on second": true, "note on third": false,
		"**1 met, 1 missed, no floor missed; 0 held by tests, 0 told by benchmarks, 0 reported, 1 not measured**": true,
	} {
		if strings.Contains(text, what) != want {
			t.Errorf("%q is there: %t\n%s", what, !want, text)
		}
	}
}
