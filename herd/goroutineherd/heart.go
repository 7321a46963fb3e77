package goroutineherd

import (
	"errors"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/wirelog"
)

// heart is a link's heartbeats, ours and the neighbour's. Guarded by the link's mu.
//
// Twin: timers run on goroutines of their own: link.later takes the lock, and looks
// whether the link is over.
type heart struct {
	link  *link
	pulse herd.Pulse

	heard   time.Time // when anything came last
	beat    *time.Timer
	silence *time.Timer
}

// begin sends the first heartbeat, and listens for the neighbour's.
func (h *heart) begin() {
	h.send()
	h.listen()
}

func (h *heart) end() {
	for _, timer := range []*time.Timer{h.beat, h.silence} {
		if timer != nil {
			timer.Stop()
		}
	}
}

// send sends a heartbeat, busy or not: it tells what nothing else does.
func (h *heart) send() {
	beat := h.pulse.Next(h.link.server.store, timestamp(time.Now()))
	h.link.outbox.write(beat.AppendLine(nil))
	h.beat = h.link.later(herd.BeatEvery, h.send)
}

// listen ends the link once nothing has come for too long. Input only sets a
// time; the timer looks at it when it is due.
func (h *heart) listen() {
	left := herd.SilenceMost - time.Since(h.heard)
	if left <= 0 {
		h.link.lose(herd.ErrSilent)
		return
	}
	h.silence = h.link.later(left, h.listen)
}

func (h *heart) beatReceived(line []byte) error {
	s := h.link.server
	beat, err := herd.ParseBeat(line)
	if err != nil {
		return err
	}
	err = h.pulse.Heard(beat, timestamp(time.Now()), time.Duration(s.config.Future))
	if errors.Is(err, herd.ErrClocksApart) {
		s.event(wirelog.Warn, "clocks are apart", wirelog.F("peer", h.link.info.Peer), wirelog.F("error", err))
		err = nil
	}
	return err
}
