package load

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestAClosedLoop(t *testing.T) {
	for _, ids := range Populations {
		s := serve(t, &testServer{})
		o := some(s)
		o.Pipeline, o.IDs, o.Preload, o.Whatsat, o.Threads = 8, ids, true, 0.2, 2
		r, err := Run(t.Context(), o)
		if err != nil {
			t.Fatalf("%s: %v", ids, err)
		}
		if r.Errors != (Errors{}) || r.Replies == 0 || r.Latency.Count == 0 || r.Latency.P50 <= 0 || r.Latency.Max < r.Latency.P9999 {
			t.Errorf("%s: %+v", ids, r)
		}
		if r.Server.CPU <= 0 || r.Server.Anonymous <= 0 || r.Own.CPU <= 0 || r.Lag != nil {
			t.Errorf("%s: what it cost: %+v", ids, r)
		}
	}
}

// What an answer must not be, and what is counted then.
func TestEveryAnswerIsChecked(t *testing.T) {
	replace := func(old, new string) func([]byte) []byte {
		return func(answer []byte) []byte { return bytes.Replace(answer, []byte(old), []byte(new), 1) }
	}
	for _, c := range []struct {
		name    string
		change  func(answer []byte) []byte
		whatsat bool
		want    Errors // First is a part of it
	}{
		{"as it should be", func(a []byte) []byte { return a }, false, Errors{}},
		{"another client", replace(" c", " C"), false, Errors{Wrong: 1, First: `with "AT Test +`}},
		{"another place", replace(".", ".1"), false, Errors{Wrong: 1}},
		{"another server than before", replace("Test", "Tset"), false, Errors{Wrong: 1}},
		{"a difference without a sign", replace("+", ""), false, Errors{Wrong: 1}},
		{"a difference of a minute", replace("+0", "+60"), false, Errors{Wrong: 1}},
		{"a difference below zero", replace("+0", "-9"), false, Errors{Wrong: 1}},
		{"a surplus field", replace("\n", " x\n"), false, Errors{Wrong: 1}},
		{"a CR", replace("\n", "\r\n"), false, Errors{Wrong: 1}},
		{"refused", func([]byte) []byte { return []byte("? IAMAT\n") }, false, Errors{Wrong: 1, First: `answered "IAMAT c0`}},
		{"a line more, and all after it are of the line before", func(a []byte) []byte { return append([]byte("hello\n"), a...) }, false, Errors{Wrong: 1}},
		{"the end", func([]byte) []byte { return nil }, false, Errors{Lost: 1, Unanswered: 1, First: "the server ended it"}},
		{"another AT line than that of the report", replace("Test +0", "Test +1"), true, Errors{Wrong: 1}},
		{"no JSON", replace(`]}`, `]`), true, Errors{Wrong: 1}},
		{"no object", replace(`{"results":[]}`, `[]`), true, Errors{Wrong: 1}},
		{"the upstream failed", replace(`{"results":[]}`, `{"error":"later"}`), true, Errors{Upstream: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var done atomic.Bool
			s := serve(t, &testServer{change: func(n int, answer []byte) []byte {
				isWhatsat := bytes.Count(answer, []byte("\n")) == 2
				// The first answers tell the server's name, which is taken as it is.
				if n > 20 && isWhatsat == c.whatsat && done.CompareAndSwap(false, true) {
					return c.change(answer)
				}
				return answer
			}})
			o := some(s)
			o.Connections = 1
			if c.whatsat {
				o.Whatsat, o.Clients = 0.5, 1
			}
			result := exactly(t, o, 100)
			if !done.Load() {
				t.Fatal("nothing was changed")
			}
			got := result
			if c.name == "a line more, and all after it are of the line before" {
				got.Wrong = min(got.Wrong, 1) // the first that notices, and all that follow
			}
			// After a wrong first line the second is wrong too, as nobody asked for it.
			if c.whatsat && got.Wrong > 0 {
				got.Wrong = 1
			}
			if got.Wrong != c.want.Wrong || got.Lost != c.want.Lost || got.Unanswered != c.want.Unanswered || got.Upstream != c.want.Upstream ||
				!strings.Contains(got.First, c.want.First) || (got.Sum() > 0) != (got.First != "") {
				t.Errorf("%+v, want %+v", result, c.want)
			}
		})
	}
}

