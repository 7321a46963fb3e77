package main

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"proxyherd/herd"
)

// column is one column of a table that can be sorted by it.
type column[T any] struct {
	name    string
	text    func(*T) string
	compare func(a, b *T) int // negative if a stands first when this column is chosen
}

// topServer is a row of the servers' table.
type topServer struct {
	sighting
	rates
	known bool // the rates
}

// topServers are the rows of a frame.
func topServers(f *frame) []topServer {
	of := make(map[string]rates, len(f.Rates))
	for _, r := range f.Rates {
		of[r.Server] = r
	}
	rows := make([]topServer, len(f.Servers))
	for i, s := range f.Servers {
		r, known := of[s.Name]
		rows[i] = topServer{s, r, known}
	}
	return rows
}

// What one looks for first stands first: a narrow screen cuts off the rest. Of
// numbers the largest are the first rows. A row that has a status stands before one
// that has none, whatever the order.
var serverColumns = []column[topServer]{
	{"server", func(s *topServer) string { return s.Name }, func(a, b *topServer) int { return cmp.Compare(a.Name, b.Name) }},
	{"state", func(s *topServer) string { return stateOf(s.Status) }, largest(func(s *topServer) float64 { return s.Status.Time.Sub(s.Status.Started).Seconds() })},
	number("clients", func(s *topServer) int { return s.Status.Connections }),
	number("waiting", func(s *topServer) int { return s.Status.Waiting }),
	number("records", func(s *topServer) int { return s.Status.Records }),
	rate("IAMAT/s", func(s *topServer) float64 { return s.Reports }),
	rate("WHATSAT/s", func(s *topServer) float64 { return s.Questions }),
	{"WHATSAT in", func(s *topServer) string { return someSeconds(s.Wait) }, largest(func(s *topServer) float64 { return s.Wait })},
	rate("invalid/s", func(s *topServer) float64 { return s.Invalid }),
	rate("peers/s", func(s *topServer) float64 { return s.FromPeers }),
	{"slowest turn", func(s *topServer) string { return someSeconds(slowestTurn(s.Status)) }, largest(func(s *topServer) float64 { return slowestTurn(s.Status) })},
	{"answers in", func(s *topServer) string { return seconds(s.Took) }, largest(func(s *topServer) float64 { return s.Took })},
	rate("upstream/s", func(s *topServer) float64 { return s.Upstream }),
	{"size", func(s *topServer) string { return size(s.Status.RecordBytes) }, largest(func(s *topServer) float64 { return float64(s.Status.RecordBytes) })},
}

func number(name string, value func(*topServer) int) column[topServer] {
	return column[topServer]{name, func(s *topServer) string { return fmt.Sprint(value(s)) },
		largest(func(s *topServer) float64 { return float64(value(s)) })}
}

// rate is a column of what is known from the second look on.
func rate(name string, value func(*topServer) float64) column[topServer] {
	return column[topServer]{name, func(s *topServer) string {
		if !s.known {
			return "-"
		}
		return perSecond(value(s))
	}, largest(value)}
}

// someSeconds is a time that is 0 where nobody knows it.
func someSeconds(s float64) string {
	if s == 0 {
		return "-"
	}
	return seconds(s)
}

// slowestTurn is how long the slowest turn of a server's loop took of late, 0 if
// nobody measured.
func slowestTurn(st *herd.Status) float64 {
	if st.Loop == nil {
		return 0
	}
	return st.Loop.Slowest
}

// perSecond writes a rate; one that is small keeps a digit behind the point.
func perSecond(r float64) string {
	if r == 0 || r >= 100 {
		return fmt.Sprintf("%.0f", r)
	}
	return fmt.Sprintf("%.1f", r)
}

func largest[T any](value func(*T) float64) func(a, b *T) int {
	return func(a, b *T) int { return cmp.Compare(value(b), value(a)) }
}

// The worst links stand first when the table is sorted by state or sync.
var linkColumns = []column[linkReport]{
	{"link", (*linkReport).name, func(a, b *linkReport) int { return cmp.Compare(a.name(), b.name()) }},
	{"state", func(l *linkReport) string { return l.both(func(e end) string { return string(e.View) }) },
		func(a, b *linkReport) int { return trueFirst(!a.up(), !b.up()) }},
	{"sync", (*linkReport).syncText, func(a, b *linkReport) int { return cmp.Compare(worstFirst[a.Sync], worstFirst[b.Sync]) }},
	{"round trip", func(l *linkReport) string { return someSeconds(l.RoundTrip) }, largest(func(l *linkReport) float64 { return l.RoundTrip })},
	{"waiting", func(l *linkReport) string { return l.both(end.waiting) }, largest(func(l *linkReport) float64 { return float64(waitingAtAll(l)) })},
	{"lost", func(l *linkReport) string { return orDash(lastLoss(l)) }, func(a, b *linkReport) int { return trueFirst(lastLoss(a) != "", lastLoss(b) != "") }},
}

var worstFirst = map[herd.Sync]int{herd.Behind: 0, herd.Unknown: 1, herd.InSync: 2}

// trueFirst is the order of two truths: what is true stands first.
func trueFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

func waitingAtAll(l *linkReport) (bytes int64) {
	for _, e := range l.Ends {
		if e.View == viewUp {
			bytes += e.link.Waiting
		}
	}
	return bytes
}

// lastLoss is the later of the two ends' last losses, each by its own clock.
func lastLoss(l *linkReport) (text string) {
	least := time.Duration(-1)
	for _, e := range l.Ends {
		if e.link == nil || len(e.link.Losses) == 0 {
			continue
		}
		loss := e.link.Losses[len(e.link.Losses)-1]
		if ago := max(0, e.said.Sub(loss.At)); least < 0 || ago < least {
			least, text = ago, fmt.Sprintf("%s ago: %s", span(ago), loss.Reason)
		}
	}
	return text
}

// ordering is how a table is sorted; the zero value is as it comes, in the order
// of the config.
type ordering struct {
	column   int // from 1; 0: none
	reversed bool
}

// sorted sorts rows. has says which have something to sort by.
func sorted[T any](rows []T, columns []column[T], o ordering, has func(*T) bool) []T {
	rows = slices.Clone(rows)
	if o.column == 0 {
		return rows
	}
	compare := columns[o.column-1].compare
	slices.SortStableFunc(rows, func(a, b T) int {
		if !has(&a) || !has(&b) {
			return trueFirst(has(&a), has(&b))
		}
		if o.reversed {
			return compare(&b, &a)
		}
		return compare(&a, &b)
	})
	return rows
}
