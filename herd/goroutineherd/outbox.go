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
//
// Twin: the bytes are here, numbered as they are put and as the system takes them,
// so that an answer can wait for its update; who has
// set sending has the batch, without a lock, and two conditions wake the writer, and
// those who wait for a batch to be sent.
type outbox struct {
	link *link
	conn net.Conn
	raw  syscall.RawConn // nil where conn is no socket

	mu      sync.Mutex // guards what follows; nothing waits under it
	work    sync.Cond  // the goroutine waits for something to do
	moved   sync.Cond  // others wait for it to have been done
	idle    bool       // it waits
	sending bool       // a batch is under way: who set this has it, and the seal
	pending []byte     // the next batch
	spare   []byte     // a buffer for the one after it
	late    []byte     // of the last batch, what the system did not take at once
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

	counted bool // the link's end is

	full     bool        // enough waits
	taken    int64       // bytes that the system has taken
	progress time.Time   // when it had taken some
	stalled  *time.Timer // the next look, while full

	changed herd.ChangedSet
	pumping bool // one of them is on its way to pending
	dumping bool // the whole store is on its way
	dumps   int  // how often that was begun
	cursor  cursor
	dumped  func() // told when it is
	due     bool   // pump is to be called
	last    bool   // the link ends when nothing is left, as the server stops
}

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
	o.changed.Clear()
}

// hurry has the goroutine pump as soon as it has nothing else to do.
func (o *outbox) hurry() {
	o.due = true
	o.wake()
}

func (o *outbox) wakeUp() {
	o.mu.Lock()
	defer o.mu.Unlock()
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
	return o.dumping || o.pumping || o.changed.Len() > 0 || o.full && o.unsent() > o.most()
}

// answersRoom is what a comparison may have waiting besides the updates: the
// answers to as many questions as are asked at once, of the largest digest. With
// less, they would put off the comparison that they belong to.
const answersRoom = 512 << 10

// most is how many bytes may wait before nothing more is answered.
func (o *outbox) most() int { return o.link.server.limits.PeerOutput + answersRoom }

func (o *outbox) Forward(line []byte) {
	if !o.link.server.faulty.withholds(line) {
		o.put(line)
		o.wakeUp()
	}
}

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
		o.pending, o.late = nil, nil
	}
	o.finished()
	return true
}

// breakOff is lose after a panic, which is the reason whatever was one before. It
// reports whether the link's end has been counted by then.
func (o *outbox) breakOff(why error) (counted bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.why, o.pending, o.late = why, nil, nil
	o.finished()
	return o.counted
}

// losing is why we lose the link; nil: we do not.
func (o *outbox) losing() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.why
}

// count is losing, for who counts the link's end.
func (o *outbox) count() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.counted = true
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
	o.pending, o.late = nil, nil
	o.finished()
}

// finished lets nothing more in.
func (o *outbox) finished() {
	o.ending = true
	o.unstall()
	o.dumping, o.dumped = false, nil
	o.changed.Clear()
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
		return // whoever has put it flushes, or wakes
	}
	if o.changed.Len() >= o.link.server.limits.PeerChanged {
		o.dump()
	}
	var r herd.Record
	// The line is one of the store's own, which are all well formed.
	if herd.ParseAT(line[:len(line)-1], &r) == nil {
		o.changed.Add(r.ID)
	}
}

// write sends a line of another kind.
func (o *outbox) write(line []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.ending {
		o.add(line)
		o.wake()
	}
}

// add puts a line in the next batch.
func (o *outbox) add(line []byte) {
	o.pending = append(o.pending, line...)
	o.queued += int64(len(line))
	if !o.full && o.unsent() > highWater {
		o.isFull()
	}
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
	if o.changed.Len() == 0 {
		return
	}
	var r herd.Record
	if herd.ParseAT(line[:len(line)-1], &r) == nil {
		o.changed.Remove(r.ID)
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

func (o *outbox) status(st *herd.LinkStatus) {
	o.mu.Lock()
	defer o.mu.Unlock()
	st.Waiting = int64(o.unsent())
	st.Changed, st.Dumping = o.changed.Len(), o.dumping
}
