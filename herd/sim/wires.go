package sim

import (
	"bytes"
	"slices"
	"time"

	"proxyherd/reactor/reactortest"
)

// wires is what travels between the servers, as it is sent.
type wires struct {
	world    *world
	flows    map[uint64]*[2]*flow // those that are not over, by connection
	from     map[string][]*flow   // the same, by the server that sends
	lines    map[uint64][]byte    // to clients: of a line that has not ended, by connection
	suspects []suspect
	open     int // ends of links that are open
	changes  int // ends that were opened or lost, so far
	records  int // AT lines between servers
	left     int // flows of which the system has not taken everything
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
	sent     map[string]*report // the last AT line of each client
}

// suspect is an acknowledgement that has left before its update, unless the link
// turns out to have ended in the same moment.
type suspect struct {
	at     time.Time
	flow   *flow
	report *report
}

func newWires(w *world) wires {
	return wires{world: w, flows: map[uint64]*[2]*flow{}, from: map[string][]*flow{}, lines: map[uint64][]byte{}}
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
	f := ws.flow(p)
	now := ws.world.network.Seconds()
	waited := f.left
	ws.setLeft(f, p.Left > 0)
	if p.Closed {
		f.closed = now
		if f.open {
			ws.open--
			ws.changes++
		}
		ws.forget(p, f)
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

// flow is the one that something goes with.
func (ws *wires) flow(p reactortest.Passage) *flow {
	both := ws.flows[p.Connection]
	if both == nil {
		both = &[2]*flow{}
		ws.flows[p.Connection] = both
	}
	for _, f := range both {
		if f != nil && f.from == p.From {
			return f
		}
	}
	f := &flow{from: p.From, to: p.To}
	if both[0] == nil {
		both[0] = f
	} else {
		both[1] = f
	}
	ws.from[p.From] = append(ws.from[p.From], f)
	return f
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

func (ws *wires) forget(p reactortest.Passage, gone *flow) {
	flows := ws.from[p.From]
	i := slices.Index(flows, gone)
	ws.from[p.From] = slices.Delete(flows, i, i+1)
	both := ws.flows[p.Connection]
	both[slices.Index(both[:], gone)] = nil
	if *both == [2]*flow{} {
		delete(ws.flows, p.Connection)
	}
}

// leaveThePart reports whether a link is open between the fight's part and the rest.
func (ws *wires) leaveThePart() bool {
	for _, flows := range ws.from {
		for _, f := range flows {
			if f.open && ws.world.inPart(f.from) != ws.world.inPart(f.to) {
				return true
			}
		}
	}
	return false
}

// line takes one line between two servers.
func (ws *wires) line(f *flow, line []byte, now time.Time) {
	switch {
	case bytes.HasPrefix(line, []byte("AT ")):
		ws.records++
		f.keep(ws.world.reports.of(line))
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
func (f *flow) keep(r *report) {
	if f.sent == nil {
		f.sent = map[string]*report{}
	}
	f.sent[r.id] = r
}

// has reports whether a line was the last that was sent of a client.
func (f *flow) has(r *report) bool { return f.sent[r.id] == r }

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
	if p.Closed {
		delete(ws.lines, p.Connection)
		return
	}
	data := p.Data
	rest := ws.lines[p.Connection]
	if len(rest) > 0 {
		data = append(rest, data...)
	}
	for {
		end := bytes.IndexByte(data, '\n')
		if end < 0 {
			break
		}
		if bytes.HasPrefix(data, []byte("AT ")) {
			ws.acknowledged(p.From, data[:end])
		}
		data = data[end+1:]
	}
	if len(data) > 0 || len(rest) > 0 {
		ws.lines[p.Connection] = append(rest[:0], data...)
	}
}

// acknowledged checks an AT line to a client, if it is of a report that came at
// this very moment and is the newest.
func (ws *wires) acknowledged(from string, line []byte) {
	w := ws.world
	m := w.named[from]
	r := w.reports.of(line)
	if !r.valid || r.server != from || m.server == nil {
		return
	}
	if r.received != w.clock(m) || !w.holds(m, r) {
		return
	}
	now := w.network.Seconds()
	for _, f := range ws.from[from] {
		// A link that is above its mark, or that opened or ends at this moment, may
		// get the update otherwise.
		if !f.open || f.left || f.since.Equal(now) || f.full.Equal(now) || !f.farewell.IsZero() || f.has(r) {
			continue
		}
		ws.suspects = append(ws.suspects, suspect{now, f, r})
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
			ws.world.violated("flood before answer", "%s acknowledges %q before it has told %s", s.flow.from, short(s.report.line), s.flow.to)
		}
	}
	ws.suspects = kept
}
