package goroutineherd

import (
	"bytes"

	"proxyherd/herd"
)

// sealed proves what travels on a link with link_mac, both ways. What comes is
// guarded by the link's mu; what leaves is proved by the outbox's goroutine, batch
// by batch, where reactorherd does it callback by callback.
//
// Twin: what leaves is proved batch by batch, by the writer, who has the whole batch
// anyway.
type sealed struct {
	link   *link
	theirs *herd.Seal
	held   []byte // lines of the neighbour's that nothing has proved yet
}

func (d *sealed) begin(h *herd.Handshake) {
	mine, theirs := h.Seals()
	d.theirs = theirs
	d.link.outbox.seal(mine)
}

// appendSealed appends a batch of lines, with a MAC line at its end and wherever
// there would be too much without.
func appendSealed(dst []byte, mine *herd.Seal, lines []byte) []byte {
	for len(lines) > 0 {
		end := bytes.IndexByte(lines, '\n') + 1
		mine.Add(lines[:end])
		dst = append(dst, lines[:end]...)
		lines = lines[end:]
		if len(lines) == 0 || mine.Open() >= herd.SealEvery {
			dst = mine.AppendMAC(dst)
		}
	}
	return dst
}

// sealedLine takes a line that is heeded once it is proved.
func (d *sealed) sealedLine(desk *desk, line []byte) {
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
		held := d.held
		d.held = nil
		for len(held) > 0 && l.outbox.losing() == nil {
			end := bytes.IndexByte(held, '\n')
			l.line(desk, held[:end])
			held = held[end+1:]
		}
	}
}