// exactly sends so many requests over one connection, and returns what was wrong.
func exactly(t *testing.T, o Options, requests int) Errors {
	t.Helper()
	o = o.withDefaults()
	d, err := newDriver(&o, newClock(), theAtlas())
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	if err := d.connect(&server{address: o.Addresses[0]}, 0); err != nil {
		t.Fatal(err)
	}
	if err := d.loop(func(c *conn) {
		if requests > 0 {
			requests--
			now := d.clock.now()
			c.ask(d, now, now)
			d.send(c)
		}
	}, nil); err != nil {
		t.Fatal(err)
	}
	return d.errors
}

// A server that stands still for half a second is charged with it for every request that
// was due meanwhile, not only for the one that it held.
func TestLatencyCountsFromTheDueTime(t *testing.T) {
	const rate, pause = 1000, 500 * time.Millisecond
	stall := func() *testServer {
		return &testServer{change: func(n int, answer []byte) []byte {
			if n == 100 {
				<-time.After(pause)
			}
			return answer
		}}
	}
	o := some(serve(t, stall()))
	o.Rate, o.Duration = rate, time.Second
	r, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	// Half of the requests were due in that half second: a tenth of all waited for
	// more than 300 ms of it.
	if r.Latency.Count != rate || micros(r.Latency.P90) < 300*time.Millisecond || micros(r.Latency.Max) < pause-time.Millisecond {
		t.Errorf("%+v", r.Latency)
	}
	if r.Spans == nil || r.Spans.Count != 10 || r.Spans.Seconds != 0.1 || r.Spans.P99 <= 0 {
		t.Errorf("%+v of ten tenths of a second", r.Spans)
	}
	if r.Asked != rate || r.Lag == nil || r.Lag.Count != rate || r.Errors.Sum() != 0 {
		t.Errorf("%+v", r)
	}
}

func TestARunThatCannotBe(t *testing.T) {
	s := serve(t, &testServer{change: func(int, []byte) []byte { return nil }})
	for _, c := range []struct {
		name   string
		change func(*Options)
		want   error
		says   string
	}{
		{"no server", func(o *Options) { o.Addresses = nil }, ErrOptions, "HOST:PORT"},
		{"no host", func(o *Options) { o.Addresses = []string{"nobody"} }, ErrOptions, "nobody"},
		{"ids", func(o *Options) { o.IDs = "odd" }, ErrOptions, "zipf"},
		{"too few clients", func(o *Options) { o.Clients = 3 }, ErrOptions, "clients is 3"},
		{"pipeline", func(o *Options) { o.Pipeline = 1001 }, ErrOptions, "1 to 1000"},
		{"whatsat", func(o *Options) { o.Whatsat = 1.5 }, ErrOptions, "a share"},
		{"dialect", func(o *Options) { o.Dialect = "French" }, ErrOptions, "redis-set"},
		{"WHATSAT to Redis", func(o *Options) { o.Dialect, o.Whatsat = RedisSet, 0.1 }, ErrOptions, "WHATSATs"},
		{"rate", func(o *Options) { o.Rate = -1 }, ErrOptions, "rate"},
		{"every connection is ended", func(*Options) {}, ErrNoReply, "the server ended it"},
	} {
		o := some(s)
		c.change(&o)
		if _, err := Run(t.Context(), o); !errors.Is(err, c.want) || !strings.Contains(fmt.Sprint(err), c.says) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestProgressIsTold(t *testing.T) {
	o := some(serve(t, &testServer{}))
	o.Duration = 1200 * time.Millisecond
	var told []Progress
	o.Progress = func(p Progress) { told = append(told, p) }
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if len(told) == 0 || told[0].Phase != "measuring" {
		t.Errorf("%+v", told)
	}
}

// Connections that read hardly anything, and those that ask, are not counted.
func TestConnectionsBesides(t *testing.T) {
	s := serve(t, &testServer{})
	o := some(s)
	o.SlowReaders, o.Askers = 2, 2
	r, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if want := int64(o.Connections + o.SlowReaders + o.Askers); s.lives.Load() != want || r.Errors.Sum() != 0 {
		t.Errorf("%d connections, want %d: %+v", s.lives.Load(), want, r.Errors)
	}
}
