package load

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

func TestConnectionsThatComeAndGo(t *testing.T) {
	s := serve(t, &testServer{})
	r, err := Churn(t.Context(), some(s))
	if err != nil {
		t.Fatal(err)
	}
	// Each life has one report, and the last may be cut off by the end.
	if r.Loop != "churn" || r.Errors != (Errors{}) || r.Replies == 0 || s.lives.Load() < int64(r.Replies) {
		t.Errorf("%d connections were made: %+v", s.lives.Load(), r)
	}
}

func TestTheRateIsRaisedAndHalved(t *testing.T) {
	s := serve(t, &testServer{change: func(n int, answer []byte) []byte {
		if n%2 == 0 { // no more than some thousand a second
			<-time.After(time.Millisecond)
		}
		return answer
	}})
	o := some(s)
	o.Rate, o.Duration = 100, 100*time.Millisecond
	r, err := Ramp(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	low, high := 0.0, 0.0
	for i, step := range r.Steps {
		want := 100.0
		switch {
		case high > 0:
			want = (low + high) / 2
		case low > 0:
			want = 2 * low
		}
		if step.Asked != want {
			t.Errorf("step %d asks for %.0f, not %.0f", i, step.Asked, want)
		}
		if step.follows() {
			low = step.Asked
		} else {
			high = step.Asked
		}
	}
	if r.Rate != low || high == 0 {
		t.Errorf("%.0f is followed, not %.0f (and %.0f not)", r.Rate, low, high)
	}
}

func TestWhatFollowingIs(t *testing.T) {
	for _, c := range []struct {
		rate, p99 float64
		wrong     uint64
		want      bool
	}{{990, 100, 0, true}, {970, 100, 0, false}, {1000, 30_000, 0, false}, {1000, 100, 1, false}} {
		r := Result{Asked: 1000, Rate: c.rate, Latency: Times{P99: c.p99}, Errors: Errors{Wrong: c.wrong}}
		if r.follows() != c.want {
			t.Errorf("%+v: %t", c, r.follows())
		}
	}
}

func TestIdleConnectionsAreHeld(t *testing.T) {
	s := serve(t, &testServer{})
	h, err := Idle(t.Context(), Options{Addresses: []string{s.address}, Connections: 700, PIDs: []int{os.Getpid()}})
	if err != nil {
		t.Fatal(err)
	}
	if h.Connections != 700 || len(h.Points) != 2 || h.Points[0].Connections != heldFirst || h.Points[1].Anonymous <= 0 || h.Ended != "" || h.Errors.Sum() != 0 {
		t.Errorf("%+v", h)
	}
	// One that takes no more ends it, and what there is counts.
	s = serve(t, &testServer{change: func(n int, answer []byte) []byte {
		if n > 600 {
			return nil
		}
		return answer
	}})
	h, err = Idle(t.Context(), Options{Addresses: []string{s.address}, Connections: 2000, PIDs: []int{os.Getpid()}})
	if err != nil || h.Connections != 600 || h.Ended == "" {
		t.Errorf("%+v, %v", h, err)
	}
}

// Updates are followed to the wire logs of two servers, one of which hears of them later.
func TestUpdatesAreFollowed(t *testing.T) {
	const later = 40 * time.Millisecond
	dir := t.TempDir()
	near, far := Watched{Name: "Near", Log: filepath.Join(dir, "Near.log")}, Watched{Name: "Far", Log: filepath.Join(dir, "Far.log")}
	var mu sync.Mutex
	texts := map[string][]byte{}
	s := serve(t, &testServer{heard: func(at []byte) {
		mu.Lock()
		defer mu.Unlock()
		line := func(path string, delay time.Duration, conn string) {
			texts[path] = fmt.Appendf(texts[path], "%s < %s %q\n", time.Now().Add(delay).UTC().Format("2006-01-02T15:04:05.000000Z"), conn, at[:len(at)-1])
		}
		line(near.Log, 0, "peer#1=Test")
		line(far.Log, -time.Second, "client#3") // no server's word
		line(far.Log, later, "peer#1=Test")
		line(far.Log, 2*later, "peer#2=Near") // over another link, once more
		for path, text := range texts {
			if err := os.WriteFile(path, text, 0o600); err != nil {
				t.Error(err)
			}
		}
	}})
	r, err := Propagate(t.Context(), Options{Addresses: []string{s.address}, Rate: 2000}, 50, []Watched{near, far})
	if err != nil {
		t.Fatal(err)
	}
	if want := 3 * 50; r.Messages != want { // one to the near server, and two to the far one
		t.Errorf("%d messages were counted, want %d", r.Messages, want)
	}
	if r.Sent != 50 || r.Farthest != "Far" || r.Errors.Sum() != 0 || len(r.Servers) != 2 {
		t.Fatalf("%+v", r)
	}
	for i, at := range r.Servers {
		if at.Latency.Count != 50 || len(at.Curve) != 100 || at.Curve[99] < at.Curve[0] {
			t.Errorf("%+v", at)
		}
		if i == 1 && micros(at.Latency.P50) < later-time.Millisecond {
			t.Errorf("it took %v, and not %v", at.Latency, later)
		}
	}
	// Of the server that is told only what comes back counts.
	near.Told = true
	if r, err = Propagate(t.Context(), Options{Addresses: []string{s.address}, Rate: 2000, Seed: 1}, 20, []Watched{near, far}); err != nil {
		t.Fatal(err)
	}
	if len(r.Servers) != 1 || r.Messages != 3*20 {
		t.Errorf("with one that is told: %+v", r)
	}
	if _, err := Propagate(t.Context(), Options{Addresses: []string{s.address}}, 1, []Watched{near}); !errors.Is(err, ErrOptions) {
		t.Errorf("none that updates come to: %v", err)
	}
	if err := os.WriteFile(far.Log, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	s.heard = nil
	s.mu.Unlock()
	if _, err := Propagate(t.Context(), Options{Addresses: []string{s.address}}, 1, []Watched{far}); !errors.Is(err, ErrNotArrived) {
		t.Errorf("an update that is nowhere: %v", err)
	}
}
