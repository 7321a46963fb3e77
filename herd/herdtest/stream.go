package herdtest

import (
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// memoryWindow is how many bytes may be on their way, and not read.
const memoryWindow = 64 << 10

// stream is one direction of a connection.
type stream struct {
	mu      sync.Mutex
	changed sync.Cond
	way     way
	mute    bool    // nothing comes back, such as that the reader has gone
	pieces  []piece // on their way, or there, and not read
	size    int     // of them all
	last    time.Time
	arrival *time.Timer // of the first piece, if somebody waits for it
	ended   bool        // the writer sends no more
	broken  [2]error    // who has broken it, and how
	limits  [2]deadline
}

// piece is what arrives at one moment.
type piece struct {
	bytes []byte
	at    time.Time // zero: at once
}

// The two ends of a stream.
const (
	reading = iota
	writing
)

type deadline struct {
	passed bool
	timer  *time.Timer
}

func newStream() *stream {
	s := &stream{}
	s.changed.L = &s.mu
	return s
}

func (s *stream) read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.broken[reading] != nil:
			return 0, s.broken[reading]
		case s.limits[reading].passed:
			return 0, os.ErrDeadlineExceeded
		case s.way.cut: // not even that it is broken arrives
		case s.broken[writing] != nil:
			return 0, s.broken[writing]
		case len(s.pieces) > 0 && s.arrived():
			return s.take(p), nil
		case len(s.pieces) == 0 && s.ended:
			return 0, io.EOF
		}
		s.changed.Wait()
	}
}

// arrived reports whether the first piece is there. If not, whoever waits for the
// stream is woken when it is.
func (s *stream) arrived() bool {
	wait := time.Until(s.pieces[0].at)
	if s.arrival != nil {
		s.arrival.Stop()
		s.arrival = nil
	}
	if wait > 0 {
		s.arrival = time.AfterFunc(wait, func() { s.change(func() {}) })
	}
	return wait <= 0
}

func (s *stream) take(p []byte) (n int) {
	first := &s.pieces[0]
	n = copy(p, first.bytes)
	s.size -= n
	if first.bytes = first.bytes[n:]; len(first.bytes) == 0 {
		s.pieces = s.pieces[1:]
	}
	s.changed.Broadcast()
	return n
}

func (s *stream) write(p []byte) (sent int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(p) > 0 {
		switch {
		case s.broken[writing] != nil:
			return sent, s.broken[writing]
		case s.broken[reading] != nil && !s.mute:
			return sent, s.broken[reading]
		case s.ended:
			return sent, net.ErrClosed
		case s.limits[writing].passed:
			return sent, os.ErrDeadlineExceeded
		}
		n := min(len(p), memoryWindow-s.size)
		if n == 0 {
			s.changed.Wait()
			continue
		}
		n = s.put(p[:n])
		p, sent = p[n:], sent+n
		s.changed.Broadcast()
	}
	return sent, nil
}

// put sends some of p, and returns how much.
func (s *stream) put(p []byte) (n int) {
	n = len(p)
	var at time.Time
	if s.way.rate > 0 {
		n = min(n, max(1, s.way.rate/100)) // a hundred pieces a second
	}
	if s.way.rate > 0 || s.way.latency > 0 {
		at = time.Now().Add(s.way.latency)
		if s.way.rate > 0 {
			if at.Before(s.last) {
				at = s.last
			}
			at = at.Add(time.Duration(n) * time.Second / time.Duration(s.way.rate))
		}
	}
	if at.Before(s.last) {
		at = s.last // nothing overtakes what was sent before
	}
	s.size += n
	if last := len(s.pieces) - 1; last >= 0 && s.pieces[last].at.Equal(at) {
		s.pieces[last].bytes = append(s.pieces[last].bytes, p[:n]...)
	} else {
		s.pieces = append(s.pieces, piece{append([]byte(nil), p[:n]...), at})
	}
	s.last = at
	return n
}

func (s *stream) change(how func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	how()
	s.changed.Broadcast()
}

func (s *stream) become(w way)  { s.change(func() { s.way = w }) }
func (s *stream) hear(cut bool) { s.change(func() { s.mute = cut }) }
func (s *stream) end()          { s.change(func() { s.ended = true }) }

// reset has one end break the stream.
func (s *stream) reset(who int, why error) {
	s.change(func() {
		if s.broken[who] == nil {
			s.broken[who] = why
		}
	})
}

func (s *stream) setDeadline(who int, at time.Time) {
	s.change(func() {
		d := &s.limits[who]
		if d.timer != nil {
			d.timer.Stop()
		}
		*d = deadline{passed: !at.IsZero() && !time.Now().Before(at)}
		if at.IsZero() || d.passed {
			return
		}
		var timer *time.Timer
		timer = time.AfterFunc(time.Until(at), func() {
			s.change(func() { d.passed = d.passed || d.timer == timer })
		})
		d.timer = timer
	})
}
