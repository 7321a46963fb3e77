package scenario

import (
	"fmt"
	"math"

	"proxyherd/bench/load"
)

// Metric is a number that a measurement gives.
type Metric struct {
	Name   string
	Title  string
	Unit   string
	Higher bool // is better
	of     func(*Measurement) (float64, bool)
}

// Measurement is what one server showed in one round at one point: one of these, by the
// scenario's kind, or why there is none.
type Measurement struct {
	Result *load.Result     `json:"result,omitempty"`
	Ramp   *load.Saturation `json:"ramp,omitempty"`
	Idle   *load.Holding    `json:"idle,omitempty"`
	Spread *load.Spread     `json:"spread,omitempty"`
	Rest   *Resting         `json:"rest,omitempty"`
	Return *Returned        `json:"return,omitempty"`
	Failed string           `json:"failed,omitempty"`

	// Told and Calls are beside a Result, where the scenario asks for them.
	Told  *Told  `json:"told,omitempty"`
	Calls *Calls `json:"calls,omitempty"`
}

// Errors are those that were counted.
func (m *Measurement) Errors() load.Errors {
	switch {
	case m.Result != nil:
		return m.Result.Errors
	case m.Idle != nil:
		return m.Idle.Errors
	case m.Spread != nil:
		return m.Spread.Errors
	case m.Return != nil:
		return m.Return.Errors
	}
	return load.Errors{}
}

// told is what the servers have counted themselves.
func (m *Measurement) told() []*Told {
	switch {
	case m.Return != nil:
		return []*Told{m.Return.Sender, m.Return.Receiver}
	case m.Told != nil:
		return []*Told{m.Told}
	}
	return nil
}

// Limit says why the generator may have been what was measured; empty if nothing says so.
func (m *Measurement) Limit() string {
	switch {
	case m.Result != nil:
		return m.Result.Limit
	case m.Ramp != nil:
		return m.Ramp.Limit
	}
	return ""
}

// Metrics are all there are.
var Metrics = []Metric{
	{"rate", "replies", "1/s", true, ofResult(func(r *load.Result) float64 { return r.Rate })},
	{"cpu", "processor time of a reply", "us", false, ofResult(func(r *load.Result) float64 { return r.Server.CPUPerOp })},
	{"memory", "anonymous memory", "MB", false, ofResult(func(r *load.Result) float64 { return float64(r.Server.Anonymous) / 1e6 })},
	{"proportional", "resident memory, what is shared once", "MB", false, ofResult(func(r *load.Result) float64 { return float64(r.Server.Proportional) / 1e6 })},
	{"p50", "median latency", "us", false, ofTimes(func(t load.Times) float64 { return t.P50 })},
	{"p99", "p99 latency", "us", false, ofTimes(func(t load.Times) float64 { return t.P99 })},
	{"usual_p99", "p99 of a usual tenth of a second", "us", false, func(m *Measurement) (float64, bool) {
		if m.Result == nil || m.Result.Spans == nil {
			return 0, false
		}
		return m.Result.Spans.P99, true
	}},
	{"p999", "p99.9 latency", "us", false, ofTimes(func(t load.Times) float64 { return t.P999 })},
	{"p9999", "p99.99 latency", "us", false, ofTimes(func(t load.Times) float64 { return t.P9999 })},
	{"max", "longest latency", "us", false, ofTimes(func(t load.Times) float64 { return t.Max })},
	{"saturation", "highest rate followed", "1/s", true, func(m *Measurement) (float64, bool) {
		if m.Ramp == nil {
			return 0, false
		}
		return m.Ramp.Rate, true
	}},
	{"per_one", "memory of an idle connection", "B", false, func(m *Measurement) (float64, bool) {
		if m.Idle == nil || len(m.Idle.Points) < 2 {
			return 0, false
		}
		return m.Idle.PerOne, true
	}},
	{"messages", "messages of an update", "", false, func(m *Measurement) (float64, bool) {
		if m.Spread == nil {
			return 0, false
		}
		return float64(m.Spread.Messages) / float64(m.Spread.Sent), true
	}},
	{"start", "start to first answer", "ms", false, ofRest(func(r *Resting) float64 { return r.Start })},
	{"program", "size of the program", "MB", false, ofRest(func(r *Resting) float64 { return float64(r.Program) / 1e6 })},
	{"resident", "resident memory", "MB", false, ofRest(func(r *Resting) float64 { return float64(r.Memory.Resident) / 1e6 })},
	{"idle_cpu", "processor time of a second", "us", false, ofRest(func(r *Resting) float64 { return 1e6 * r.CPU / r.Seconds })},
	{"again", "until all was back", "s", false, func(m *Measurement) (float64, bool) {
		if m.Return == nil {
			return 0, false
		}
		return m.Return.Seconds, true
	}},
	{"calls", "system calls of a reply", "", false, ofCalls(func(c *Calls, _ int) float64 { return c.perReply() })},
	{"events", "events of a turn", "", true, ofCalls(func(c *Calls, pipeline int) float64 { return c.events(pipeline) })},
	{"calls_alone", "calls over what is allowed to a server alone", "", false, ofCalls(func(c *Calls, pipeline int) float64 {
		return c.perReply() / c.allowed(3, pipeline)
	})},
	{"calls_linked", "calls over what is allowed to one with two neighbours", "", false, ofCalls(func(c *Calls, pipeline int) float64 {
		return c.perReply() / c.allowed(5, pipeline)
	})},
	{"long_turns", "turns over 1 ms of their thread's time", "", false, ofTurns(func(c counted) float64 { return c.over(1e-3) })},
	{"very_long_turns", "turns over 5 ms of their thread's time", "", false, ofTurns(func(c counted) float64 { return c.over(5e-3) })},
	{"longest_turn", "no turn was over", "ms", false, ofTurns(func(c counted) float64 { return 1e3 * c.longest() })},
	{"gc", "garbage collector's share", "%", false, ofTold(func(t *Told) (float64, bool) { return 100 * t.GC / t.CPU, t.CPU > 0 })},
	{"dropped", "dropped by the log", "%", false, ofTold(func(t *Told) (float64, bool) { return 100 * t.Dropped / t.Traffic, t.Traffic > 0 })},
}

