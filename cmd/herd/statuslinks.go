package main

import (
	"math"
	"time"

	"proxyherd/herd"
)

// view is what one end says of a link.
type view string

const (
	viewUp        view = "up"
	viewDown      view = "down"
	viewUnlisted  view = "unlisted"  // the server has no such link
	viewUnreached view = "unreached" // the server was asked and has not answered
	viewUnasked   view = "unasked"   // the server was not to be asked
)

// end is one end of a link.
type end struct {
	Server string `json:"server"`
	View   view   `json:"view"`

	link *herd.LinkStatus // nil unless it is up or down
	said time.Time        // by the server's own clock, as the times in link
}

// linkReport is what both ends of a link say, put together.
type linkReport struct {
	Ends [2]end `json:"ends"`

	// Sync is the outcome of the later of the two ends' comparisons that count.
	// CheckedAgo is its age; nil if there never was one. Differ is what it found.
	Sync       herd.Sync `json:"sync"`
	CheckedAgo *float64  `json:"checked_ago_seconds"`
	Differ     int       `json:"differ"`

	// RoundTrip is the longer of the ends', and Clock how far the second end's clock
	// is ahead of the first's, the larger of the ends'; 0 where no heartbeat told.
	RoundTrip float64 `json:"round_trip_seconds"`
	Clock     float64 `json:"clock_seconds"`

	// Well says that each end that was asked has it up, and that it is in sync.
	Well bool `json:"well"`
}

// listings are what servers say of their links, to be looked up: a page may list
// tens of thousands.
type listings struct {
	asked map[string]*sighting
	links map[[2]string]*herd.LinkStatus // by server and neighbour
}

func listingsOf(servers []sighting) listings {
	l := listings{asked: make(map[string]*sighting, len(servers)), links: make(map[[2]string]*herd.LinkStatus)}
	for i := range servers {
		s := &servers[i]
		l.asked[s.Name] = s
		if s.Status == nil {
			continue
		}
		for k := range s.Status.Links {
			link := &s.Status.Links[k]
			l.links[[2]string{s.Name, link.Peer}] = link
		}
	}
	return l
}

// end returns a server's end of its link to a neighbour.
func (l listings) end(server, peer string) end {
	s, link := l.asked[server], l.links[[2]string{server, peer}]
	switch {
	case s == nil:
		return end{Server: server, View: viewUnasked}
	case s.Status == nil:
		return end{Server: server, View: viewUnreached}
	case link == nil:
		return end{Server: server, View: viewUnlisted}
	case link.Up:
		return end{Server: server, View: viewUp, link: link, said: s.Status.Time}
	}
	return end{Server: server, View: viewDown, link: link, said: s.Status.Time}
}

// linksOf returns the links of the servers that were asked, each once. Those of the
// config come first; what servers have besides shows that they were started with
// another one.
func linksOf(topology *herd.Topology, servers []sighting) []linkReport {
	said := listingsOf(servers)
	links := []linkReport{} // without any, JSON still has a list
	known := make(map[[2]string]bool)
	add := func(a, b string) {
		if !known[[2]string{a, b}] {
			known[[2]string{a, b}], known[[2]string{b, a}] = true, true
			links = append(links, join(said.end(a, b), said.end(b, a)))
		}
	}
	for _, s := range servers {
		for _, peer := range topology.Neighbours(s.Name) {
			add(s.Name, peer)
		}
	}
	for _, s := range servers {
		if s.Status == nil {
			continue
		}
		for _, link := range s.Status.Links {
			add(s.Name, link.Peer)
		}
	}
	return links
}

// join makes one report of what two ends say. Only a link that is up has a round
// trip and a clock: what an end measured on one that is lost says nothing of now.
func join(first, second end) linkReport {
	l := linkReport{Ends: [2]end{first, second}}
	last := check{sync: herd.Unknown}
	for i, e := range l.Ends {
		if c, found := e.lastCheck(); found && (!last.found || c.outweighs(last)) {
			last = c
		}
		if e.View != viewUp {
			continue
		}
		l.RoundTrip = max(l.RoundTrip, e.link.RoundTrip)
		clock := e.link.Clock
		if i == 1 {
			clock = -clock
		}
		if math.Abs(clock) > math.Abs(l.Clock) {
			l.Clock = clock
		}
	}
	l.Sync = last.sync
	if last.found {
		ago := last.age.Seconds()
		l.CheckedAgo, l.Differ = &ago, last.differ
	}
	l.Well = l.up() && l.Sync == herd.InSync
	return l
}

// up says whether each end that was asked has the link up. An end that is not
// reached may have lost it long ago without the other's knowing.
func (l *linkReport) up() bool {
	for _, e := range l.Ends {
		if e.View != viewUp && e.View != viewUnasked {
			return false
		}
	}
	return true // as one of them was asked: nothing is known of a link otherwise
}

// check is one end's last comparison. Ages are compared, not times: each is by its
// own server's clock.
type check struct {
	found  bool
	sync   herd.Sync // unknown if it is too old
	age    time.Duration
	differ int
}

// lastCheck returns the end's last comparison, and whether there is one.
func (e *end) lastCheck() (check, bool) {
	if e.link == nil || e.link.Checked.IsZero() {
		return check{}, false
	}
	c := check{found: true, sync: e.link.Sync, age: e.said.Sub(e.link.Checked), differ: e.link.Differ}
	// One in the future is as good as an old one: the server's clock was set.
	if c.age.Abs() > herd.SyncTrust || c.sync != herd.Behind && c.sync != herd.InSync {
		c.sync = herd.Unknown
	}
	return c, true
}

// outweighs says whether c is what to believe: one that counts rather than one
// that does not, then the later, then the worse.
func (c check) outweighs(other check) bool {
	if (c.sync == herd.Unknown) != (other.sync == herd.Unknown) {
		return other.sync == herd.Unknown
	}
	if c.age != other.age {
		return c.age < other.age
	}
	return c.sync == herd.Behind
}
