package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"proxyherd/herd/chaos/load"
	"proxyherd/herd/chaos/stage"
)

// results are all that a soak has found.
type results struct {
	Design  string   `json:"design"`
	Rate    int      `json:"rate"`
	Anew    string   `json:"anew"` // the server that was started anew
	Samples []sample `json:"samples"`
	Wrong   []string `json:"wrong"` // what was lost, or shown in the wrong order
}

// sample is how the herd was at one moment.
type sample struct {
	Seconds      float64 `json:"seconds"` // since the beginning
	Acknowledged int     `json:"acknowledged"`
	// Agreed is how long it took, from a moment at which nobody reported any more, until
	// the digests of all servers were equal; below 0: they never were.
	Agreed  float64           `json:"agreed_after_seconds"`
	Servers map[string]server `json:"servers"`
}

// server is how a server was.
type server struct {
	Life    int                `json:"life"` // its number: a new start has a new one
	Measure map[string]float64 `json:"measures"`
}

// measures are what must not grow, by their names in /metrics.
var measures = []measure{
	{"process_resident_memory_bytes", "resident memory (MiB)", 1 << 20, 8 << 20},
	{"go_memstats_next_gc_bytes", "heap found alive, doubled (MiB)", 1 << 20, 2 << 20},
	{"process_open_fds", "descriptors", 1, 16},
	{"go_goroutines", "goroutines", 1, 32},
	{"go_threads", "threads", 1, 4},
	{"herd_records", "records", 1, 0},
}

type measure struct {
	name  string
	label string
	unit  float64
	// slack is how much more there may be of it in the end, beside a tenth: what
	// depends on how many clients happen to be at this server.
	slack float64
}

// agreeBound is how long the servers may take to agree once nobody reports.
const agreeBound = 30 * time.Second

// take makes a sample: with everybody waiting it looks how soon the servers agree, and
// what they take up then.
func take(ctx context.Context, crowd *load.Crowd, began time.Time) (sample, error) {
	resume := crowd.Pause()
	defer resume()
	s := sample{
		Seconds: time.Since(began).Seconds(), Acknowledged: crowd.Books.Acknowledged(),
		Agreed: agreedAfter(ctx, crowd.Stage), Servers: map[string]server{},
	}
	for _, name := range crowd.Stage.Names() {
		page, err := crowd.Stage.Page(ctx, name, "/metrics")
		if err != nil {
			return s, err
		}
		one := server{Life: crowd.Stage.Life(name).Number, Measure: map[string]float64{}}
		for _, m := range measures {
			if one.Measure[m.name], err = metric(page, m.name); err != nil {
				return s, err
			}
		}
		s.Servers[name] = one
	}
	return s, nil
}

// agreedAfter is how many seconds it takes until all digests are equal.
func agreedAfter(ctx context.Context, s *stage.Stage) float64 {
	ctx, cancel := context.WithTimeout(ctx, agreeBound)
	defer cancel()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for began := time.Now(); ; {
		roots := map[string]bool{}
		for _, name := range s.Names() {
			st, err := s.Status(ctx, name)
			if err != nil {
				roots[err.Error()] = true
			}
			roots[st.Root] = true
		}
		if len(roots) == 1 {
			return time.Since(began).Seconds()
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return -1
		}
	}
}

// metric finds a value that has no labels on a page of metrics.
func metric(page []byte, name string) (float64, error) {
	for lines := bufio.NewScanner(bytes.NewReader(page)); lines.Scan(); {
		if text, found := strings.CutPrefix(lines.Text(), name+" "); found {
			return strconv.ParseFloat(text, 64)
		}
	}
	return 0, fmt.Errorf("the page of metrics has no %s", name)
}
