package sim

import (
	"bytes"
	"time"

	"proxyherd/reactor/reactortest"
)

// wires is what travels between the servers, as it is sent.
type wires struct {
	world    *world
	flows    map[flowKey]*flow
	from     map[string][]*flow // those that are not over, by the server that sends
	lines    map[flowKey][]byte // to clients: of a line that has not ended
	suspects []suspect
	open     int // ends of links that are open
	changes  int // ends that were opened or lost, so far
	records  int // AT lines between servers
	left     int // flows of which the system has not taken everything
}

type flowKey struct {
	connection uint64
	from       string
}

// flow is one direction of one connection between two servers.
type flow struct {
	from, to string
	open     bool
	since    time.Time // when it was opened
	full     time.Time // when so much had waited, or was sent in one turn, that ids may have been noted instead
	left     bool      // the system has not taken everything
	farewell time.Time // when the server said that it ends the link
	closed   time.Time
	rest     []byte             // of a line that has not ended
	sent     map[string]*[]byte // the last AT line of each client
}

// suspect is an acknowledgement that has left before its update, unless the link
// turns out to have ended in the same moment.
type suspect struct {
	at   time.Time
	flow *flow
	line string
}

func newWires(w *world) wires {
	return wires{world: w, flows: map[flowKey]*flow{}, from: map[string][]*flow{}, lines: map[flowKey][]byte{}}
}

// passed is told of everything that is sent.
func (ws *wires) passed(p reactortest.Passage) {
	switch {
	case p.From == clientsName:
	case p.To == clientsName:
		ws.answered(p)
	default:
		ws.exchanged(p)
	}
}

// exchanged takes what one server sends another.
func (ws *wires) exchanged(p reactortest.Passage) {
	key := flowKey{p.Connection, p.From}
	f := ws.flows[key]
	if f == nil {
		f = &flow{from: p.From, to: p.To}
		ws.flows[key] = f
		ws.from[p.From] = append(ws.from[p.From], f)
	}
	now := ws.world.network.Seconds()
	waited := f.left
	ws.setLeft(f, p.Left > 0)
	if p.Closed {
		f.closed = now
		if f.open {
			ws.open--
			ws.changes++
		}
		delete(ws.flows, key)
		ws.forget(p.From, f)
		return
	}
	if mark := ws.world.fight.Setup.HighWater; mark > 0 && (waited || len(p.Data)+p.Left > int(mark)) {
		f.full = now
	}
	data := p.Data
	if len(f.rest) > 0 {
		data = append(f.rest, data...)
	}
	for {
		end := bytes.IndexByte(data, '\n')
		if end < 0 {
			break
		}
		ws.line(f, data[:end], now)
		data = data[end+1:]
	}
	f.rest = append(f.rest[:0], data...)
}

// setLeft takes note whether the system has left something of what a server sends.
func (ws *wires) setLeft(f *flow, left bool) {
	switch {
	case left && !f.left:
		ws.left++
	case f.left && !left:
		ws.left--
	}
	f.left = left
}

func (ws *wires) forget(from string, gone *flow) {
	flows := ws.from[from]
	for i, f := range flows {
		if f == gone {
			ws.from[from] = append(flows[:i], flows[i+1:]...)
			return
		}
	}
}

// leaveThePart reports whether a link is open between the fight's part and the rest.
func (ws *wires) leaveThePart() bool {
	for _, f := range ws.flows {
		if f.open && ws.world.inPart(f.from) != ws.world.inPart(f.to) {
			return true
		}
	}
	return false
}

// line takes one line between two servers.
func (ws *wires) line(f *flow, line []byte, now time.Time) {
	switch {
	case bytes.HasPrefix(line, []byte("AT ")):
		ws.records++
		f.keep(line)
		ws.world.probe.passed(f, line)
	case !f.open && bytes.HasPrefix(line, []byte("BEAT ")):
		// The first heartbeat is said when a link opens.
		f.open, f.since = true, now
		ws.open++
		ws.changes++
	case bytes.HasPrefix(line, []byte("BYE ")):
		f.farewell = now
	}
}

// keep takes a client's last AT line in the place of the one before.
func (f *flow) keep(line []byte) {
	id := fieldOf(line, 3)
	last := f.sent[string(id)]
	if last == nil {
		if f.sent == nil {
			f.sent = map[string]*[]byte{}
		}
		last = new([]byte)
		f.sent[string(id)] = last
	}
	*last = append((*last)[:0], line...)
}

// has reports whether a line was the last that was sent of a client.
func (f *flow) has(id, line string) bool {
	last := f.sent[id]
	return last != nil && string(*last) == line
}

// fieldOf is the field of a line with that number, from 0.
func fieldOf(line []byte, number int) []byte {
	for ; number > 0; number-- {
		line = line[bytes.IndexByte(line, ' ')+1:]
	}
	field, _, _ := bytes.Cut(line, []byte{' '})
	return field
}

// answered takes what a server sends a client: no acknowledgement may leave
// before its update has left on every link.
func (ws *wires) answered(p reactortest.Passage) {
	key := flowKey{p.Connection, p.From}
	if p.Closed {
		delete(ws.lines, key)
		return
	}
	data := p.Data
	if rest := ws.lines[key]; len(rest) > 0 {
		data = append(rest, data...)
	}
	for {
		end := bytes.IndexByte(data, '\n')
		if end < 0 {
			break
		}
		if bytes.HasPrefix(data, []byte("AT ")) {
			ws.acknowledged(p.From, string(data[:end]))
		}
		data = data[end+1:]
	}
	if len(data) == 0 {
		delete(ws.lines, key)
	} else {
		ws.lines[key] = append([]byte(nil), data...)
	}
}

// acknowledged checks an AT line to a client, if it is of a report that came at
// this very moment and is the newest.
func (ws *wires) acknowledged(from, line string) {
	w := ws.world
	m := w.named[from]
	r, ok := parseReport(line, w.future)
	if !ok || r.server != from || m.server == nil {
		return
	}
	if r.received != w.clock(m) || !w.holds(m, &r) {
		return
	}
	now := w.network.Seconds()
	for _, f := range ws.from[from] {
		// A link that is above its mark, or that opened or ends at this moment, may
		// get the update otherwise.
		if !f.open || f.left || f.since.Equal(now) || f.full.Equal(now) || !f.farewell.IsZero() || f.has(r.id, line) {
			continue
		}
		ws.suspects = append(ws.suspects, suspect{now, f, line})
	}
}

// judge finds those suspects guilty whose moment is over.
func (ws *wires) judge() {
	now := ws.world.network.Seconds()
	kept := ws.suspects[:0]
	for _, s := range ws.suspects {
		switch {
		case s.at.Equal(now):
			kept = append(kept, s)
		case s.flow.closed.Equal(s.at) || s.flow.farewell.Equal(s.at):
		default:
			ws.world.violated("flood before answer", "%s acknowledges %q before it has told %s", s.flow.from, short(s.line), s.flow.to)
		}
	}
	ws.suspects = kept
}
