package goroutineherd

import (
	"net"
	"sync"
	"syscall"
	"time"

	"proxyherd/herd"
)

// outbox is what is on its way to one neighbour, and the goroutine that sends it in
// batches. While the neighbour takes what it gets, lines go straight to the next
// batch. When too much waits, it keeps the ids of changed clients in place of their
// lines, and when those are too many only that everything must be sent again; so a
// neighbour that is slow, or stopped, costs bounded memory.
//
// In reactorherd the transport has the batch, and tells when it is full.
type outbox struct {
	link *link
	conn net.Conn
	raw  syscall.RawConn // nil where conn is no socket

	mu      sync.Mutex // guards what follows; nothing waits under it
	work    sync.Cond  // the goroutine waits for something to do
	moved   sync.Cond  // others wait for it to have been done
	idle    bool       // it waits
	pending []byte     // the next batch
	leaving int        // bytes of the batch under way that the system has not taken
	queued  int64      // bytes that ever were in pending
	handed  int64      // and of those, how many were in a batch that the system was given
	blocked bool       // it takes no more of that for now
	mine    *herd.Seal // proves what leaves; nil: nothing does
	plain   int        // bytes of pending that need no proof

	opened bool  // updates travel
	beats  bool  // the neighbour understands a farewell
	why    error // why we lose the link
	ending bool  // nothing more is put in pending
	broken error // why the last batch could not be sent

	full     bool        // enough waits
	taken    int64       // bytes that the system has taken
	progress time.Time   // when it had taken some
	stalled  *time.Timer // the next look, while full

	changed changedSet
	pumping bool // one of them is on its way to pending
	dumping bool // the whole store is on its way
	dumps   int  // how often that was begun
	cursor  cursor
	dumped  func() // told when it is
	due     bool   // pump is to be called
	last    bool   // the link ends when nothing is left, as the server stops
}

// dumpStep is how many records are looked at before asking whether enough waits.
const dumpStep = 64

func (o *outbox) init(l *link) {
	o.link = l
	o.work.L, o.moved.L = &o.mu, &o.mu
}

// open takes the connection.
func (o *outbox) open(conn net.Conn) {
	o.conn = conn
	if socket, ok := conn.(syscall.Conn); ok {
		o.raw, _ = socket.SyscallConn()
	}
}

// begin serves a neighbour that has just been linked.
func (o *outbox) begin(beats bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.opened, o.beats = true, beats
}

// seal has all that is written from here on proved.
func (o *outbox) seal(mine *herd.Seal) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.mine, o.plain = mine, len(o.pending)
}

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
		_, err = o.conn.Write(batch)
		o.took(len(batch))
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

// sendAll sends the whole store, as fast as the neighbour takes it. Then done is
// called, with the link's mu held, unless the link is lost before.
func (o *outbox) sendAll(done func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.dumped = done
	o.dump()
	o.hurry()
}

// dump starts sending the whole store, from its beginning.
func (o *outbox) dump() {
	o.dumping, o.cursor = true, cursor{}
	o.dumps++
	o.changed.clear()
}

// hurry has the goroutine pump as soon as it has nothing else to do.
func (o *outbox) hurry() {
	o.due = true
	o.wake()
}

func (o *outbox) wake() {
	if o.idle {
		o.idle = false
		o.work.Signal()
	}
}

// Send, Forward, Full and Lagging make the outbox a comparison's outlet.
func (o *outbox) Send(line []byte) {
	o.write(line)
	// Answers end long before. This is for a neighbour that goes on asking.
	if o.waiting() > 2*o.most() {
		o.link.lose(errTooMuchAsked)
	}
}

func (o *outbox) Full() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.full
}

func (o *outbox) Lagging() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.lags()
}

func (o *outbox) lags() bool {
	return o.dumping || o.pumping || o.changed.len() > 0 || o.full && o.unsent() > o.most()
}

// answersRoom is what a comparison may have waiting besides the updates: the
// answers to as many questions as are asked at once, of the largest digest. With
// less, they would put off the comparison that they belong to.
const answersRoom = 512 << 10

// most is how many bytes may wait before nothing more is answered.
func (o *outbox) most() int { return o.link.server.limits.PeerOutput + answersRoom }

func (o *outbox) Forward(line []byte) { o.put(line) }

// lose takes note of why we lose the link, and says so to the neighbour unless that
// is dead. It reports whether this is the first reason.
func (o *outbox) lose(why error, dead bool) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.why != nil || o.ending {
		return false
	}
	o.why = why
	if o.beats && !dead {
		o.add(herd.AppendFarewell(nil, reasonName(why)))
	}
	if dead {
		o.pending = nil
	}
	o.finished()
	return true
}

// losing is why we lose the link; nil: we do not.
func (o *outbox) losing() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.why
}

// failed is why nothing more can be sent.
func (o *outbox) failed() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.broken
}

// finish has the link end when nothing is left to be sent.
func (o *outbox) finish() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.last = true
	o.hurry()
}

