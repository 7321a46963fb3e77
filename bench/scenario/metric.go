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
	Failed string           `json:"failed,omitempty"`
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
	}
	return load.Errors{}
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
	{"p50", "median latency", "us", false, ofTimes(func(t load.Times) float64 { return t.P50 })},
	{"p99", "p99 latency", "us", false, ofTimes(func(t load.Times) float64 { return t.P99 })},
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
