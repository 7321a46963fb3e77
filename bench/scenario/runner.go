package scenario

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"proxyherd/bench/load"
	"proxyherd/bench/peers"
	"proxyherd/herd/upstream/standin"
)

// Runner plays scenarios.
type Runner struct {
	Place peers.Place
	Dir   string // takes configs and logs, and is the caller's to remove

	Size  string   // a name of Sizes
	Only  []string // names of scenarios; none are all of the size
	Peers []string // names of peers; none are those that the size says
	Null  bool     // whether one entry is measured twice; without it there is no verdict

	// Before is a report that ended early, of the same size, machine and commit: its
	// scenarios are in the new one as they are, and are not played again.
	Before *Report

	// Tell takes a line about each measurement as it is made. Keep, if set, takes the
	// report after each scenario, as far as it goes.
	Tell func(line string)
	Keep func(*Report) error

	own       *Size // of a test, in place of Size
	unchanged bool  // of a test: the sources count as their commit's
}

// playing is a runner at work.
type playing struct {
	*Runner
	size    Size
	peers   []peers.Peer
	missing []string // those that are not there, and why
	servers []int    // cores
	core    int      // the generator's
}

// Run plays the scenarios and returns what came of them. A server that fails is part of
// that; an error is what nothing can be measured with.
func (r *Runner) Run(ctx context.Context) (*Report, error) {
	all, err := All()
	if err != nil {
		return nil, err
	}
	size, err := r.sizeFor(all)
	if err != nil {
		return nil, err
	}
	p := playing{Runner: r, size: size}
	wanted := func(s Scenario) bool {
		_, ofSize := size.Scenarios[s.Name]
		return len(r.Only) == 0 && ofSize || slices.Contains(r.Only, s.Name)
	}
	if err := p.findPeers(ctx, slices.DeleteFunc(slices.Clone(all), func(s Scenario) bool { return !wanted(s) })); err != nil {
		return nil, err
	}
	if err := p.findCores(); err != nil {
		return nil, err
	}
	report, err := p.begin(ctx)
	if err != nil {
		return nil, err
	}
	began, before := time.Now(), report.Conditions.Took
	for _, s := range all {
		if !wanted(s) || report.has(s.Name) {
			continue
		}
		outcome, err := p.play(ctx, s.cut(size.Scenarios[s.Name], size))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Name, err)
		}
		report.Scenarios = append(report.Scenarios, *outcome)
		report.Conditions.After = loadAverage()
		report.Conditions.Took = before + Duration(time.Since(began).Round(time.Second))
		if r.Keep != nil {
			if err := r.Keep(report); err != nil {
				return nil, err
			}
		}
	}
	return report, nil
}

// begin is a report without scenarios, or with those that were played before.
func (p *playing) begin(ctx context.Context) (*Report, error) {
	report := &Report{Conditions: p.conditions(ctx)}
	if p.Before == nil {
		return report, nil
	}
	now, then := &report.Conditions, &p.Before.Conditions
	switch {
	case then.Machine != now.Machine:
		return nil, fmt.Errorf("%w: the report to go on with is of the machine %s, and this is %s", ErrData, then.Machine, now.Machine)
	case then.CPU != now.CPU:
		return nil, fmt.Errorf("%w: the report to go on with is of the processor %s, and this is %s", ErrData, then.CPU, now.CPU)
	case then.Commit != now.Commit || then.Changed || now.Changed:
		return nil, fmt.Errorf("%w: the report to go on with is of the commit %s, and this is %s: both must be the same, without changes",
			ErrData, then.described(), now.described())
	case then.Size != now.Size:
		return nil, fmt.Errorf("%w: the report to go on with is of the size %s", ErrData, then.Size)
	}
	report.Scenarios = slices.Clone(p.Before.Scenarios)
	now.Begun, now.Took, now.Before = then.Begun, then.Took, then.Before
	return report, nil
}

func (r *Report) has(scenario string) bool {
	return slices.ContainsFunc(r.Scenarios, func(o Outcome) bool { return o.Name == scenario })
}