// end forgets everything.
func (o *outbox) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.pending = nil
	o.finished()
}

// finished lets nothing more in.
func (o *outbox) finished() {
	o.ending = true
	o.unstall()
	o.dumping, o.dumped = false, nil
	o.changed.clear()
	o.wake()
	o.moved.Broadcast()
}

// put sends an AT line, with its end, or notes whose it is.
func (o *outbox) put(line []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.opened || o.ending {
		return
	}
	if !o.full || o.unsent()+len(line) <= o.link.server.limits.PeerOutput {
		o.add(line)
		return
	}
	if o.changed.len() >= o.link.server.limits.PeerChanged {
		o.dump()
	}
	var r herd.Record
	// The line is one of the store's own, which are all well formed.
	if herd.ParseAT(line[:len(line)-1], &r) == nil {
		o.changed.add(r.ID)
	}
}

// write sends a line of another kind.
func (o *outbox) write(line []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.ending {
		o.add(line)
	}
}

// add puts a line in the next batch.
func (o *outbox) add(line []byte) {
	o.pending = append(o.pending, line...)
	o.queued += int64(len(line))
	if !o.full && o.unsent() > highWater {
		o.isFull()
	}
	o.wake()
}

// unsent is how many bytes wait for the neighbour.
func (o *outbox) unsent() int { return len(o.pending) + o.leaving }

func (o *outbox) waiting() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.unsent()
}

// received takes note that the neighbour itself has sent a client's newest
// record: it need not get it from us.
func (o *outbox) received(line []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.changed.len() == 0 {
		return
	}
	var r herd.Record
	if herd.ParseAT(line[:len(line)-1], &r) == nil {
		o.changed.remove(r.ID)
	}
}

// isFull is what PauseProducing is in reactorherd.
func (o *outbox) isFull() {
	o.full = true
	o.progress = time.Now()
	o.moved.Broadcast()
	o.watch(o.taken)
}

// stallLooks is how often in peer_stall it is looked whether the neighbour takes
// anything.
const stallLooks = 5

// watch ends the link if the neighbour takes nothing of what waits for too long.
// One that is slow, but takes some, is waited for.
func (o *outbox) watch(taken int64) {
	stall := time.Duration(o.link.server.limits.PeerStall)
	var timer *time.Timer
	timer = time.AfterFunc(stall/stallLooks, func() {
		o.mu.Lock()
		if o.stalled != timer {
			o.mu.Unlock()
			return
		}
		now := time.Now()
		if o.taken > taken {
			o.progress = now
		}
		stalled := now.Sub(o.progress) >= stall
		if !stalled {
			o.watch(o.taken)
		}
		o.mu.Unlock()
		if stalled {
			o.link.lose(errStalled)
		}
	})
	o.stalled = timer
}

func (o *outbox) unstall() {
	if o.stalled != nil {
		o.stalled.Stop()
		o.stalled = nil
	}
}

func (o *outbox) pumpUnlocked() {
	o.mu.Unlock()
	defer o.mu.Lock() // after a panic too
	o.pump()
}

// pump puts in the next batch what waits, changed clients first, until that is
// enough. Called by the outbox's goroutine, without a lock.
func (o *outbox) pump() {
	for o.pumpChanged() || o.pumpAll() {
	}
	l := o.link
	l.mu.Lock()
	defer l.mu.Unlock()
	o.mu.Lock()
	if o.full || o.ending || o.lags() {
		o.mu.Unlock()
		return
	}
	done, last := o.dumped, o.last
	o.dumped = nil
	o.mu.Unlock()
	if done != nil {
		done()
	}
	l.comparing.resume()
	if last {
		l.lose(errStopping)
	}
}

// pumpChanged sends one changed client's record, and reports whether there was one.
func (o *outbox) pumpChanged() bool {
	o.mu.Lock()
	if o.full || o.ending || o.changed.len() == 0 {
		o.mu.Unlock()
		return false
	}
	id := o.changed.take()
	o.pumping = true
	o.mu.Unlock()
	// While the record cannot change, so that no older one follows a newer.
	o.link.server.store.visit(id, o.write)
	o.mu.Lock()
	o.pumping = false
	o.mu.Unlock()
	return true
}

// pumpAll sends the next records of the whole store, and reports whether there were
// any.
func (o *outbox) pumpAll() bool {
	o.mu.Lock()
	if o.full || o.ending || !o.dumping {
		o.mu.Unlock()
		return false
	}
	from, dump := o.cursor, o.dumps
	o.mu.Unlock()
	next, more := o.link.server.store.Walk(from, dumpStep, o.write)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.dumps == dump { // else it has begun anew meanwhile
		o.cursor, o.dumping = next, more
	}
	return true
}

func (o *outbox) status(st *herd.LinkStatus) {
	o.mu.Lock()
	defer o.mu.Unlock()
	st.Waiting = int64(o.unsent())
	st.Changed, st.Dumping = o.changed.len(), o.dumping
}