func ofRest(f func(*Resting) float64) func(*Measurement) (float64, bool) {
	return func(m *Measurement) (float64, bool) {
		if m.Rest == nil {
			return 0, false
		}
		return f(m.Rest), true
	}
}

// ofCalls takes calls, where some were counted and a loop had turns.
func ofCalls(f func(c *Calls, pipeline int) float64) func(*Measurement) (float64, bool) {
	return func(m *Measurement) (float64, bool) {
		if m.Result == nil || m.Calls == nil || m.Calls.Missing != "" || m.Calls.Turns == 0 {
			return 0, false
		}
		return f(m.Calls, m.Result.Pipeline), true
	}
}

// ofTold takes what a server has told, and of two the greater, of which all that is told
// has less than is good.
func ofTold(f func(*Told) (float64, bool)) func(*Measurement) (float64, bool) {
	return func(m *Measurement) (worst float64, some bool) {
		for _, told := range m.told() {
			if value, ok := f(told); ok {
				worst, some = max(worst, value), true
			}
		}
		return worst, some
	}
}

// ofTurns takes what is said of a loop, where there is one.
func ofTurns(f func(counted) float64) func(*Measurement) (float64, bool) {
	return ofTold(func(t *Told) (float64, bool) {
		turns := t.judged()
		if turns.all() == 0 {
			return 0, false
		}
		return f(turns), true
	})
}

func ofResult(f func(*load.Result) float64) func(*Measurement) (float64, bool) {
	return func(m *Measurement) (float64, bool) {
		if m.Result == nil {
			return 0, false
		}
		return f(m.Result), true
	}
}

// ofTimes takes the latency of a run, or that of the farthest server.
func ofTimes(f func(load.Times) float64) func(*Measurement) (float64, bool) {
	return func(m *Measurement) (float64, bool) {
		if m.Result != nil {
			return f(m.Result.Latency), true
		}
		if m.Spread != nil {
			for _, a := range m.Spread.Servers {
				if a.Server == m.Spread.Farthest {
					return f(a.Latency), true
				}
			}
		}
		return 0, false
	}
}

// MetricNamed finds a metric. The error wraps ErrData.
func MetricNamed(name string) (Metric, error) {
	for _, m := range Metrics {
		if m.Name == name {
			return m, nil
		}
	}
	return Metric{}, fmt.Errorf("%w: there is no metric %q", ErrData, name)
}

// Of reads the metric off a measurement: NaN if it has none, or had errors and so is no
// measurement of a server that does its job.
func (m Metric) Of(of *Measurement) float64 {
	value, ok := m.of(of)
	if errors := of.Errors(); !ok || errors.Sum() > 0 {
		return math.NaN()
	}
	return value
}
