package main

import "proxyherd/herd"

// rates are what a server did per second between two looks at it.
type rates struct {
	Server    string  `json:"server"`
	Seconds   float64 `json:"seconds"`    // between the two, by the server's clock
	Reports   float64 `json:"iamat"`      // IAMATs answered
	Questions float64 `json:"whatsat"`    // WHATSATs passed to the upstream
	Invalid   float64 `json:"invalid"`    // lines answered with "?"
	FromPeers float64 `json:"from_peers"` // neighbours' records, new and old
	Upstream  float64 `json:"upstream"`   // requests sent to the upstream

	// Wait is how long the WHATSATs waited that were answered meanwhile, in the mean
	// and in seconds; 0 if none was.
	Wait float64 `json:"whatsat_wait_seconds"`
}

// ratesOf compares two statuses of a server. There are none (false) where the
// server was started anew in between, or its clock stood still or was set back.
func ratesOf(before, after *herd.Status) (rates, bool) {
	if before == nil || after == nil || before.Boot != after.Boot || !after.Time.After(before.Time) {
		return rates{}, false
	}
	r := rates{Server: after.Name, Seconds: after.Time.Sub(before.Time).Seconds()}
	// Counters only grow within one boot.
	per := func(before, after uint64) float64 { return float64(after-before) / r.Seconds }
	a, b := &after.Counters, &before.Counters
	r.Reports = per(b.IAMAT, a.IAMAT)
	r.Questions = per(b.WHATSAT, a.WHATSAT)
	r.Invalid = per(b.Invalid, a.Invalid)
	r.FromPeers = per(b.PeerTaken+b.PeerStale, a.PeerTaken+a.PeerStale)
	if n := after.Answers.Count - before.Answers.Count; n > 0 {
		r.Wait = (after.Answers.Seconds - before.Answers.Seconds) / float64(n)
	}
	if before.Upstream != nil && after.Upstream != nil {
		r.Upstream = per(uint64(before.Upstream.Requests), uint64(after.Upstream.Requests))
	}
	return r, true
}

// frame is one look at a herd, with what has happened since the one before.
type frame struct {
	*overview
	Rates []rates `json:"rates_per_second"` // of the servers that have some, in their order
}

// next returns the frame of what was seen after this one; f may be nil.
func (f *frame) next(seen *overview) *frame {
	n := &frame{overview: seen, Rates: []rates{}}
	if f == nil {
		return n
	}
	before := make(map[string]*herd.Status, len(f.Servers))
	for i := range f.Servers {
		before[f.Servers[i].Name] = f.Servers[i].Status
	}
	for _, s := range seen.Servers {
		if r, known := ratesOf(before[s.Name], s.Status); known {
			n.Rates = append(n.Rates, r)
		}
	}
	return n
}

// total adds up the rates of all servers.
func (f *frame) total() (sum rates) {
	for _, r := range f.Rates {
		sum.Reports += r.Reports
		sum.Questions += r.Questions
		sum.Invalid += r.Invalid
	}
	return sum
}
