package sim

import (
	"strings"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/reactorherd"
)

// Variant is a server with a known mistake: the checks must notice it.
type Variant struct {
	Name string
	What string // the mistake, in a sentence
	make func(w *world, m *member, o *reactorherd.Options)
}

// apply makes the mistake; nil makes none.
func (v *Variant) apply(w *world, m *member, o *reactorherd.Options) {
	if v != nil {
		v.make(w, m, o)
	}
}

// Variants are the mistakes that the tests of this package's tests make.
var Variants = []Variant{
	{"client-time", "the client's time alone decides which report is newest, and what is equal stays", ordered(
		func(_ *world, _ *member, a, b *herd.Record) int { return a.Client.Cmp(b.Client) })},
	{"tie-lost", "of two reports with equal times the first to come stays", ordered(
		func(w *world, _ *member, a, b *herd.Record) int {
			return a.Effective(w.duration()).Cmp(b.Effective(w.duration()))
		})},
	{"float-time", "times are compared as floating-point numbers, and then by server", ordered(floatOrder)},
	{"clock-on-at", "an AT is judged by the receiver's clock", ordered(
		func(w *world, m *member, a, b *herd.Record) int {
			now := w.clock(m)
			limit := herd.Timestamp{Sec: now.seconds + w.future, Nsec: int32(now.nanos)}
			return earlier(a.Client, limit).Cmp(earlier(b.Client, limit))
		})},
	{"no-resync", "a link that opens exchanges nothing", func(_ *world, _ *member, o *reactorherd.Options) { o.Faulty.NoResync = true }},
	{"echo", "an update goes back to who sent it", func(_ *world, _ *member, o *reactorherd.Options) { o.Faulty.Echo = true }},
	{"answer-first", "an acknowledgement leaves before its update", func(_ *world, _ *member, o *reactorherd.Options) { o.Faulty.AnswerFirst = true }},
	{"unbounded", "what waits for a slow neighbour has no bound", func(_ *world, _ *member, o *reactorherd.Options) { o.Config.Limits.PeerOutput = 1 << 40 }},
	{"cap-on-at", "the bound on records holds for neighbours' too", settings(func(s *herd.Settings) { s.PeerRoom = s.Room })},
	{"ack-before-sync", "an acknowledgement does not wait for the journal", func(_ *world, _ *member, o *reactorherd.Options) {
		if j, kept := o.Journal.(*journal); kept {
			j.early = true
		}
	}},
	{"chunk-lost", "an exchange of records leaves some of them out", func(_ *world, _ *member, o *reactorherd.Options) {
		o.Faulty.Withhold = func(line []byte) bool { return strings.HasPrefix(string(fieldOf(line, 3)), "id3") }
	}},
}

// settings is a mistake in the settings of the server's node.
func settings(change func(*herd.Settings)) func(*world, *member, *reactorherd.Options) {
	return func(_ *world, _ *member, o *reactorherd.Options) { o.Faulty.Settings = change }
}

// ordered is a mistake in which of two reports is newest.
func ordered(compare func(w *world, m *member, a, b *herd.Record) int) func(*world, *member, *reactorherd.Options) {
	return func(w *world, m *member, o *reactorherd.Options) {
		o.Faulty.Settings = func(s *herd.Settings) {
			s.Order = func(a, b herd.Record) int { return compare(w, m, &a, &b) }
		}
	}
}

func (w *world) duration() time.Duration { return time.Duration(w.config.Future) }

func earlier(a, b herd.Timestamp) herd.Timestamp {
	if a.Cmp(b) < 0 {
		return a
	}
	return b
}

func floatOrder(w *world, _ *member, a, b *herd.Record) int {
	one, other := a.Effective(w.duration()), b.Effective(w.duration())
	switch x, y := one.Seconds(), other.Seconds(); {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return strings.Compare(string(a.Server)+" "+string(a.Location), string(b.Server)+" "+string(b.Location))
}
