package sim

import (
	"fmt"
	"slices"
	"time"

	"proxyherd/herd"
)

const (
	// patience is how long the servers may take to agree once all is mended: two
	// links in a row may have to be found dead, dialled and compared.
	patience = 3 * time.Minute
	// glance is how often they are asked.
	glance = 500 * time.Millisecond
)

// settle waits until the part agrees; false if it took too long.
func (w *world) settle() bool {
	patience := patience + w.setBack
	for end := w.elapsed() + patience; w.elapsed() < end; {
		w.advance(w.elapsed() + glance)
		w.checkBounds()
		if w.agreed() && w.quiet() {
			return true
		}
	}
	w.violated("agreement", "%v after all is mended the servers do not agree: %s", patience, w.disagreement())
	return false
}

// agreed reports whether the digests of the part are equal.
func (w *world) agreed() bool {
	var root uint64
	for i, m := range w.mended {
		if m.server == nil {
			return false
		}
		if got := m.server.Store().Root(); i == 0 {
			root = got
		} else if got != root && w.fight.Setup.Rotating == 0 {
			return false
		}
	}
	// Where a secret is being replaced, sums under different keys differ.
	return w.fight.Setup.Rotating == 0 || w.disagreement() == ""
}

// quiet reports whether all links within the part are open, and nothing waits.
func (w *world) quiet() bool {
	for _, m := range w.mended {
		for _, l := range m.server.Links() {
			if w.inPart(l.Peer) && (!l.Up || l.Changed > 0 || l.Dumping) {
				return false
			}
		}
	}
	return true
}

// disagreement tells the first difference between the part's records; "" if there
// is none.
func (w *world) disagreement() string {
	for _, m := range w.mended {
		if m.server == nil {
			return m.name + " is down"
		}
	}
	return w.difference(w.holdings())
}

// holdings are the records of each server of the part.
func (w *world) holdings() (all []map[string]*report) {
	for _, m := range w.mended {
		all = append(all, w.records(m))
	}
	return all
}

// difference is the first between what the part's servers hold; "" if there is none.
func (w *world) difference(held []map[string]*report) string {
	first, name := held[0], w.mended[0].name
	ids := sorted(first)
	for i, records := range held {
		m := w.mended[i]
		for _, id := range ids {
			if a, b := first[id], records[id]; a != b {
				return fmt.Sprintf("%s has %q and %s has %q", name, short(a.line), m.name, short(b.text()))
			}
		}
		if len(records) != len(first) {
			return fmt.Sprintf("%s has %d records and %s has %d", name, len(first), m.name, len(records))
		}
	}
	return ""
}

// records are a server's, by id.
func (w *world) records(m *member) map[string]*report {
	all := map[string]*report{}
	w.eachRecord(m, func(r *report) { all[r.id] = r })
	return all
}

// checkStores checks what the part has agreed on.
func (w *world) checkStores() {
	held, kept := w.holdings(), sorted(w.ledger.kept)
	for i, m := range w.mended {
		records := held[i]
		w.checkDigest(m)
		for _, id := range sorted(records) {
			if r := records[id]; !w.ledger.knows(r) {
				w.violated("record", "%s holds %q, and nobody has reported that", m.name, short(r.line))
			}
		}
		for _, id := range kept {
			kept := w.ledger.kept[id]
			if got := records[id]; got == nil || got.compare(kept) < 0 {
				w.violated("lost", "%s holds %q, and %q was acknowledged or held by a server that lives", m.name, short(got.text()), short(kept.line))
			}
		}
	}
	if difference := w.difference(held); difference != "" {
		w.violated("agreement", "the digests are equal and the records are not: %s", difference)
	}
}

// checkDigest works a server's digest out again from its records.
func (w *world) checkDigest(m *member) {
	store := m.server.Store()
	key := herd.DigestKey(w.fight.Setup.secrets(m.number)[0])
	sums := make([]uint64, 1<<store.Bits())
	var root uint64
	count := 0
	store.Walk(herd.Cursor{}, store.Len(), func(line []byte) {
		hash := key.Hash(line[:len(line)-1])
		root += hash
		sums[key.Hash(fieldOf(line, 3))>>(64-store.Bits())] += hash
		count++
	})
	if root != store.Root() || count != store.Len() {
		w.violated("digest", "%s says %016x over %d records, and they are %016x over %d", m.name, store.Root(), store.Len(), root, count)
	}
	for number, sum := range sums {
		if got := store.Sum(store.Bits(), number); got != sum {
			w.violated("digest", "%s says %016x for bucket %d, and its records are %016x", m.name, got, number, sum)
		}
	}
}

// holds reports whether a server's record of a client is just this one.
func (w *world) holds(m *member, r *report) bool {
	var stored herd.Record
	if !m.server.Store().Get([]byte(r.id), &stored) {
		return false
	}
	w.scratch = stored.AppendLine(w.scratch[:0])
	return string(w.scratch[:len(w.scratch)-1]) == r.line
}

// checkClients checks that everybody is answered who asked a server of the part.
func (w *world) checkClients() {
	waits := func(c *client) bool {
		return !c.ended && len(c.owed) > 0 && c.life == c.to.life && w.inPart(c.to.name) && !c.excused
	}
	if w.network.RunUntil(func() bool { return !slices.ContainsFunc(w.all, waits) }, patience) {
		return
	}
	for _, c := range w.all {
		if waits(c) {
			c.violated("%q is not answered", short(c.owed[0].line))
		}
	}
}
