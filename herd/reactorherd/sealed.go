package reactorherd

import (
	"bytes"

	"proxyherd/herd"
)

// sealed proves what travels on a link with link_mac, both ways.
type sealed struct {
	link   *link
	mine   *herd.Seal
	theirs *herd.Seal
	held   []byte // lines of the neighbour's that nothing has proved yet
	proven []byte // and those that are proved and wait for their turn
	due    bool   // in sealing's list
}

func (d *sealed) begin(h *herd.Handshake) { d.mine, d.theirs = h.Seals() }

// sent takes a line that was written. A MAC line follows it at once, unless the
// input of this callback is not through: then one serves all lines that it leads
// to.
func (d *sealed) sent(line []byte) {
	d.mine.Add(line)
	if s := &d.link.server.sealing; s.deep > 0 && d.mine.Open() < herd.SealEvery {
		if !d.due {
			d.due = true
			s.links = append(s.links, d)
		}
		return
	}
	d.seal()
}

func (d *sealed) seal() { d.link.writeOpen(d.mine.AppendMAC(nil)) }

// sealedLine takes a line that is heeded once it is proved.
func (d *sealed) sealedLine(line []byte) {
	l := d.link
	isMAC, err := d.theirs.Check(line)
	switch {
	case err != nil:
		l.lose(err)
	case !isMAC:
		from := len(d.held)
		d.held = append(append(d.held, line...), '\n')
		d.theirs.Add(d.held[from:])
		if from >= herd.SealEvery {
			l.lose(herd.ErrUnsealed)
		}
	default:
		if len(d.proven) == 0 {
			d.proven, d.held = d.held, nil
		} else {
			d.proven, d.held = append(d.proven, d.held...), d.held[:0]
		}
		d.takeProven()
	}
}

// takeProven heeds lines that are proved, as far as this turn goes.
func (d *sealed) takeProven() {
	l := d.link
	for ; len(d.proven) > 0 && l.losing == nil && l.left > 0; l.left-- {
		end := bytes.IndexByte(d.proven, '\n')
		line := d.proven[:end]
		d.proven = d.proven[end+1:]
		l.line(line)
	}
	if len(d.proven) == 0 {
		d.proven = nil
	}
}

// sealing is the links whose last lines await their MAC line in this callback.
// Lines go out at the end of a turn at the earliest, and so with their MAC line.
//
// Twin: what is written in one callback is proved by one MAC line, so the server
// remembers which links have written in this one.
type sealing struct {
	deep  int
	links []*sealed
}

// begin is the beginning of a piece of input, and end its end.
func (s *sealing) begin() { s.deep++ }

func (s *sealing) end() {
	if s.deep--; s.deep > 0 {
		return
	}
	for i, d := range s.links {
		d.due = false
		if d.mine.Open() > 0 {
			d.seal()
		}
		s.links[i] = nil
	}
	s.links = s.links[:0]
}
