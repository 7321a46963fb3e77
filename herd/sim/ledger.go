package sim

import "proxyherd/herd"

// ledger is what clients have said, and which of it must not be lost.
type ledger struct {
	issued map[claim]struct{}
	// kept is, for each id, the newest report that some server, or its disk, still
	// had when the last one died, or that was acknowledged since.
	kept map[string]*report
	part bool // only the fight's part counts from now on
}

// claim is a report as a client has sent it, and to whom.
type claim struct{ server, id, location, time string }

func newLedger() ledger {
	return ledger{issued: make(map[claim]struct{}, leastCommands), kept: map[string]*report{}}
}

func (l *ledger) said(server string, c command) {
	l.issued[claim{server, c.id, c.location, c.time}] = struct{}{}
}

func (l *ledger) knows(r *report) bool {
	_, known := l.issued[claim{r.server, r.id, r.location, r.time}]
	return known
}

// acknowledged takes a report that a server has answered for, while it lives.
func (l *ledger) acknowledged(w *world, m *member, r *report) {
	if d := m.disk; d != nil && d.always {
		newest(d.promised, r) // whatever dies
	}
	if l.counts(w, m) {
		l.keepNewest(r)
	}
}

func (l *ledger) keepNewest(r *report) { newest(l.kept, r) }

func newest(of map[string]*report, r *report) {
	if old := of[r.id]; old == nil || r.compare(old) > 0 {
		of[r.id] = r
	}
}

// died counts anew when a server dies: what only that one had may be lost.
func (l *ledger) died(w *world, dead *member) {
	l.keep(w, func(m *member) bool { return m != dead })
}

// left counts anew when all but the fight's part are left as they are.
func (l *ledger) left(w *world) {
	l.part = true
	l.keep(w, func(m *member) bool { return w.inPart(m.name) })
}

func (l *ledger) keep(w *world, counts func(*member) bool) {
	clear(l.kept)
	for m := range w.live {
		if counts(m) && l.counts(w, m) {
			w.eachRecord(m, l.keepNewest)
		}
	}
	for _, m := range w.members {
		if m.disk != nil && (!l.part || w.inPart(m.name)) {
			l.keepSaved(m.disk)
		}
	}
}

// keepSaved counts what is on a server's disk, whether it lives or not, and what it
// should be there for that it has promised.
func (l *ledger) keepSaved(d *disk) {
	for _, r := range d.records {
		if r.valid {
			l.keepNewest(r)
		}
	}
	for _, r := range d.promised {
		l.keepNewest(r)
	}
}

// counts reports whether what a server has must not be lost.
func (l *ledger) counts(w *world, m *member) bool {
	return m.server != nil && !m.ending && (!l.part || w.inPart(m.name))
}

// eachRecord shows the records of a server.
func (w *world) eachRecord(m *member, visit func(*report)) {
	store := m.server.Store()
	store.Walk(herd.Cursor{}, store.Len(), func(line []byte) {
		r := w.reports.of(line[:len(line)-1])
		if !r.valid {
			w.violated("record", "%s holds what is no AT line: %q", m.name, line)
			return
		}
		visit(r)
	})
}
