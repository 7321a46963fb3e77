package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"strings"
	"time"

	"proxyherd/bench/load"
	"proxyherd/bench/paired"
	"proxyherd/bench/peers/peer"
	"proxyherd/bench/peers/tables"
	"proxyherd/herd"
)

const (
	rounds   = 3
	pipeline = 16
	warmup   = 700 * time.Millisecond
	duration = 1500 * time.Millisecond
	clients  = 2000
	// The servers run on one core, the load on another.
	serversCore, loadCore = 0, 1

	manyFences      = 1000
	watchers        = 10 // connections that set them
	radius          = 10 // km, of each of them
	reportingServer = "Gasol"
)

// variants are with how many fences a server is measured.
var variants = []struct {
	name   string
	fences int
}{
	{"no fence", 0},
	{"1,000 fences", manyFences},
}

// speed is what a host does, in replies a second.
type speed struct {
	Host   string       `json:"host"`
	Fences int          `json:"fences"`
	Rate   paired.Range `json:"rate"`
}

// measureAll loads each host with each number of fences, in rounds.
func measureAll(ctx context.Context, root string) (all []speed, err error) {
	dir, err := os.MkdirTemp("", "fence")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary directory

	// Whatever this process starts runs there too.
	if err := load.Pin(serversCore); err != nil {
		return nil, err
	}
	rates := map[speed][]float64{}
	for range rounds {
		for _, h := range hosts {
			program, err := h.program(place{root: root, bin: dir})
			if err != nil {
				return nil, err
			}
			for _, v := range variants {
				rate, err := measure(ctx, program, v.fences)
				if err != nil {
					return nil, fmt.Errorf("%s with %s: %w", h.title, v.name, err)
				}
				fmt.Fprintf(os.Stderr, "%s, %s: %.0f replies a second\n", h.title, v.name, rate)
				what := speed{Host: h.name, Fences: v.fences}
				rates[what] = append(rates[what], rate)
			}
		}
	}
	for _, h := range hosts {
		for _, v := range variants {
			what := speed{Host: h.name, Fences: v.fences}
			all = append(all, speed{h.name, v.fences, paired.Of(rates[what])})
		}
	}
	return all, nil
}

// measure loads one server that is alone.
func measure(ctx context.Context, program func(server, config string) []string, fences int) (rate float64, err error) {
	s, err := newStage(program, "http://127.0.0.1:1/", func(c *herd.Config) {
		for _, server := range c.Servers {
			if server.Name == reportingServer {
				server.TalksTo = nil
				c.Servers = []herd.Server{server}
				return
			}
		}
	})
	if err != nil {
		return 0, err
	}
	defer s.Close()
	if err := s.StartAll(); err != nil {
		return 0, err
	}
	for n := range min(fences, watchers) {
		if err := s.set(n, fences); err != nil {
			return 0, err
		}
	}
	server, _ := s.Config.Server(reportingServer)
	result, err := load.Run(ctx, load.Options{
		Addresses: []string{server.Clients}, Pipeline: pipeline, Warmup: warmup, Duration: duration,
		Clients: clients, Preload: true, CPUs: []int{loadCore},
	})
	if err != nil {
		return 0, err
	}
	if n := result.Errors.Sum(); n > 0 {
		return 0, fmt.Errorf("%d answers were wrong or missing: %v", n, result.Errors)
	}
	return result.Rate, nil
}

// set has one of the watchers set its share of the fences, which are spread over the earth.
func (s *stage) set(watcher, fences int) error {
	c, err := s.connect(reportingServer + fenceSuffix)
	if err != nil {
		return err
	}
	var lines strings.Builder
	share := fences / watchers
	for n := watcher * share; n < (watcher+1)*share; n++ {
		latitude, longitude := spread(n, fences)
		fmt.Fprintf(&lines, "FENCE f%d %+.4f%+.4f %d\n", n, latitude, longitude, radius)
	}
	c.Send([]byte(lines.String()))
	for range share {
		line, err := c.Line()
		if err != nil || !strings.HasPrefix(line, "OK ") {
			return fmt.Errorf("a fence is answered with %q: %w", line, err)
		}
	}
	return nil
}

// spread gives the nth of so many points, which are about equally far from each other.
func spread(n, of int) (latitude, longitude float64) {
	golden := math.Pi * (3 - math.Sqrt(5))
	latitude = math.Asin(1-2*(float64(n)+0.5)/float64(of)) * 180 / math.Pi
	return latitude, math.Mod(float64(n)*golden*180/math.Pi, 360) - 180
}

// speedTable has a row for each host.
func speedTable(all []speed) string {
	rows := [][]string{{"replies a second, P=16"}}
	for _, v := range variants {
		rows[0] = append(rows[0], v.name)
	}
	rows[0] = append(rows[0], "of it is left")
	for _, h := range hosts {
		row := []string{h.title}
		var medians []float64
		for _, s := range all {
			if s.Host == h.name {
				row = append(row, fmt.Sprintf("%.0f (%.0f–%.0f)", s.Rate.Median, s.Rate.Low, s.Rate.High))
				medians = append(medians, s.Rate.Median)
			}
		}
		if len(medians) == len(variants) {
			row = append(row, fmt.Sprintf("%.0f %%", 100*medians[1]/medians[0]))
		}
		for len(row) < len(rows[0]) {
			row = append(row, "not measured")
		}
		rows = append(rows, row)
	}
	return tables.Table(rows)
}

// versions are those of what the hosts run on, by host.
func versions() map[string]string {
	all := map[string]string{}
	for _, h := range hosts {
		tells := []string{"go", "version"}
		if p, known := peer.Named(h.name); known {
			tells = p.Version()
		}
		all[h.name] = output(tells)
	}
	return all
}
