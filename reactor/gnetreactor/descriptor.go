//go:build linux

package gnetreactor

import (
	"github.com/panjf2000/gnet/v2/pkg/netpoll"
	"golang.org/x/sys/unix"
)

// source is the owner of a descriptor.
type source interface {
	// event tells what the poller saw.
	event(ev netpoll.IOEvent)
	// attach registers the descriptor with a poller that was just opened;
	// detach forgets that it was registered with one that was closed.
	attach()
	detach()
	// shutdown ends it with the reactor.
	shutdown()
}

// interest is what a descriptor is registered for. The poller tells once of input that
// came for reading, be it read or not, and of an error or a hang-up: see again. For the
// others it tells in each batch, as long as it lasts.
type interest uint8

const (
	off       interest = iota // not in the poller
	accepting                 // for a port, which leaves connections in its backlog
	reading
	writing
	readWriting
)

// descriptor is a number and what it is registered for.
type descriptor struct {
	fd       int
	interest interest
}

// set changes what d is registered for. Before Run there is no poller: the
// owner attaches when there is one. A failure of epoll_ctl here would be a bug
// of ours or memory exhausted in the kernel; it is logged.
func (r *Reactor) set(d *descriptor, want interest) {
	if r.poller == nil || d.interest == want {
		return
	}
	pa := &netpoll.PollAttachment{FD: d.fd}
	var err error
	switch {
	case want == off:
		err = r.poller.Delete(d.fd)
	case want == writing:
		// There is no ModWrite.
		if d.interest != off {
			err = r.poller.Delete(d.fd)
		}
		if err == nil {
			err = r.poller.AddWrite(pa, false)
		}
	case d.interest == off && want == readWriting:
		err = r.poller.AddReadWrite(pa, false)
	case d.interest == off:
		err = r.poller.AddRead(pa, want == reading)
	case want == readWriting:
		err = r.poller.ModReadWrite(pa, false)
	default:
		err = r.poller.ModRead(pa, want == reading)
	}
	r.registered(err)
	d.interest = want
}

// again has the poller tell anew of what d is ready for, behind all others that it has to
// tell of. d is registered for reading.
func (r *Reactor) again(d *descriptor) {
	r.registered(r.poller.ModRead(&netpoll.PollAttachment{FD: d.fd}, true))
}

// registered is told how a change of the poller's went.
func (r *Reactor) registered(err error) {
	if err != nil {
		r.log.Err("reactor", err, "registering a descriptor with the poller")
	}
}

// closeSocket gives up the socket of a connection, or of an attempt at one:
// twisted/internet/tcp.py:119. The peer of an orderly close sees the end of the
// stream, also where input was left unread: for that the kernel resets the
// connection, but only behind the end that is sent here. Else the peer sees the
// reset alone. An error of either call changes nothing: the socket is closed.
func (r *Reactor) closeSocket(d *descriptor, orderly bool) {
	if d.fd < 0 {
		return
	}
	if orderly {
		_ = unix.Shutdown(d.fd, unix.SHUT_RDWR)
	} else {
		_ = unix.SetsockoptLinger(d.fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
	}
	r.release(d)
}

// release takes d out of the poller at once and closes its number at the end of
// the turn: an event for it may still be waiting in this batch, and must not
// reach a connection that got the same number.
func (r *Reactor) release(d *descriptor) {
	if d.fd < 0 {
		return
	}
	r.set(d, off)
	r.owners.set(d.fd, nil)
	r.closing = append(r.closing, d.fd)
	d.fd = -1
	if r.poller == nil {
		r.closeReleased() // no batch to wait for
	} else if !r.ending {
		r.ring()
	}
}

// closeReleased closes the numbers that were given up. Ports that wait for one
// may try again then, and only then: a turn that closes nothing has no room.
func (r *Reactor) closeReleased() {
	if len(r.closing) == 0 {
		return
	}
	for _, fd := range r.closing {
		_ = unix.Close(fd) // Linux frees the number whatever close returns
	}
	r.closing = r.closing[:0]
	for _, p := range r.crowded {
		p.makeRoom()
	}
	r.crowded = r.crowded[:0]
}

// dispatch is the poller's callback.
func (r *Reactor) dispatch(fd int, ev netpoll.IOEvent, _ netpoll.IOFlags) error {
	r.nowKnown = false
	r.pace.seen++
	r.turns.begin()
	s := r.owners.of(fd)
	if s != nil {
		r.collecting = true
		s.event(ev)
		r.collecting = false
	}
	if r.anyDirty() && !r.rung {
		if r.pace.alone() {
			r.flush()
		} else {
			r.ring()
		}
	}
	if s != nil {
		r.turns.ran(wasIO, s)
	}
	if !r.rung {
		// Nothing tells where the batch ends, so this event is a turn by itself.
		r.turns.end()
	} else if r.part++; (r.part >= partEvents || r.turns.lasted() >= partTime) && r.looping && !r.stopping {
		r.endPart()
	}
	return nil
}

func (r *Reactor) anyDirty() bool {
	return len(r.dirty[0])+len(r.dirty[1])+len(r.dirty[2]) > 0
}
