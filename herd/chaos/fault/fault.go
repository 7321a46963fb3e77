package fault

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"proxyherd/herd/chaos/stage"
)

// Fault is one way to hurt a herd.
type Fault struct {
	Name  string
	What  string // it does, in a few words
	Needs []stage.Need
	Aim   Aim
	// Holds says what of its target is not to be hurt by others meanwhile that hold
	// the same; "" if it gets along with all.
	Holds string
	// Ends says that servers lose by it what they have received.
	Ends bool
	// Weight is how much more often it is drawn than others; 0 is once as often.
	Weight int
	// Least and Most are how long it lasts.
	Least, Most time.Duration
	// Start strikes, and returns what stops it again, which is called once. Neither
	// may wait for longer than some seconds.
	Start func(context.Context, *Hit) (stop func() error, err error)
}

// Hit is one time that a fault strikes.
type Hit struct {
	Stage  *stage.Stage
	On     Target
	Random *rand.Rand // its own
}

// Target is whom a fault strikes.
type Target struct {
	Servers []string
	Link    [2]string // neighbours, if Servers is empty
}

// String names the target.
func (t Target) String() string {
	switch {
	case t.Link[0] != "":
		return t.Link[0] + "-" + t.Link[1]
	case len(t.Servers) == 1:
		return t.Servers[0]
	case len(t.Servers) == 0:
		return "the upstream"
	}
	return strings.Join(t.Servers, "+")
}

// keys name what is held of the target.
func (t Target) keys(holds string) (keys []string) {
	switch {
	case holds == "":
		return nil
	case len(t.Servers) == 0:
		return []string{holds + t.String()}
	}
	for _, s := range t.Servers {
		keys = append(keys, holds+s)
	}
	return keys
}

// Aim draws a target.
type Aim func(*stage.Stage, *rand.Rand) Target

// The aims.

func aServer(s *stage.Stage, random *rand.Rand) Target {
	names := s.Names()
	return Target{Servers: []string{names[random.IntN(len(names))]}}
}

// someServers draws two to four, in the order of the config.
func someServers(s *stage.Stage, random *rand.Rand) Target {
	names := s.Names()
	for n := 2 + random.IntN(3); len(names) > n; {
		i := random.IntN(len(names))
		names = slices.Delete(names, i, i+1)
	}
	return Target{Servers: names}
}

func allServers(s *stage.Stage, _ *rand.Rand) Target { return Target{Servers: s.Names()} }

func theUpstream(*stage.Stage, *rand.Rand) Target { return Target{} }

func aDirectLink(s *stage.Stage, random *rand.Rand) Target { return aLink(s.Links(false), random) }

func aProxiedLink(s *stage.Stage, random *rand.Rand) Target { return aLink(s.Links(true), random) }

func aLink(links [][2]string, random *rand.Rand) Target {
	return Target{Link: links[random.IntN(len(links))]}
}

// server is the only one that is hit.
func (h *Hit) server() string { return h.On.Servers[0] }

// up waits until the server that is hit serves, if it has a process. One that is
// starting may end itself where one that serves must not: without its journal, say.
func (h *Hit) up(ctx context.Context) {
	if l := h.Stage.Life(h.server()); l != nil {
		select {
		case <-l.Ready():
		case <-l.Done():
		case <-ctx.Done():
		}
	}
}

// between draws a time.
func (h *Hit) between(least, most time.Duration) time.Duration {
	return least + time.Duration(h.Random.Int64N(int64(most-least)))
}

// nap waits, less if ctx is done.
func nap(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
