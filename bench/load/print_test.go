package load

import (
	"strings"
	"testing"
	"time"
)

// measured is a result with all there can be.
func measured() *Result {
	return &Result{
		Loop: "open", Connections: 50, Asked: 20000, Clients: 100000, IDs: Zipf, Whatsat: 0.05, Seconds: 5, Replies: 100000, Rate: 20000,
		Latency: Times{P50: 17, P90: 25, P99: 40.5, P999: 1400, P9999: 1800, Max: 2000, Mean: 19, Count: 100000},
		Spans:   &Spans{Count: 50, Seconds: 0.1, P99: 31},
		Lag:     &Times{P50: 0.2, P90: 0.3, P99: 1, P999: 20, P9999: 30, Max: 40, Count: 100000},
		Server:  Cost{CPU: 0.6, Cores: 0.12, CPUPerOp: 6, Resident: 30e6, Anonymous: 20e6},
		Own:     Cost{CPU: 5, Cores: 1, CPUPerOp: 50}, Others: 0.02,
	}
}

func TestWhatIsWritten(t *testing.T) {
	r := measured()
	var table, line strings.Builder
	if err := r.Write(&table); err != nil {
		t.Fatal(err)
	}
	if err := r.WriteBench(&line); err != nil {
		t.Fatal(err)
	}
	const wantTable = `open        50 connections, 20000 requests a second are due, 100000 clients, zipf, 5 % WHATSAT, 5 s
replies     100000, 20000 a second
latency     p50 17µs   p90 25µs   p99 40.5µs   p99.9 1.4ms   p99.99 1.8ms   max 2ms
usual       p99 31µs: the median of 50 spans of 0.1 s
made late   p50 200ns   p90 300ns   p99 1µs   p99.9 20µs   p99.99 30µs   max 40µs   (in the latency too)
errors      0 wrong, 0 unanswered, 0 connections lost, 0 of the upstream
servers     12 % of a core, 6.00 us a reply, memory 30.0 MB (20.0 MB their own)
generator   100 % of a core, 50.00 us a reply
others      2 % of a core
`
	if table.String() != wantTable {
		t.Errorf("got\n%s\nwant\n%s", &table, wantTable)
	}
	const wantLine = "BenchmarkHerd/open/rate=20000/ids=zipf \t100000\t50000.0 ns/op\t20000 req/s\t17000 p50-ns\t40500 p99-ns\t1400000 p99.9-ns\t1800000 p99.99-ns\t2000000 max-ns\t6000.0 cpu-ns/op\n"
	if got := line.String(); !strings.HasSuffix(got, "\n"+wantLine) || !strings.HasPrefix(got, "goos: ") {
		t.Errorf("got  %q\nwant %q", got, wantLine)
	}
}

func TestBounds(t *testing.T) {
	for _, c := range []struct {
		bounds Bounds
		errors Errors
		want   string
	}{
		{Bounds{}, Errors{}, ""},
		{Bounds{P50: 17 * time.Microsecond, P99: 2 * time.Millisecond, Max: 2 * time.Millisecond, Rate: 20000}, Errors{}, ""},
		{Bounds{P99: 40 * time.Microsecond}, Errors{}, "p99 is 40.5µs, and may be 40µs"},
		{Bounds{P90: 1, P999: 1, P9999: 1}, Errors{}, "p90 is 25µs, and may be 1ns; p99.9 is 1.4ms, and may be 1ns; p99.99 is 1.8ms, and may be 1ns"},
		{Bounds{Rate: 20001}, Errors{}, "there are 20000 replies a second, and should be 20001"},
		{Bounds{}, Errors{Wrong: 2, First: "this"}, "there are 2 errors: this"},
		{Bounds{}, Errors{Upstream: 2}, ""},
	} {
		r := measured()
		r.Errors = c.errors
		if got := strings.Join(r.Broken(c.bounds), "; "); got != c.want {
			t.Errorf("%+v: %s, want %s", c.bounds, got, c.want)
		}
	}
}

// The generator says when it is itself the limit.
func TestTheLimit(t *testing.T) {
	for _, c := range []struct {
		loop        string
		own, server float64
		lag         float64
		want        string // a part; "" is no limit
	}{
		{"closed", 0.99, 0.80, 0, "busy for 99 % of a core each, the servers' 80 %"},
		{"closed", 0.99, 0.99, 0, ""},
		{"closed", 0.99, 0, 0, "not known"},
		{"closed", 0.60, 0.99, 0, ""},
		{"open", 1, 0.5, 10, ""},
		{"open", 1, 0.5, 500, "made 500 us late or more"},
		{"open", 1, 0.99, 500, ""},
	} {
		r := Result{Loop: c.loop, Own: Cost{Cores: c.own}, Server: Cost{Cores: c.server}}
		if c.lag > 0 {
			r.Lag = &Times{P99: c.lag}
		}
		if got := r.limit(1); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%+v: %q", c, got)
		}
	}
}