// sizeFor finds the size, and checks the names of scenarios.
func (r *Runner) sizeFor(all []Scenario) (Size, error) {
	for _, name := range r.Only {
		if !slices.ContainsFunc(all, func(s Scenario) bool { return s.Name == name }) {
			return Size{}, fmt.Errorf("%w: there is no scenario %q", ErrData, name)
		}
	}
	if r.own != nil {
		return *r.own, nil
	}
	sizes, err := Sizes()
	if err != nil {
		return Size{}, err
	}
	size, found := sizes[r.Size]
	if !found {
		return Size{}, fmt.Errorf("%w: there is no size %q", ErrData, r.Size)
	}
	return size, nil
}

// findPeers finds the peers of the scenarios and builds their programs.
func (p *playing) findPeers(ctx context.Context, scenarios []Scenario) error {
	all, err := peers.All()
	if err != nil {
		return err
	}
	for _, name := range p.Peers {
		if !slices.ContainsFunc(all, func(peer peers.Peer) bool { return peer.Name == name }) {
			return fmt.Errorf("%w: there is no peer %q", ErrData, name)
		}
	}
	var built [][]string
	for _, peer := range all {
		if !slices.ContainsFunc(scenarios, func(s Scenario) bool { return p.mayPlay(&peer, s) }) {
			continue
		}
		// Of several with one program, each may have a database that is not there.
		if len(peer.Build) == 0 || peer.Database != "" || !slices.ContainsFunc(built, func(b []string) bool { return slices.Equal(b, peer.Build) }) {
			p.Tell("building " + peer.Title)
			if err := peer.Make(ctx, p.Place); err != nil {
				if slices.Contains(Core, peer.Name) || slices.Contains(p.Peers, peer.Name) {
					return err
				}
				p.missing = append(p.missing, fmt.Sprintf("%s: %v", peer.Title, err))
				p.Tell(fmt.Sprintf("%s is left out: %v", peer.Title, err))
				continue
			}
			built = append(built, peer.Build)
		}
		p.peers = append(p.peers, peer)
	}
	return nil
}

// mayPlay says whether a peer is measured somewhere in a scenario.
func (p *playing) mayPlay(peer *peers.Peer, s Scenario) bool {
	if len(p.Peers) > 0 && !slices.Contains(p.Peers, peer.Name) || s.Ours && !peer.Ours {
		return false
	}
	if len(s.Peers) > 0 {
		return slices.Contains(s.Peers, peer.Name)
	}
	_, other := p.size.Others[s.Name]
	return len(p.Peers) > 0 || !peer.Apart && (p.size.Everybody || other || slices.Contains(Core, peer.Name))
}

// findCores shares out the cores that this process may run on: the last is the
// generator's, and this whole process's.
func (p *playing) findCores() error {
	cores, err := load.Cores()
	if err != nil {
		return err
	}
	p.servers, p.core = cores, cores[len(cores)-1]
	return load.Pin(p.core)
}

// cut is the part of a scenario that the size plays.
func (s Scenario) cut(portion Portion, size Size) Scenario {
	rounds := size.Rounds
	if s.Rounds > 0 {
		rounds = min(rounds, s.Rounds)
	}
	if portion.Rounds > 0 {
		rounds = portion.Rounds
	}
	s.Rounds = rounds
	s.warmup, s.duration, s.slices = size.Warmup, size.Duration, max(1, portion.Slices)
	if portion.Warmup > 0 {
		s.warmup = portion.Warmup
	}
	if portion.Duration > 0 {
		s.duration = portion.Duration
	}
	s.Points = slices.Clone(s.Points)
	if len(portion.Points) > 0 {
		s.Points = slices.DeleteFunc(s.Points, func(p Point) bool { return !slices.Contains(portion.Points, p.Name) })
	}
	for i := range s.Points {
		p := &s.Points[i]
		if portion.Connections > 0 {
			p.Connections = portion.Connections
			p.Name = fmt.Sprint(portion.Connections)
		}
		if portion.Clients > 0 {
			p.Clients = portion.Clients
		}
		if portion.Updates > 0 {
			p.Updates = portion.Updates
		}
	}
	return s
}

