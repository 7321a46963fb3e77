package goroutineherd

import (
	"syscall"
	"time"
)

// Twin: reactorherd has no such file: there the transport sends, at the end of a turn.

// run sends what waits until the end, and closes the connection. What was flooded is
// sent by whoever has flooded it, if the system takes it at once: see flush.
func (o *outbox) run() {
	defer func() {
		_ = o.conn.Close()
		o.end()
	}()
	for o.next() {
		if !o.sendBatch(o.system) {
			return
		}
	}
}

// next waits until there is something to send, and has it. It pumps when there is
// nothing else to do.
func (o *outbox) next() (more bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.sending || len(o.late)+len(o.pending) == 0 {
		switch {
		case o.sending: // who does will tell
		case o.ending:
			return false
		case o.due:
			o.due = false
			o.pumpUnlocked()
			continue
		}
		o.idle = true
		o.work.Wait()
		o.idle = false
	}
	o.sending = true
	return true
}

// flush has what was put so far sent: on this goroutine, as far as the system takes it
// at once, or by the link's own, which it does not wait for.
func (o *outbox) flush() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flushHere()
}

// flushHere reports whether it was on this goroutine.
func (o *outbox) flushHere() bool {
	if o.raw == nil || o.sending || len(o.late) > 0 || len(o.pending) == 0 {
		o.wake()
		return false
	}
	o.sending = true
	o.mu.Unlock()
	defer o.mu.Lock()
	// A panic in it is the link's, whoever it meets.
	o.link.guard(func() { o.sendBatch(o.attempt) })
	return true
}

// sendBatch sends what is late, or the next batch. It reports whether that went well.
// Called without the lock by who has set sending; so there is a lock across no write,
// and never are two of them under way.
func (o *outbox) sendBatch(send func(batch []byte, mark int64) (late []byte, err error)) bool {
	defer o.sent()
	batch, mark, fresh := o.take()
	if fresh {
		s := o.link.server
		s.log.Out(o.link.log, batch, time.Now())
		s.tally.linksOut.Add(uint64(len(batch)))
	}
	late, err := send(batch, mark)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.handed, o.blocked, o.leaving = mark, len(late) > 0, len(late)
	if o.late = late; len(late) == 0 && cap(batch) <= keptSize {
		o.spare = batch[:0]
	}
	if err != nil {
		o.broken = err
		o.ending, o.pending, o.late = true, nil, nil
		return false
	}
	if o.full && len(o.pending)+len(o.late) == 0 {
		o.full, o.due = false, true
		o.unstall()
	}
	return true
}

// take returns what is to be sent, and up to which of the bytes ever put that is.
// What is fresh has been in no batch before.
func (o *outbox) take() (batch []byte, mark int64, fresh bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.late) > 0 {
		return o.late, o.handed, false
	}
	batch, mark = o.pending, o.handed+int64(len(o.pending))
	if o.mine != nil {
		batch = append(batch[:o.plain:o.plain], appendSealed(nil, o.mine, batch[o.plain:])...)
	}
	o.pending, o.spare, o.plain, o.leaving = o.spare, nil, 0, len(batch)
	return batch, mark, true
}

// sent lets the next have a batch.
func (o *outbox) sent() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sending = false
	o.moved.Broadcast()
	if o.ending || o.due || len(o.late)+len(o.pending) > 0 {
		o.wake()
	}
}

// attempt hands a batch to the system, and returns what that did not take.
func (o *outbox) attempt(batch []byte, _ int64) (late []byte, err error) {
	n, err := writeNow(o.raw, batch)
	o.took(n)
	return batch[n:], err
}

// system hands a batch to the system, and waits until that has taken it. From the
// moment that it takes no more for now, nobody is held up by this link.
func (o *outbox) system(batch []byte, mark int64) (late []byte, err error) {
	if o.raw == nil {
		late := time.AfterFunc(blockedAfter, func() { o.isBlocked(mark) })
		defer late.Stop()
		for len(batch) > 0 && err == nil {
			var n int
			n, err = o.conn.Write(batch[:min(len(batch), pieceSize)])
			o.took(n)
			batch = batch[n:]
		}
		return nil, err
	}
	closed := o.raw.Write(func(descriptor uintptr) bool {
		for len(batch) > 0 {
			var n int
			switch n, err = syscall.Write(int(descriptor), batch); err {
			case nil:
				batch = batch[n:]
				o.took(n)
			case syscall.EINTR:
				err = nil
			case syscall.EAGAIN:
				err = nil
				o.isBlocked(mark)
				return false
			default:
				return true
			}
		}
		return true
	})
	if closed != nil {
		err = closed
	}
	return nil, err
}

// pieceSize is how much of a batch is written at once to what is no socket, so that
// it is seen whether a slow neighbour takes some.
const pieceSize = 16 << 10

// blockedAfter is how long a write may take where nobody says that it waits: on what
// is no socket.
const blockedAfter = 10 * time.Millisecond

func (o *outbox) took(n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.leaving -= n
	o.taken += int64(n)
}

// isBlocked takes note that the system has the batch that ends at mark, and not yet
// taken all of it.
func (o *outbox) isBlocked(mark int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.handed < mark { // else it has been sent a moment before
		o.handed, o.blocked = mark, true
		o.moved.Broadcast()
	}
}

// await waits until what was put so far has been handed to the system, unless the
// neighbour is slow or gone. It does that itself where nobody else is at it.
func (o *outbox) await() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for mark := o.queued; o.handed < mark && !o.blocked && !o.full && !o.ending; {
		if !o.flushHere() {
			o.moved.Wait()
		}
	}
	if o.full || o.blocked {
		o.wake()
	}
}
