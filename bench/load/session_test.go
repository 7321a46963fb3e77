package load

import (
	"errors"
	"testing"
	"time"
)

// Between slices the connections stay and nobody asks anything; the result is of all of them.
func TestSlicesTogether(t *testing.T) {
	server := serve(t, &testServer{})
	o := some(server)
	o.Warmup, o.Duration, o.Preload, o.Pipeline = 10*time.Millisecond, 50*time.Millisecond, true, 4
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Result(); !errors.Is(err, ErrNoReply) {
		t.Errorf("before the first slice: %v", err)
	}
	asked := func() int {
		server.mu.Lock()
		defer server.mu.Unlock()
		return server.lines
	}
	if asked() != o.Clients {
		t.Errorf("%d lines of a preload of %d", asked(), o.Clients)
	}
	var replies []uint64
	for n := range 3 {
		if err := s.Measure(t.Context()); err != nil {
			t.Fatal(err)
		}
		r, err := s.Result()
		if err != nil {
			t.Fatal(err)
		}
		replies = append(replies, r.Replies)
		if want := (time.Duration(n+1) * o.Duration).Seconds(); r.Seconds != want || r.Rate != float64(r.Replies)/want {
			t.Errorf("%d replies in %v s, of %v s: %v a second", r.Replies, r.Seconds, want, r.Rate)
		}
		// All that was asked was answered, the warm-up's and what was asked for at the end too.
		if r.Errors != (Errors{}) || r.Answered != uint64(asked()) || r.Answered <= r.Replies || int64(r.Replies) > r.Latency.Count+int64(o.Connections*o.Pipeline) {
			t.Errorf("%d lines: %+v", asked(), r)
		}
		// The test's server is this process: its processor time is in both.
		if r.Server.CPU <= 0 || r.Own.CPU <= 0 || r.Server.CPU < r.Own.CPU || r.Server.CPUPerOp != r.Server.CPU*1e6/float64(r.Replies) {
			t.Errorf("what it cost: %+v, %+v", r.Server, r.Own)
		}
	}
	if replies[0] == 0 || replies[1] <= replies[0] || replies[2] <= replies[1] {
		t.Errorf("replies after each slice: %d", replies)
	}
	if lives := server.lives.Load(); lives != int64(o.Connections) {
		t.Errorf("%d connections, want %d", lives, o.Connections)
	}
}

func TestWhatCannotBeSliced(t *testing.T) {
	server := serve(t, &testServer{})
	for name, change := range map[string]func(*Options){
		"an open loop": func(o *Options) { o.Rate = 1000 },
		"slow readers": func(o *Options) { o.SlowReaders = 1 },
		"askers":       func(o *Options) { o.Askers = 1 },
		"no clients":   func(o *Options) { o.Clients = 1 },
	} {
		o := some(server)
		change(&o)
		if s, err := Open(t.Context(), o); !errors.Is(err, ErrOptions) || s != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What a slice has lost is in the result, and the next one goes on with what is left.
func TestASliceThatLosesAConnection(t *testing.T) {
	server := serve(t, &testServer{change: func(n int, answer []byte) []byte {
		if n == 50 {
			return nil
		}
		return answer
	}})
	o := some(server)
	o.Duration = 50 * time.Millisecond
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for range 2 {
		if err := s.Measure(t.Context()); err != nil {
			t.Fatal(err)
		}
		r, err := s.Result()
		if err != nil {
			t.Fatal(err)
		}
		if r.Errors.Lost != 1 || r.Errors.Unanswered != 1 || r.Errors.Sum() != 2 {
			t.Errorf("%+v", r.Errors)
		}
	}
}
