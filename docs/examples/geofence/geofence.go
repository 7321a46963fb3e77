// Package geofence is a second service beside a server of the herd, as far as it does no
// I/O: who has set which fence, and who is told that a client of the herd enters or
// leaves it. docs/geofence.md is its protocol.
//
// Package onreactor joins it to a server on a reactor, and package ingoroutines to one in
// goroutines.
package geofence

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"proxyherd/herd"
)

const (
	// MaxLine is the most bytes of a line, without its LF.
	MaxLine = 4096
	// MaxFences is how many fences one server has at most.
	MaxFences = 1000
	// MaxUnsent is how many bytes may wait for whoever set a fence; who has more waiting
	// is cut off.
	MaxUnsent = 1 << 20
	// SlowFence is the reason for that, as the log has it.
	SlowFence = "slow_fence"
)

// TooLong answers a line that is longer than MaxLine.
var TooLong = fmt.Appendf(nil, "? line longer than %d bytes\n", MaxLine)

// Watcher is who sets fences, and is told.
type Watcher interface {
	// Tell takes lines, with their ends, and copies them. It must not call the Set.
	Tell(lines []byte)
}

// Set is the fences of one server, in the order in which they were set. The zero value is
// ready for use. It is for one goroutine at a time.
type Set struct{ fences []*Fence }

// Fence is a circle, and who is in it.
type Fence struct {
	circle
	name    string
	watcher Watcher
	opening bool
	// inside has an entry for each client that is there: while the fence is opening the
	// line that will say so, and later nothing.
	inside map[string][]byte
}

// Len is how many fences there are.
func (s *Set) Len() int { return len(s.fences) }

// Receive carries out a line of w's, given without its end, and answers it. Where it sets
// a fence the result is that fence, which is opening: it must be shown every record that
// the server has, and then be opened. All that the server takes meanwhile it must be
// shown too; which of the two comes first does not matter.
func (s *Set) Receive(w Watcher, line []byte) *Fence {
	f := s.parse(w, line)
	if f == nil {
		w.Tell(slices.Concat([]byte("? "), line, []byte("\n")))
		return nil
	}
	s.fences = append(s.fences, f)
	w.Tell([]byte("OK " + f.name + "\n"))
	return f
}

// parse reads FENCE name location radius; nil if the line is something else, or sets what
// cannot be set.
func (s *Set) parse(w Watcher, line []byte) *Fence {
	fields := bytes.FieldsFunc(line, isSpace)
	if len(fields) != 4 || string(fields[0]) != "FENCE" || len(s.fences) >= MaxFences {
		return nil
	}
	name := string(fields[1])
	centre, ok := placeOf(fields[2])
	if !ok || !isNumber(fields[3]) || slices.ContainsFunc(s.fences, func(f *Fence) bool { return f.watcher == w && f.name == name }) {
		return nil
	}
	return &Fence{circle: newCircle(centre, number(fields[3])), name: name, watcher: w, opening: true, inside: map[string][]byte{}}
}

// isSpace knows the herd's six kinds of white space.
func isSpace(r rune) bool { return r < 0x80 && bytes.IndexByte([]byte(" \t\r\n\f\v"), byte(r)) >= 0 }

// isNumber reports whether text is digits, and maybe a point and digits.
func isNumber(text []byte) bool {
	whole, part, pointed := bytes.Cut(text, []byte{'.'})
	return isDigits(whole) && (!pointed || isDigits(part))
}

func isDigits(text []byte) bool {
	return len(text) > 0 && !bytes.ContainsFunc(text, func(r rune) bool { return r < '0' || r > '9' })
}

// Leave takes away all fences that w has set.
func (s *Set) Leave(w Watcher) {
	s.fences = slices.DeleteFunc(s.fences, func(f *Fence) bool { return f.watcher == w })
}

// Saw shows all fences an AT line, with its end, that the server's store has taken.
func (s *Set) Saw(line []byte) {
	r, at, ok := recordOf(line)
	if !ok {
		return
	}
	for _, f := range s.fences {
		f.saw(&r, at)
	}
}

// Saw shows the fence alone an AT line of the store.
func (f *Fence) Saw(line []byte) {
	if r, at, ok := recordOf(line); ok {
		f.saw(&r, at)
	}
}

// recordOf reads an AT line. A server's own are well formed.
func recordOf(line []byte) (r herd.Record, at place, ok bool) {
	if herd.ParseAT(line[:len(line)-1], &r) != nil {
		return r, at, false
	}
	at, ok = placeOf(r.Location)
	return r, at, ok
}

func (f *Fence) saw(r *herd.Record, at place) {
	is := f.holds(at)
	_, was := f.inside[string(r.ID)]
	switch {
	case is && f.opening:
		f.inside[string(r.ID)] = f.line("ENTER", r)
	case is && !was:
		f.inside[string(r.ID)] = nil
		f.watcher.Tell(f.line("ENTER", r))
	case !is && was:
		delete(f.inside, string(r.ID))
		if !f.opening {
			f.watcher.Tell(f.line("LEAVE", r))
		}
	}
}

func (f *Fence) line(what string, r *herd.Record) []byte {
	return fmt.Appendf(nil, "%s %s %s %s %s\n", what, f.name, r.ID, r.Location, r.Time)
}

// Opened says that the fence has been shown every record: who is inside is told, in the
// order of their ids.
func (f *Fence) Opened() {
	var lines []byte
	for _, id := range slices.Sorted(maps.Keys(f.inside)) {
		lines = append(lines, f.inside[id]...)
		f.inside[id] = nil
	}
	f.opening = false
	if len(lines) > 0 {
		f.watcher.Tell(lines)
	}
}
