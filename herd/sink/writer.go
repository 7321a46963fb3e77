package sink

import (
	"context"
	"strings"
	"time"

	"proxyherd/herd/wirelog"
)

// run writes batches until the end.
func (s *Sink) run() {
	for last := false; !last; {
		last = s.await()
		s.drain(last)
	}
}

// await returns when there is something to write, and has gathered for a while; it
// reports whether it is the last time.
func (s *Sink) await() (last bool) {
	var wait time.Duration
	if s.failed {
		wait = s.pause
		s.pause = min(2*s.pause, s.times.most)
	} else {
		select {
		case <-s.wake:
		case <-s.closing:
			return true
		}
		wait = time.Until(s.wrote.Add(time.Duration(s.settings.Interval)))
	}
	gathered := time.NewTimer(wait)
	defer gathered.Stop()
	select {
	case <-gathered.C:
		return false
	case <-s.closing:
		return true
	}
}

// drain writes what waits, until less than a batch does; at the end, all.
func (s *Sink) drain(last bool) {
	s.failed = false
	for {
		s.take()
		if !s.writeTaken() {
			return
		}
		if s.walk != nil {
			if !s.look() || !s.writeTaken() {
				return
			}
		} else if s.rests(last) {
			return
		}
	}
}

// take takes what has gathered, unless there is something that was taken before.
func (s *Sink) take() {
	s.mu.Lock()
	anew := s.whole == wholeWanted
	if anew {
		// Whatever is newest is in the store. From now on Put keeps what the walk may
		// have passed already.
		s.whole = wholeUnder
		s.hold(nil)
	}
	if len(s.taken) == 0 {
		s.hold(s.gathers.list)
		s.gathers = &pending{}
	}
	s.mu.Unlock()
	if anew {
		s.walk = s.server.Walk()
	}
}

// hold takes note of what the goroutine that writes has taken. Called with mu held.
func (s *Sink) hold(taken []waiting) {
	s.taken, s.holds, s.held, s.oldest = taken, len(taken), 0, time.Time{}
	for _, w := range taken {
		s.held += w.size()
	}
	if len(taken) > 0 {
		s.oldest = taken[0].since
	}
}

// rests reports whether nothing is left that is worth a batch.
func (s *Sink) rests(last bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	worth := s.settings.Batch
	if last {
		worth = 1
	}
	if s.whole != wholeWritten || len(s.gathers.list) >= worth {
		return false
	}
	if len(s.gathers.list) > 0 {
		s.hurry()
	}
	return true
}

// writeTaken writes what was taken, and reports whether all is written.
func (s *Sink) writeTaken() bool {
	for len(s.taken) > 0 {
		some := s.taken[:min(len(s.taken), s.settings.Batch)]
		rows := make([]Row, 0, len(some))
		for _, w := range some {
			// The store's own lines are well formed.
			if row, err := NewRow([]byte(w.line), s.future); err == nil {
				rows = append(rows, row)
			}
		}
		if !s.write(rows) {
			return false
		}
		s.mu.Lock()
		s.status.LongestLag = max(s.status.LongestLag, time.Since(s.oldest).Seconds())
		s.hold(s.taken[len(some):])
		s.mu.Unlock()
	}
	return true
}

// piece is how many records of the store are looked at in one turn of a server's loop,
// at most.
const piece = 500

// look takes the next piece of the store, while that is written as a whole. It
// reports whether there was one to be had.
func (s *Sink) look() bool {
	ctx, cancel := context.WithTimeout(s.ctx, s.times.slow)
	defer cancel()
	lines, more, err := s.walk(ctx, min(piece, s.settings.Batch))
	if err != nil {
		s.failed = true // the server is stopping, or has other cares: it is asked again later
		return false
	}
	var taken []waiting
	now := time.Now()
	for line := range strings.Lines(string(lines)) {
		taken = append(taken, waiting{line[:len(line)-1], now})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hold(taken)
	if !more {
		s.walk = nil
		if s.whole == wholeUnder { // and what was put meanwhile has not become too much
			s.whole = wholeWritten
			s.status.Wholes++
		}
	}
	return true
}

// write writes a batch, and reports whether the database has it.
func (s *Sink) write(rows []Row) bool {
	ctx, cancel := context.WithTimeout(s.ctx, s.times.slow)
	defer cancel()
	written, err := s.db.Write(ctx, rows)
	if err != nil {
		s.failed = true
		s.hasFailed(err, s.pause)
		return false
	}
	s.wrote, s.pause = time.Now(), s.times.again
	s.works()
	s.mu.Lock()
	st := &s.status
	first := st.Refused == 0 && written.Refused > 0
	st.Batches++
	st.Last = s.wrote.Round(0)
	st.Written += int64(written.Newer)
	st.Unplaced += int64(written.Unplaced)
	st.Refused += int64(written.Refused)
	st.Stale += int64(len(rows) - written.Newer - written.Refused)
	reborn := s.life != "" && written.Life != s.life
	if reborn {
		s.whole, s.gathers = wholeWanted, &pending{}
	}
	s.mu.Unlock()
	s.life = written.Life
	if reborn {
		s.log.Event(s.wrote, wirelog.Info, "the sink's database has started anew, and may have lost something: the whole store is written", wirelog.F("sink", s.settings.Kind))
	}
	if first {
		s.log.Event(s.wrote, wirelog.Error, "the sink refuses records, which are left out; see that nothing else has their keys",
			wirelog.F("sink", s.settings.Kind), wirelog.F("records", written.Refused), wirelog.F("error", written.Why))
	}
	return true
}

// hasFailed takes note that the database has, and is asked nothing for a while.
func (s *Sink) hasFailed(err error, rest time.Duration) {
	now := time.Now()
	s.mu.Lock()
	st := &s.status
	first := st.FailedSince.IsZero()
	if first {
		st.FailedSince = now.Round(0)
	}
	st.Failures++
	st.Error = err.Error()
	s.resting = now.Add(rest)
	s.mu.Unlock()
	if first {
		s.log.Event(now, wirelog.Error, "the sink has failed, and is tried again; see that the database runs and takes this user, at sink.url",
			wirelog.F("sink", s.settings.Kind), wirelog.F("url", s.settings.URL), wirelog.F("error", err))
	}
}

// works takes note that the database does.
func (s *Sink) works() {
	s.mu.Lock()
	failed := s.status.FailedSince
	s.status.FailedSince, s.status.Error = time.Time{}, ""
	s.mu.Unlock()
	if !failed.IsZero() {
		s.log.Event(time.Now(), wirelog.Info, "the sink works again", wirelog.F("sink", s.settings.Kind), wirelog.F("failed_since", failed))
	}
}
