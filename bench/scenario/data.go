// Package scenario measures servers under loads that are data: scenarios.json says what
// is done and what counts, sizes.json how much of it and how often.
//
// What is compared in a scenario, its entries, are peers, each perhaps in variations. All
// are measured in rounds, close together in time, in one order in the first round and in
// the other in the next: A B B A. One entry is there twice, as if it were two: what its
// ratio to itself shows is noise, and judged as such by package paired.
package scenario

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"

	jsoniter "github.com/json-iterator/go"

	"proxyherd/bench/load"
	"proxyherd/bench/peers"
)

// ErrData is a scenario or a size that cannot be used.
var ErrData = errors.New("the scenarios cannot be used")

// The kinds of scenarios: which of package load's functions puts the load.
const (
	Loop        = "loop"
	Ramp        = "ramp"
	Idle        = "idle"
	Churn       = "churn"
	Propagation = "propagation"
	Rest        = "rest"   // none: the server is started, and left alone
	Return      = "return" // Run, of one of two neighbours while the other, which has lost all, gets it back
)

var kinds = []string{Loop, Ramp, Idle, Churn, Propagation, Rest, Return}

// Scenario is a question that is put to every server that can answer it.
type Scenario struct {
	Name           string      `json:"name"`
	Title          string      `json:"title"`
	About          string      `json:"about"`
	Kind           string      `json:"kind"`
	Needs          []string    `json:"needs"`   // what a peer must speak; without IAMAT, dialects of others will do
	Peers          []string    `json:"peers"`   // who is measured, whatever the size says; none: as it says
	Metrics        []string    `json:"metrics"` // the first is the one that counts
	Ours           bool        `json:"ours"`    // whether nobody else is measured
	Fresh          bool        `json:"fresh"`   // whether each measurement has new servers, where memory counts that one may never give back
	Entries        int         `json:"entries"` // how many are measured at most, of which the one that is there twice is the last; 0: all
	Rounds         int         `json:"rounds"`  // at most; 0: as the size says
	Herd           bool        `json:"herd"`    // five servers, not one
	Journal        string      `json:"journal"` // when what our servers keep on disk is safe, as in peers.Settings
	Lines          bool        `json:"lines"`   // to the wire log
	Pages          bool        `json:"pages"`   // whether our servers' own counters are read
	Calls          bool        `json:"calls"`   // whether the first server's system calls are counted
	Environment    []string    `json:"environment"`
	UpstreamDelay  Duration    `json:"upstream_delay"`
	Against        string      `json:"against"`         // which setting the points differ in, for the figure: connections, clients, pipeline or none
	PointsTogether bool        `json:"points_together"` // whether points are what is compared: an entry is measured at all of them, one right after the other
	Variations     []Variation `json:"variations"`      // of every peer; none is one without a name
	Points         []Point     `json:"points"`          // at which it is measured

	// Of a measurement, by the size: how long it takes, in how many slices, and how long
	// each of those is warmed up.
	warmup, duration Duration
	slices           int
}

// Variation is a way of running a server.
type Variation struct {
	Name  string `json:"name"`
	Cores int    `json:"cores"` // 0: 1
	Lines bool   `json:"lines"` // to the wire log
}

// Point is one load: settings of load.Options, by their names.
type Point struct {
	Name        string  `json:"name"`
	Connections int     `json:"connections"`
	Pipeline    int     `json:"pipeline"`
	Rate        float64 `json:"rate"`
	Clients     int     `json:"clients"`
	IDs         string  `json:"ids"`
	Whatsat     float64 `json:"whatsat"`
	SlowReaders int     `json:"slow_readers"`
	Askers      int     `json:"askers"`
	Updates     int     `json:"updates"`
}

// Setting is one of those that a scenario's points can differ in, by its name; 0 where
// there is none.
func (p Point) Setting(name string) float64 {
	switch name {
	case "connections":
		return float64(p.Connections)
	case "clients":
		return float64(p.Clients)
	case "pipeline":
		return float64(p.Pipeline)
	}
	return 0
}

// Options are the point's load, without what it is put on and how long.
func (p Point) Options() load.Options {
	return load.Options{
		Connections: p.Connections, Pipeline: p.Pipeline, Rate: p.Rate, Clients: p.Clients, IDs: p.IDs,
		Whatsat: p.Whatsat, SlowReaders: p.SlowReaders, Askers: p.Askers,
	}
}

// Size is how much is measured.
type Size struct {
	About     string             `json:"about"`
	Rounds    int                `json:"rounds"`
	Warmup    Duration           `json:"warmup"`
	Duration  Duration           `json:"duration"`
	Scenarios map[string]Portion `json:"scenarios"` // those that are played

	// Others says at which points of which scenarios peers are measured too that are
	// not of the Core; no points are all. Everybody: wherever they can be.
	Others    map[string][]string `json:"others"`
	Everybody bool                `json:"everybody"`

	// cold measures servers without a load before, be it for what they compile or for their
	// logs: for tests.
	cold bool
}

