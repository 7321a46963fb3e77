package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"proxyherd/cmd/herd/internal/supervise"
	"proxyherd/herd"
)

// How a run can fail, beside what the processes say themselves.
var (
	errNotStarted = errors.New("the herd was not started, and nothing is left running")
	errHurried    = errors.New("a second signal: all were ended at once")
)

// crew is the processes of herd up: a goroutine keeps each of them, and all they
// have to tell goes to the one that runs the crew.
type crew struct {
	config   herd.Config
	upstream *supervise.Program // nil: none
	servers  []supervise.Program
	restart  bool
	live     *livePage // nil: none

	events  chan supervise.Event
	news    map[string]string // the last ready line of each
	failed  []error           // of those that ended otherwise than they were asked to
	running int               // servers
}

func newCrew(h handover, standin bool) (*crew, error) {
	upstream, servers, err := programs(h, standin)
	if err != nil {
		return nil, err
	}
	return &crew{
		config: h.Config, upstream: upstream, servers: servers, running: len(servers),
		events: make(chan supervise.Event), news: make(map[string]string),
	}, nil
}

// names are those of the processes, in the order in which they are shown.
func (c *crew) names() []string {
	var list []string
	for _, p := range c.servers {
		list = append(list, p.Name)
	}
	if c.upstream != nil {
		list = append(list, c.upstream.Name)
	}
	return list
}

// grace is how long a server may take to stop: to answer what waits for the
// upstream, to flush its links, and some more for its log.
func (c *crew) grace() time.Duration { return time.Duration(c.config.Upstream.Timeout) + 8*time.Second }

// run brings the crew up and keeps it until a signal; it returns when no process
// is left.
func (c *crew) run(screen *screen) error {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	defer signal.Stop(signals)
	// The servers end first: what waits at them needs the upstream.
	hurry, atOnce := context.WithCancel(context.Background())
	defer atOnce()
	wantServers, stopServers := context.WithCancel(context.Background())
	defer stopServers()
	wantUpstream, stopUpstream := context.WithCancel(context.Background())
	defer stopUpstream()
	c.keepAll(wantServers, wantUpstream, hurry, stopUpstream)
	for up, stopping := false, false; ; {
		select {
		case sig := <-signals:
			if stopping {
				atOnce()
				continue
			}
			stopping = true
			screen.note(fmt.Sprintf("%v: stopping the herd; once more to end it at once", sig))
			stopServers()
		case event, more := <-c.events:
			if !more {
				return c.outcome(up, hurry.Err() != nil)
			}
			c.take(event, stopping, screen)
			if !up && len(c.failed) > 0 || c.running == 0 {
				stopping = true
				stopServers()
			}
			if !up && !stopping && len(c.news) == len(c.names()) {
				up = true
				screen.welcome(c)
			}
		}
	}
}

// keepAll starts a keeper for each process. The events end when all have ended.
func (c *crew) keepAll(wantServers, wantUpstream, hurry context.Context, stopUpstream func()) {
	rules := supervise.Rules{Restart: c.restart, Grace: c.grace()}
	report := func(e supervise.Event) { c.events <- e }
	var servers, all sync.WaitGroup
	for _, p := range c.servers {
		servers.Go(func() { supervise.Keep(wantServers, hurry, p, rules, report) })
	}
	if c.upstream != nil {
		all.Go(func() { supervise.Keep(wantUpstream, hurry, *c.upstream, rules, report) })
	}
	go func() {
		servers.Wait()
		stopUpstream()
		all.Wait()
		close(c.events)
	}()
}

// take notes and shows what happened to a process.
func (c *crew) take(e supervise.Event, stopping bool, screen *screen) {
	switch e.What {
	case supervise.Said:
		screen.said(e.Name, e.Text)
	case supervise.WasReady:
		if _, again := c.news[e.Name]; again {
			screen.note(e.Name + " is back: " + e.Text)
		}
		c.news[e.Name] = e.Text
		if c.live != nil {
			c.live.ready(e.Name, e.Text)
		}
	case supervise.Died:
		screen.note(fmt.Sprintf("%s died (%v); it is started again in %v", e.Name, e.Err, e.Pause))
	case supervise.Ended:
		if c.upstream == nil || e.Name != c.upstream.Name {
			c.running--
		}
		if e.Err == nil {
			return
		}
		c.failed = append(c.failed, fmt.Errorf("%s: %w", e.Name, e.Err))
		if !stopping && len(c.news) == len(c.names()) {
			screen.note(fmt.Sprintf("%s died (%v); it is not started again", e.Name, e.Err))
		}
	}
}

// outcome is how it all went, once every process has ended.
func (c *crew) outcome(up, hurried bool) error {
	failed := errors.Join(c.failed...)
	switch {
	case hurried:
		return errHurried
	case !up && failed != nil:
		return fmt.Errorf("%w\n%w", failed, errNotStarted)
	case failed != nil:
		return failed
	}
	return nil
}
