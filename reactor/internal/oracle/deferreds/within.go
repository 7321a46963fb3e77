package deferreds

import "slices"

// What follows finds out, from the script alone and so alike on both sides,
// where something is done to a Deferred at a moment at which Twisted has it in
// another state than ours. Family has the differences that come of it.

// feed remembers that the result of one Deferred may run the steps of the other
// one.
func (p *player) feed(from, to string) { p.feeds[from] = append(p.feeds[from], to) }

// reaches reports that one of the names, or one that these feed by whatever
// way, is the other one.
func (p *player) reaches(names []string, to string) bool {
	seen := make(map[string]bool)
	for open := slices.Clone(names); len(open) > 0; open = open[1:] {
		if open[0] == to {
			return true
		}
		if !seen[open[0]] {
			seen[open[0]] = true
			open = append(open, p.feeds[open[0]]...)
		}
	}
	return false
}

// notePaused is an event where a Deferred is paused within a step of its own, or
// while it waits.
func (p *player) notePaused(name string) {
	if slices.Contains(p.stack, name) {
		p.stage.Note("pausedWithin", name)
	} else if p.waits[name] {
		p.stage.Note("pausedWaiting", name)
	}
}

// noteAwaited is an event where a step of waiting ends with a Deferred that is
// itself within one of its steps, or between two, or may be: it runs the step
// that waits, or what Run called for it may just be giving up its turn.
func (p *player) noteAwaited(waiting, name string) {
	runs := p.reaches(p.feeds[name], waiting) ||
		slices.ContainsFunc(p.stack, func(to string) bool { return p.reaches(p.feeds[name], to) })
	if slices.Contains(p.stack, name) || p.begun[name] || runs {
		p.stage.Note("awaited", name)
	}
}
