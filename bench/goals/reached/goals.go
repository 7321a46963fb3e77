// Package reached holds what a report of the bench has measured against what this project
// aims for.
//
// The goals are data: goals.json says of each what is asked, which scenario, point,
// server and metric show it, and against whom. Each becomes a row: what was aimed for,
// what was reached, by the median and range over the rounds, and what that says.
package reached

import (
	_ "embed"
	"errors"
	"fmt"
	"math"
	"slices"

	jsoniter "github.com/json-iterator/go"

	"proxyherd/bench/scenario"
)

// Goal is one line of what is aimed for. What is measured is a number, or where Against
// names something a ratio to it, taken inside rounds.
type Goal struct {
	Group string `json:"group"`
	Asked string `json:"asked"` // as a reader understands it

	Subject          // whose number
	Against *Subject `json:"against"` // fields that are empty are as in the goal's own
	Metric  string   `json:"metric"`

	// Goal is what the number should be: at least, where more of the metric is better,
	// and else at most. Floor must be reached, and Dream would be a find; 0: there is
	// none. Exactly: neither less nor more.
	Goal    float64 `json:"goal"`
	Floor   float64 `json:"floor"`
	Dream   float64 `json:"dream"`
	Exactly bool    `json:"exactly"`
	Unit    string  `json:"unit"`

	// Reported is a number that is only to be told.
	Reported bool `json:"reported"`

	// Test names what shows it where no measurement can, a test or a benchmark, by the
	// folder of its package and its name. Such a goal has none of the above.
	Test []string `json:"test"`

	Note string `json:"note"` // what a reader should know of the number
	Why  string `json:"why"`  // it is missed, if it is
}

// Subject is what is measured.
type Subject struct {
	Scenario  string `json:"scenario"`
	Point     string `json:"point"`
	Peer      string `json:"peer"`
	Variation string `json:"variation"`
}

// orOf fills in what is empty.
func (s Subject) orOf(other Subject) Subject {
	for _, f := range []struct{ to, from *string }{
		{&s.Scenario, &other.Scenario}, {&s.Point, &other.Point}, {&s.Peer, &other.Peer}, {&s.Variation, &other.Variation},
	} {
		if *f.to == "" {
			*f.to = *f.from
		}
	}
	return s
}

// ErrGoals is a list of goals that cannot be used.
var ErrGoals = errors.New("the goals cannot be used")

//go:embed goals.json
var listed []byte

// All returns the goals in their order. The error wraps ErrGoals.
func All() ([]Goal, error) { return parse(listed) }

func parse(text []byte) (list []Goal, err error) {
	if err := (jsoniter.Config{DisallowUnknownFields: true}).Froze().Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrGoals, err)
	}
	scenarios, err := scenario.All()
	if err != nil {
		return nil, err
	}
	for i := range list {
		if err := list[i].check(scenarios); err != nil {
			return nil, fmt.Errorf("%w: %s, %s: %w", ErrGoals, list[i].Group, list[i].Asked, err)
		}
	}
	return list, nil
}

// check refuses a goal that no run of the bench could ever show.
func (g *Goal) check(scenarios []scenario.Scenario) error {
	if g.Group == "" || g.Asked == "" {
		return errors.New("it has no group, or does not say what is asked")
	}
	if len(g.Test) > 0 {
		if g.Metric != "" || g.Goal != 0 || len(g.Test) != 2 {
			return errors.New("a test is given as its folder and its name, and in place of a metric and a goal")
		}
		return nil
	}
	metric, err := scenario.MetricNamed(g.Metric)
	if err != nil {
		return err
	}
	subjects := []Subject{g.Subject}
	if g.Against != nil {
		subjects = append(subjects, g.Against.orOf(g.Subject))
	}
	for _, s := range subjects {
		if err := s.check(scenarios); err != nil {
			return err
		}
	}
	better := func(a, b float64) bool { return a == 0 || b == 0 || metric.Higher == (a > b) }
	if !better(g.Dream, g.Goal) || !better(g.Goal, g.Floor) {
		return errors.New("its dream is no better than its goal, or that no better than its floor")
	}
	return nil
}

func (s Subject) check(scenarios []scenario.Scenario) error {
	at := slices.IndexFunc(scenarios, func(have scenario.Scenario) bool { return have.Name == s.Scenario })
	if at < 0 {
		return fmt.Errorf("there is no scenario %q", s.Scenario)
	}
	if !slices.ContainsFunc(scenarios[at].Points, func(p scenario.Point) bool { return p.Name == s.Point }) {
		return fmt.Errorf("%s has no point %q", s.Scenario, s.Point)
	}
	if !slices.ContainsFunc(scenarios[at].Variations, func(v scenario.Variation) bool { return v.Name == s.Variation }) {
		return fmt.Errorf("%s has no variation %q", s.Scenario, s.Variation)
	}
	if s.Peer == "" {
		return errors.New("it names no peer")
	}
	return nil
}

// find finds the entry that a subject is, or says why there is none.
func (s Subject) find(r *scenario.Report) (at *scenario.PointOutcome, entry *scenario.Entry, missing string) {
	o := slices.IndexFunc(r.Scenarios, func(o scenario.Outcome) bool { return o.Name == s.Scenario })
	if o < 0 {
		return nil, nil, fmt.Sprintf("this run has no scenario %s", s.Scenario)
	}
	points := r.Scenarios[o].Points
	p := slices.IndexFunc(points, func(p scenario.PointOutcome) bool { return p.Point.Name == s.Point })
	if p < 0 {
		return nil, nil, fmt.Sprintf("this run has no %s of %s", s.Point, s.Scenario)
	}
	e := slices.IndexFunc(points[p].Entries, func(e scenario.Entry) bool {
		return e.Peer == s.Peer && e.Variation == s.Variation && !e.Null
	})
	if e < 0 {
		return nil, nil, fmt.Sprintf("this run has no %s", s.Peer)
	}
	return &points[p], &points[p].Entries[e], ""
}

// present are the numbers that are some.
func present(list []float64) []float64 {
	return slices.DeleteFunc(slices.Clone(list), math.IsNaN)
}
