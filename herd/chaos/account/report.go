package account

import (
	"bytes"
	"time"

	"proxyherd/herd"
)

// Report is an AT line, which it keeps. Only Parse makes one; nil is older than all.
type Report struct {
	line   string
	record herd.Record
}

// Parse reads an AT line, given without its end; nil if it is none. It keeps nothing
// of line.
func Parse(line []byte) *Report {
	r := &Report{}
	own := bytes.Clone(line)
	if herd.ParseAT(own, &r.record) != nil {
		return nil
	}
	r.line = string(own)
	return r
}

// String is the AT line; of a nil Report, a word that says so.
func (r *Report) String() string {
	if r == nil {
		return "nothing"
	}
	return r.line
}

// ID is whose report it is.
func (r *Report) ID() string { return string(r.record.ID) }

// Order is the herd's order of one client's reports: which is the newest.
type Order struct{ Future time.Duration }

// Older reports whether a is older than b.
func (o Order) Older(a, b *Report) bool {
	switch {
	case b == nil:
		return false
	case a == nil:
		return true
	}
	return herd.Compare(&a.record, &b.record, o.Future) < 0
}

// Newest is the newest report of each client, by its id.
type Newest map[string]*Report

// Take remembers r if it is the newest of its client.
func (n Newest) Take(o Order, r *Report) {
	if id := r.ID(); o.Older(n[id], r) {
		n[id] = r
	}
}

// claim is what of a record was said by a client, and to whom.
func claim(server, id, location, time string) string {
	return server + " " + id + " " + location + " " + time
}

func (r *Report) claim() string {
	return claim(string(r.record.Server), r.ID(), string(r.record.Location), string(r.record.Time))
}
