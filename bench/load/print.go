package load

import (
	"fmt"
	"io"
	"runtime"
	"strings"
)

// Write writes what was measured, for people.
func (r *Result) Write(out io.Writer) error {
	var b strings.Builder
	r.head(&b)
	fmt.Fprintf(&b, "replies     %d, %.0f a second\n", r.Replies, r.Rate)
	fmt.Fprintf(&b, "latency     %v\n", r.Latency)
	if r.Spans != nil {
		fmt.Fprintf(&b, "usual       p99 %v: the median of %d spans of %.3g s\n", micros(r.Spans.P99), r.Spans.Count, r.Spans.Seconds)
	}
	if r.Lag != nil {
		fmt.Fprintf(&b, "made late   %v   (in the latency too)\n", *r.Lag)
	}
	r.Errors.write(&b)
	if r.Server.Cores > 0 {
		fmt.Fprintf(&b, "servers     %.0f %% of a core, %.2f us a reply, memory %.1f MB (%.1f MB their own)\n",
			100*r.Server.Cores, r.Server.CPUPerOp, float64(r.Server.Resident)/1e6, float64(r.Server.Anonymous)/1e6)
	}
	fmt.Fprintf(&b, "generator   %.0f %% of a core, %.2f us a reply\n", 100*r.Own.Cores, r.Own.CPUPerOp)
	if r.Others > 0 {
		fmt.Fprintf(&b, "others      %.0f %% of a core\n", 100*r.Others)
	}
	if r.Limit != "" {
		fmt.Fprintf(&b, "LIMIT       the generator may be what held it down: %s\n", r.Limit)
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func (r *Result) head(b *strings.Builder) {
	how := fmt.Sprintf("%d a write", r.Pipeline)
	switch r.Loop {
	case "open":
		how = fmt.Sprintf("%.0f requests a second are due", r.Asked)
	case "churn":
		how = "each for one report"
	}
	fmt.Fprintf(b, "%-12s%d connections, %s, %d clients, %s", r.Loop, r.Connections, how, r.Clients, r.IDs)
	if r.Dialect != "" && r.Dialect != Herd {
		fmt.Fprintf(b, ", %s", r.Dialect)
	}
	if r.Whatsat > 0 {
		fmt.Fprintf(b, ", %.3g %% WHATSAT", 100*r.Whatsat)
	}
	fmt.Fprintf(b, ", %.3g s\n", r.Seconds)
}

// String lists the percentiles.
func (t Times) String() string {
	if t.Count == 0 {
		return "nothing was measured"
	}
	return fmt.Sprintf("p50 %v   p90 %v   p99 %v   p99.9 %v   p99.99 %v   max %v",
		micros(t.P50), micros(t.P90), micros(t.P99), micros(t.P999), micros(t.P9999), micros(t.Max))
}

func (e *Errors) write(b *strings.Builder) {
	fmt.Fprintf(b, "errors      %d wrong, %d unanswered, %d connections lost, %d of the upstream\n", e.Wrong, e.Unanswered, e.Lost, e.Upstream)
	if e.First != "" {
		fmt.Fprintf(b, "the first   %s\n", e.First)
	}
}

// Write writes what was found, a line a step.
func (s *Saturation) Write(out io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%12s %12s %10s %10s %10s %8s\n", "due a second", "replies", "p50", "p99", "max", "errors")
	for _, r := range s.Steps {
		fmt.Fprintf(&b, "%12.0f %12.0f %10v %10v %10v %8d\n",
			r.Asked, r.Rate, micros(r.Latency.P50), micros(r.Latency.P99), micros(r.Latency.Max), r.Errors.Sum())
	}
	fmt.Fprintf(&b, "The servers follow %.0f a second.\n", s.Rate)
	if s.Limit != "" {
		fmt.Fprintf(&b, "LIMIT       the generator may be what held it down: %s\n", s.Limit)
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// Write writes what was found.
func (h *Holding) Write(out io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%12s %12s %12s\n", "connections", "resident/MB", "own/MB")
	for _, p := range h.Points {
		fmt.Fprintf(&b, "%12d %12.1f %12.1f\n", p.Connections, float64(p.Resident)/1e6, float64(p.Anonymous)/1e6)
	}
	if h.Known {
		fmt.Fprintf(&b, "An idle connection takes %.0f bytes of the servers' own memory.\n", h.PerOne)
	} else {
		b.WriteString("The servers' processes are not known, and so is not their memory.\n")
	}
	if h.Ended != "" {
		fmt.Fprintf(&b, "There are no more than %d: %s\n", h.Connections, h.Ended)
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// Write writes what was found.
func (s *Spread) Write(out io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%d updates, %.0f a second\n", s.Sent, s.Rate)
	for _, a := range s.Servers {
		fmt.Fprintf(&b, "%-11s %v\n", a.Server, a.Latency)
	}
	fmt.Fprintf(&b, "farthest    %s\n", s.Farthest)
	s.Errors.write(&b)
	_, err := io.WriteString(out, b.String())
	return err
}

// benchHead is what tools for Go's benchmarks read before them.
func benchHead() string {
	return fmt.Sprintf("goos: %s\ngoarch: %s\npkg: proxyherd/bench/load\n", runtime.GOOS, runtime.GOARCH)
}

// benchTimes are percentiles as values of a benchmark.
func benchTimes(t Times) string {
	return fmt.Sprintf("\t%.0f p50-ns\t%.0f p99-ns\t%.0f p99.9-ns\t%.0f p99.99-ns\t%.0f max-ns",
		1e3*t.P50, 1e3*t.P99, 1e3*t.P999, 1e3*t.P9999, 1e3*t.Max)
}

// WriteBench writes it as a line of a Go benchmark, which benchstat reads.
func (r *Result) WriteBench(out io.Writer) error {
	name := fmt.Sprintf("pipeline=%d", r.Pipeline)
	switch r.Loop {
	case "open":
		name = fmt.Sprintf("rate=%.0f", r.Asked)
	case "churn":
		name = fmt.Sprintf("connections=%d", r.Connections)
	}
	_, err := fmt.Fprintf(out, "%sBenchmarkHerd/%s/%s/ids=%s \t%d\t%.1f ns/op\t%.0f req/s%s\t%.1f cpu-ns/op\n",
		benchHead(), r.Loop, name, r.IDs, r.Replies, 1e9/r.Rate, r.Rate, benchTimes(r.Latency), 1e3*r.Server.CPUPerOp)
	return err
}

// WriteBench writes it as a line of a Go benchmark.
func (s *Saturation) WriteBench(out io.Writer) error {
	_, err := fmt.Fprintf(out, "%sBenchmarkHerd/ramp \t%d\t%.0f req/s\n", benchHead(), len(s.Steps), s.Rate)
	return err
}

// WriteBench writes it as a line of a Go benchmark.
func (h *Holding) WriteBench(out io.Writer) error {
	_, err := fmt.Fprintf(out, "%sBenchmarkHerd/idle \t%d\t%.1f B/conn\n", benchHead(), h.Connections, h.PerOne)
	return err
}

// WriteBench writes it as a line of a Go benchmark for each server.
func (s *Spread) WriteBench(out io.Writer) error {
	var b strings.Builder
	b.WriteString(benchHead())
	for _, a := range s.Servers {
		fmt.Fprintf(&b, "BenchmarkHerd/propagation/to=%s \t%d%s\n", a.Server, s.Sent, benchTimes(a.Latency))
	}
	_, err := io.WriteString(out, b.String())
	return err
}