// play plays one scenario.
func (p *playing) play(ctx context.Context, s Scenario) (*Outcome, error) {
	began := time.Now()
	o := &Outcome{Name: s.Name, Title: s.Title, About: s.About, Kind: s.Kind, Against: s.Against, Metrics: s.Metrics, Rounds: s.Rounds}
	if s.slices > 1 {
		o.Slices = s.slices
	}
	upstream, end, err := s.upstream()
	if err != nil {
		return nil, err
	}
	defer end()
	if slices.Contains(s.Needs, "WHATSAT") {
		// On one P the load, which seldom blocks, would leave it to the stand-in every 10 ms.
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	}
	runs := p.runs(s, upstream+"/search.json")
	defer func() {
		for _, r := range runs {
			r.stop()
		}
	}()
	points := make([][]*run, len(s.Points)) // who is measured there
	for at, point := range s.Points {
		for _, r := range runs {
			if p.plays(r.peer, s, point) {
				points[at] = append(points[at], r)
			}
		}
		outcome := PointOutcome{Point: point}
		for _, r := range points[at] {
			outcome.Entries = append(outcome.Entries, r.entry(points[at]))
		}
		o.Points = append(o.Points, outcome)
	}
	for step := range s.steps(runs, points) {
		point := &o.Points[step.point]
		m := step.run.measure(ctx, point.Point, step.slice)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if m == nil {
			continue // more slices are to come
		}
		e := &point.Entries[slices.Index(points[step.point], step.run)]
		e.Measurements = append(e.Measurements, *m)
		p.Tell(fmt.Sprintf("%s, %s, round %d of %d: %s: %s", s.Title, point.Point.Name, step.round+1, s.Rounds, e.Name, m.short(s.Metrics[0])))
	}
	o.Took = Duration(time.Since(began).Round(100 * time.Millisecond))
	return o, nil
}

// upstream serves what the scenario's servers ask, until end.
func (s *Scenario) upstream() (url string, end func(), err error) {
	answers := standin.New(standin.Options{})
	if s.UpstreamDelay > 0 {
		return serveReplay(answers, time.Duration(s.UpstreamDelay))
	}
	web := httptest.NewServer(answers)
	return web.URL, web.Close, nil
}

// plays says whether a peer is measured at a point.
func (p *playing) plays(peer *peers.Peer, s Scenario, point Point) bool {
	if !p.mayPlay(peer, s) {
		return false
	}
	if len(s.Peers) > 0 || len(p.Peers) > 0 || p.size.Everybody || slices.Contains(Core, peer.Name) {
		return true
	}
	points := p.size.Others[s.Name]
	return len(points) == 0 || slices.Contains(points, point.Name)
}

// runs are the servers of a scenario: each peer that can, in each variation, and one of
// them twice.
func (p *playing) runs(s Scenario, upstream string) (list []*run) {
	for i := range p.peers {
		peer := &p.peers[i]
		if !peer.Does(s.Needs...) || !p.mayPlay(peer, s) {
			continue
		}
		for _, v := range s.Variations {
			list = append(list, p.newRun(s, peer, v, upstream))
		}
	}
	if at := slices.IndexFunc(list, func(r *run) bool { return r.peer.Ours }); p.Null && len(list) > 0 {
		again := list[max(at, 0)]
		twin := p.newRun(s, again.peer, again.variation, upstream)
		twin.twinOf = again
		list = append(list, twin)
	}
	if s.Entries > 0 {
		list = list[:min(len(list), s.Entries)]
	}
	return list
}

func (p *playing) newRun(s Scenario, peer *peers.Peer, v Variation, upstream string) *run {
	r := &run{
		playing: p, scenario: s, peer: peer, variation: v,
		settings: peers.Settings{
			Herd: s.Herd, Journal: s.Journal, Lines: s.Lines || v.Lines, CPUs: p.servers[:min(len(p.servers), max(1, v.Cores))],
			Environment: s.Environment, Upstream: upstream,
		},
	}
	if s.Kind == Return {
		r.settings.Servers = neighbours()
	}
	return r
}

// newDir makes a folder for a run's servers.
func (p *playing) newDir(name string) (string, error) {
	if err := os.MkdirAll(p.Dir, 0o755); err != nil {
		return "", err
	}
	return os.MkdirTemp(p.Dir, filepath.Base(name)+"-")
}