// Portion is how much of a scenario is played, where that is not all.
type Portion struct {
	Points   []string `json:"points"` // by name; none are all
	Rounds   int      `json:"rounds"`
	Warmup   Duration `json:"warmup"`
	Duration Duration `json:"duration"`

	// Slices cuts each measurement of a closed loop in so many, between which the others of
	// its round have theirs; each is warmed up.
	Slices int `json:"slices"`

	Connections int `json:"connections"`
	Clients     int `json:"clients"`
	Updates     int `json:"updates"`
}

// Core are the peers that are measured in every scenario.
var Core = []string{"c", "gnet", "reactor", "goroutine"}

// Duration is a time.Duration that is written as "300ms".
type Duration = peers.Duration

//go:embed scenarios.json
var scenariosText []byte

//go:embed sizes.json
var sizesText []byte

// All returns the scenarios in the order in which they are played.
func All() ([]Scenario, error) { return parse(scenariosText) }

// Sizes returns the sizes by name: quick, standard, full, linear and report.
func Sizes() (map[string]Size, error) {
	all, err := All()
	if err != nil {
		return nil, err
	}
	return parseSizes(sizesText, all)
}

// strict refuses keys that it does not know: a setting that is spelt wrongly would be one
// that is not made.
var strict = jsoniter.Config{DisallowUnknownFields: true}.Froze()

func parse(text []byte) (list []Scenario, err error) {
	if err := strict.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrData, err)
	}
	seen := map[string]bool{}
	for i := range list {
		s := &list[i]
		if seen[s.Name] {
			return nil, fmt.Errorf("%w: %s is there twice", ErrData, s.Name)
		}
		seen[s.Name] = true
		if err := s.check(); err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrData, s.Name, err)
		}
		if len(s.Variations) == 0 {
			s.Variations = []Variation{{}}
		}
	}
	return list, nil
}

func (s *Scenario) check() error {
	switch {
	case s.Name == "" || s.Title == "" || s.About == "":
		return errors.New("it has no name, title or description")
	case !slices.Contains(kinds, s.Kind):
		return fmt.Errorf("its kind is %q, and must be one of %q", s.Kind, kinds)
	case len(s.Points) == 0 || len(s.Metrics) == 0:
		return errors.New("it has no points or no metrics")
	}
	for _, p := range s.Points {
		if s.Against != "" && p.Setting(s.Against) <= 0 {
			return fmt.Errorf("its points are to differ in %q, and the point %s has none", s.Against, p.Name)
		}
	}
	all, err := peers.All()
	if err != nil {
		return err
	}
	for _, name := range s.Peers {
		if !slices.ContainsFunc(all, func(p peers.Peer) bool { return p.Name == name }) {
			return fmt.Errorf("it names the peer %s, which is not there", name)
		}
	}
	for _, m := range s.Metrics {
		if _, err := MetricNamed(m); err != nil {
			return err
		}
	}
	return nil
}

// sliceable says whether measurements can be cut in slices. A server has one of them under
// way at a time, so that its points must not be what is compared.
func (s *Scenario) sliceable() bool {
	return s.Kind == Loop && !s.Calls && !s.PointsTogether && !slices.ContainsFunc(s.Points, func(p Point) bool {
		return p.Rate > 0 || p.SlowReaders > 0 || p.Askers > 0
	})
}

func parseSizes(text []byte, all []Scenario) (sizes map[string]Size, err error) {
	if err := strict.Unmarshal(text, &sizes); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrData, err)
	}
	scenarios := map[string]*Scenario{}
	for i := range all {
		scenarios[all[i].Name] = &all[i]
	}
	for name, size := range sizes {
		if size.Rounds < 1 || size.Duration <= 0 {
			return nil, fmt.Errorf("%w: the size %s has no rounds or no duration", ErrData, name)
		}
		named := map[string][]string{}
		for scenario, portion := range size.Scenarios {
			named[scenario] = portion.Points
		}
		for scenario, list := range size.Others {
			named[scenario] = append(slices.Clip(named[scenario]), list...)
		}
		for scenario, list := range named {
			s := scenarios[scenario]
			if s == nil {
				return nil, fmt.Errorf("%w: the size %s names the scenario %s, which is not there", ErrData, name, scenario)
			}
			if n := size.Scenarios[scenario].Slices; n < 0 || n > 1 && !s.sliceable() {
				return nil, fmt.Errorf("%w: the size %s cuts %s in %d slices, and only a closed loop can be, whose calls are not counted and whose points are not played together", ErrData, name, scenario, n)
			}
			for _, p := range list {
				if !slices.ContainsFunc(s.Points, func(point Point) bool { return point.Name == p }) {
					return nil, fmt.Errorf("%w: the size %s names the point %s of %s, which is not there", ErrData, name, p, scenario)
				}
			}
		}
	}
	return sizes, nil
}
