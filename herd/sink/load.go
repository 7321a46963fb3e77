package sink

import (
	"bytes"
	"context"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/wirelog"
)

// slack is how far the clocks of servers may be apart before a report that came just
// before this server started counts as one that came after.
const slack = time.Minute

// load takes what the database has, unless the herd has records.
func (s *Sink) load() {
	if !s.pass(s.times.settle) {
		return
	}
	if has, err := s.hasOlder(); has || err != nil {
		return // a server that cannot be asked is stopping
	}
	began := time.Now()
	from, pause := "", s.times.again
	for {
		next, err := s.loadPage(from)
		if err != nil {
			s.hasFailed(err, pause)
			if !s.pass(pause) {
				return
			}
			pause = min(2*pause, s.times.most)
			continue
		}
		if next == "" {
			break
		}
		from, pause = next, s.times.again
	}
	s.log.Event(time.Now(), wirelog.Info, "the sink's records are loaded",
		wirelog.F("sink", s.settings.Kind), wirelog.F("records", s.Status().Loaded), wirelog.F("took", time.Since(began)))
}

// pass lets time pass, and reports whether the sink is still open.
func (s *Sink) pass(d time.Duration) bool {
	over := time.NewTimer(d)
	defer over.Stop()
	select {
	case <-over.C:
		return true
	case <-s.closing:
		return false
	}
}

// hasOlder reports whether the server holds a report that was received before it
// started: then it had that itself, or has found a neighbour that did. One that has
// only what came since then knows of nobody who has more.
func (s *Sink) hasOlder() (found bool, err error) {
	start := herd.Unix(s.opened.Add(-slack).Unix(), 0)
	walk := s.server.Walk()
	for more := true; more && !found; {
		var lines []byte
		if lines, more, err = walk(s.ctx, piece); err != nil {
			return false, err
		}
		for line := range bytes.Lines(lines) {
			var r herd.Record
			if herd.ParseAT(line[:len(line)-1], &r) == nil && r.Received.Cmp(start) < 0 {
				found = true
			}
		}
	}
	return found, nil
}

// loadPage has the server take one page, and returns where the next begins.
func (s *Sink) loadPage(from string) (next string, err error) {
	ctx, cancel := context.WithTimeout(s.ctx, s.times.slow)
	defer cancel()
	lines, next, err := s.db.Page(ctx, from)
	if err == nil {
		err = s.server.Take(ctx, lines)
	}
	if err != nil {
		return from, err
	}
	s.works()
	s.mu.Lock()
	s.status.Loaded += int64(bytes.Count(lines, []byte{'\n'}))
	s.mu.Unlock()
	return next, nil
}
