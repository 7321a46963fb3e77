// Package scaled is what make scaling finds, and what is made of it: how the costs of a
// herd grow with its servers, on each kind of graph, by the formulas and by measurement.
//
// A [Report] has every number, as JSON. [UnitsOf] takes from it what the parts of an
// update cost a server, and [Units] what herds that nobody has measured cost. [Tables] are
// its tables, each by a name, for pages; [Write] writes them all, with figures.
package scaled

import (
	"fmt"
	"io"

	jsoniter "github.com/json-iterator/go"

	"proxyherd/bench/paired"
	"proxyherd/bench/scenario"
)

// Report is all that a run has found.
type Report struct {
	Conditions scenario.Conditions `json:"conditions"`
	Latency    float64             `json:"latency_seconds"` // of every link in the simulator
	Line       float64             `json:"line_bytes"`      // of an update between servers
	Graphs     []Graph             `json:"graphs"`
	Points     []Point             `json:"points"`
	Herds      []Herd              `json:"herds"`
	Rests      []Rest              `json:"rests"`

	// Backbones are a server of messages by itself. Missing says why there are none.
	Backbones []Backbone `json:"backbones"`
	Missing   string     `json:"backbones_missing,omitempty"`
}

// Graph is a graph of so many servers, and what updates cost in the simulator there.
type Graph struct {
	Kind    string `json:"kind"` // as the simulator takes it
	Servers int    `json:"servers"`
	Links   int    `json:"links"`
	Degree  int    `json:"degree"` // the neighbours of the server that has most

	// Formula is 2E - (N - 1), by the kind's own formula for E.
	Formula int `json:"messages_by_formula"`

	// Followed is how many updates were followed, each from another server; 0: none,
	// and Missing says why. What follows is then 0.
	Followed int    `json:"followed"`
	Missing  string `json:"missing,omitempty"`

	Messages     int `json:"messages"` // of each of them, counted
	Hops         int `json:"hops"`     // the most
	Eccentricity int `json:"eccentricity"`

	// Half, Most and All are by when 50, 99 and 100 % of the servers had the update, in
	// seconds, the latest of those followed.
	Half float64 `json:"half_seconds"`
	Most float64 `json:"most_seconds"`
	All  float64 `json:"all_seconds"`
}

// Regime is how updates come to a server.
type Regime string

// The regimes: between them lies what a server meets.
const (
	Alone Regime = "alone" // one by one, a millisecond apart: each costs system calls of its own
	Dense Regime = "dense" // as many as the server takes: many share a system call
)

// Regimes are both.
var Regimes = []Regime{Alone, Dense}

// Point is one real server with so many stand-ins for its neighbours.
type Point struct {
	Design string `json:"design"`
	Null   bool   `json:"null,omitempty"` // the design's first once more, as another process
	Regime Regime `json:"regime"`
	Degree int    `json:"degree"`
	Own    bool   `json:"own,omitempty"` // a client reports the updates, and no neighbour sends them
	Copies int    `json:"copies"`        // how often each comes again from another neighbour

	Rounds []Round `json:"rounds"`
}

// Round is what a round has measured.
type Round struct {
	Cost    float64 `json:"cost_us"` // processor time of the servers for an update
	Rate    float64 `json:"rate"`    // updates a second
	Through float64 `json:"through_us,omitempty"`
}

// Sends is to how many neighbours the server sends an update.
func (p *Point) Sends() int {
	if p.Own {
		return p.Degree
	}
	return p.Degree - 1
}

// cost and rate are what the rounds say.
func (p *Point) cost() paired.Range {
	return rangeOf(p.Rounds, func(r Round) float64 { return r.Cost })
}
func (p *Point) rate() paired.Range {
	return rangeOf(p.Rounds, func(r Round) float64 { return r.Rate })
}
func (p *Point) through() paired.Range {
	return rangeOf(p.Rounds, func(r Round) float64 { return r.Through })
}

func rangeOf(rounds []Round, of func(Round) float64) paired.Range {
	var list []float64
	for _, r := range rounds {
		list = append(list, of(r))
	}
	return paired.Of(list)
}

// Herd is a whole herd of real servers, to one of which a client reports.
type Herd struct {
	Design   string  `json:"design"`
	Graph    string  `json:"graph"`
	Servers  int     `json:"servers"`
	Regime   Regime  `json:"regime"`
	Formula  int     `json:"messages_by_formula"`
	Messages float64 `json:"messages"` // of an update, by the servers' own counters

	Rounds []Round `json:"rounds"` // Cost is that of all servers together
}

func (h *Herd) cost() paired.Range { return rangeOf(h.Rounds, func(r Round) float64 { return r.Cost }) }

// Rest is a server whose links have nothing to say but heartbeats and comparisons.
type Rest struct {
	Design string      `json:"design"`
	Degree int         `json:"degree"`
	Rounds []RestRound `json:"rounds"`
}

// RestRound is what a round has measured.
type RestRound struct {
	CPU   float64 `json:"cpu"`   // of the server, seconds of processor time a second
	Bytes float64 `json:"bytes"` // on all links, both ways, a second
}

// Backbone is a server of messages, NATS, with so many who get what is published. The cost
// is its own alone: what a herd's server pays to publish, and to take what is delivered, is
// not in it.
type Backbone struct {
	Regime     Regime  `json:"regime"`
	Deliveries int     `json:"deliveries"` // of each message
	Rounds     []Round `json:"rounds"`     // Cost is that of a message with all its deliveries
}

func (b *Backbone) cost() paired.Range {
	return rangeOf(b.Rounds, func(r Round) float64 { return r.Cost })
}
func (b *Backbone) rate() paired.Range {
	return rangeOf(b.Rounds, func(r Round) float64 { return r.Rate })
}

// plain is JSON that a person can read and compare.
var plain = jsoniter.Config{SortMapKeys: true, IndentionStep: 1}.Froze()

// JSON writes every number of a report.
func JSON(w io.Writer, r *Report) error {
	text, err := plain.Marshal(r)
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

// Read reads what JSON wrote.
func Read(reader io.Reader) (*Report, error) {
	r := &Report{}
	if err := plain.NewDecoder(reader).Decode(r); err != nil {
		return nil, fmt.Errorf("reading what make scaling wrote: %w", err)
	}
	return r, nil
}
