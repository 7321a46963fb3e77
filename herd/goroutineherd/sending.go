package goroutineherd

import (
	"syscall"
	"time"

	"proxyherd/herd"
)

// Twin: reactorherd has no such file: there the transport sends, at the end of a turn.

// run sends batches until the end, and closes the connection.
func (o *outbox) run() {
	defer func() {
		_ = o.conn.Close()
		o.end()
	}()
	for batch := []byte(nil); ; {
		var mine *herd.Seal
		var plain int
		var more bool
		if batch, mine, plain, more = o.next(batch); !more {
			return
		}
		size := len(batch)
		if mine != nil {
			batch = append(batch[:plain:plain], appendSealed(nil, mine, batch[plain:])...)
		}
		if !o.sendBatch(batch, size) {
			return
		}
	}
}

// next waits for a batch, and returns it in exchange for the buffer of the last. It
// pumps when there is nothing else to do.
func (o *outbox) next(empty []byte) (batch []byte, mine *herd.Seal, plain int, more bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for len(o.pending) == 0 {
		switch {
		case o.ending:
			return nil, nil, 0, false
		case o.due:
			o.due = false
			o.pumpUnlocked()
		default:
			o.idle = true
			o.work.Wait()
			o.idle = false
		}
	}
	batch, plain = o.pending, o.plain
	if cap(empty) > keptSize {
		empty = nil
	}
	o.pending, o.plain, o.leaving = empty[:0], 0, len(batch)
	return batch, o.mine, plain, true
}

// sendBatch sends a batch, which was of this size before it was sealed. It reports
// whether that went well.
func (o *outbox) sendBatch(batch []byte, size int) bool {
	s := o.link.server
	s.log.Out(o.link.log, batch, time.Now())
	s.tally.linksOut.Add(uint64(len(batch)))
	o.mu.Lock()
	o.leaving = len(batch)
	mark := o.handed + int64(size)
	o.mu.Unlock()
	err := o.system(batch, mark)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.handed, o.blocked, o.leaving = mark, false, 0
	o.moved.Broadcast()
	if err != nil {
		o.broken = err
		return false
	}
	if o.full && len(o.pending) == 0 {
		o.full, o.due = false, true
		o.unstall()
	}
	return true
}

// system hands a batch to the system, and waits until that has taken it. From the
// moment that it takes no more for now, nobody is held up by this link.
func (o *outbox) system(batch []byte, mark int64) (err error) {
	if o.raw == nil {
		late := time.AfterFunc(blockedAfter, func() { o.isBlocked(mark) })
		defer late.Stop()
		for len(batch) > 0 && err == nil {
			var n int
			n, err = o.conn.Write(batch[:min(len(batch), pieceSize)])
			o.took(n)
			batch = batch[n:]
		}
		return err
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
		return closed
	}
	return err
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
// neighbour is slow or gone.
func (o *outbox) await() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for mark := o.queued; o.handed < mark && !o.blocked && !o.full && !o.ending; {
		o.moved.Wait()
	}
}
