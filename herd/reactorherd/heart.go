package reactorherd

import (
	"errors"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/wirelog"
	"proxyherd/reactor"
)

// heart is a link's heartbeats, ours and the neighbour's.
//
// Twin: CallLater's call can be cancelled for certain, and so needs no second look.
type heart struct {
	link  *link
	pulse herd.Pulse

	heard   time.Time // when anything came last
	again   func()    // send, as the timer calls it
	look    func()    // listen, as the timer calls it
	line    []byte    // of the last heartbeat, to be written over
	beat    reactor.DelayedCall
	silence reactor.DelayedCall
}

// begin sends the first heartbeat, and listens for the neighbour's.
func (h *heart) begin() {
	h.again = func() { h.link.guard(h.send) }
	h.look = func() { h.link.guard(h.listen) }
	h.send()
	h.listen()
}

func (h *heart) end() {
	for _, timer := range []*reactor.DelayedCall{&h.beat, &h.silence} {
		if *timer != nil {
			_ = (*timer).Cancel() // pending: it clears itself when it runs
			*timer = nil
		}
	}
}

// send sends a heartbeat, busy or not: it tells what nothing else does.
func (h *heart) send() {
	s := h.link.server
	beat := h.pulse.Next(s.node.Store(), s.now())
	h.line = beat.AppendLine(h.line[:0])
	h.link.write(h.line)
	h.beat = s.reactor.CallLater(herd.BeatEvery, h.again)
}

// listen ends the link once nothing has come for too long. Input only sets a
// time; the timer looks at it when it is due.
func (h *heart) listen() {
	r := h.link.server.reactor
	left := herd.SilenceMost - r.Seconds().Sub(h.heard)
	if left <= 0 {
		h.silence = nil
		h.link.lose(herd.ErrSilent)
		return
	}
	h.silence = r.CallLater(left, h.look)
}

func (h *heart) beatReceived(line []byte) error {
	s := h.link.server
	beat, err := herd.ParseBeat(line)
	if err != nil {
		return err
	}
	err = h.pulse.Heard(beat, s.now(), time.Duration(s.config.Future))
	if errors.Is(err, herd.ErrClocksApart) {
		s.event(wirelog.Warn, "clocks are apart", wirelog.F("peer", h.link.info.Peer), wirelog.F("error", err))
		err = nil
	}
	return err
}
