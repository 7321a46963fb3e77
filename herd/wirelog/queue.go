package wirelog

import "encoding/binary"

// What one entry of the queue is. dirIn and dirOut double as the index of a
// direction.
const (
	dirIn byte = iota
	dirOut
	gapIn // the payload counts bytes that were dropped
	gapOut
	connOpened
	connNamed
	connClosed
	eventHappened
)

const (
	// blockSize is what the queue grows by: never a copy of what already
	// waits, as a growing slice would make on the loop, and about 4 us to
	// clear when none is free.
	blockSize = 64 << 10
	// headerSize: what, kind, two unused, payload length at sizeAt, connection, time.
	headerSize = 24
	sizeAt     = 4
	// maxPayload is the longest payload; longer chunks become several entries.
	maxPayload = blockSize - headerSize
	// maxFree is how many used blocks are kept for the next burst once all is
	// written; until then all are, as a burst may last.
	maxFree = 64
)

// header stands before each payload in a block, with the payload's length. It has no more
// fields than Go keeps in registers: one that was written to memory in parts and then copied
// as a whole would have the processor wait until the parts are through.
type header struct {
	what   byte
	kind   Kind
	conn   uint64
	micros int64 // since 1970
}

// queue is what waits for the writer: entries packed into blocks, without a
// pointer in them, so that the garbage collector has nothing to look at. It has
// no lock of its own: Log.mu guards it.
type queue struct {
	filling [][]byte // blocks since the last take; only the last has room
	held    int      // blocks filling or taken and not yet given back
	max     int      // blocks that traffic may hold
	reserve int      // blocks that events may hold beyond max
	free    [][]byte

	last     header // of the last entry in filling
	lastAt   int    // where in its block that header stands
	lastSize int    // its payload's length; 0 where there is no entry
}

func newQueue(bytes int) queue {
	blocks := max(bytes, MinQueueBytes) / blockSize
	reserve := max(1, blocks/8)
	return queue{max: blocks - reserve, reserve: reserve}
}

// room says whether a payload of n bytes fits under the bound of limit blocks.
func (q *queue) room(n, limit int) bool {
	if len(q.filling) > 0 {
		last := q.filling[len(q.filling)-1]
		if cap(last)-len(last) >= headerSize+n {
			return true
		}
	}
	return q.held+(n+maxPayload-1)/maxPayload <= limit
}

// put copies a payload in, as several entries if it is longer than a block. A chunk that
// carries on the last one becomes part of it: what a turn writes line by line needs no
// header for each, nor has the writer to begin each anew.
// put does not look at the bound: room has been asked where the bound holds.
func (q *queue) put(h header, payload []byte) {
	if q.carryOn(h, payload) {
		return
	}
	for {
		n := min(len(payload), maxPayload)
		b := q.block(headerSize + n)
		q.last, q.lastAt, q.lastSize = h, len(*b), n
		head := (*b)[len(*b):][:headerSize]
		head[0], head[1] = h.what, byte(h.kind)
		binary.LittleEndian.PutUint32(head[sizeAt:], uint32(n))
		binary.LittleEndian.PutUint64(head[8:], h.conn)
		binary.LittleEndian.PutUint64(head[16:], uint64(h.micros))
		*b = append((*b)[:len(*b)+headerSize], payload[:n]...)
		if payload = payload[n:]; len(payload) == 0 {
			return
		}
	}
}

// carryOn makes a payload part of the last entry, if it is a chunk that only carries that on,
// as what was read or written on one connection in one moment does, and its block has room.
func (q *queue) carryOn(h header, payload []byte) bool {
	if q.lastSize == 0 || h != q.last || h.what > dirOut {
		return false
	}
	b := &q.filling[len(q.filling)-1]
	if cap(*b)-len(*b) < len(payload) {
		return false
	}
	*b = append(*b, payload...)
	q.lastSize += len(payload)
	binary.LittleEndian.PutUint32((*b)[q.lastAt+sizeAt:], uint32(q.lastSize))
	return true
}

// block returns the block that has room for n more bytes, a new one if need be.
func (q *queue) block(n int) *[]byte {
	if len(q.filling) > 0 {
		last := &q.filling[len(q.filling)-1]
		if cap(*last)-len(*last) >= n {
			return last
		}
	}
	var b []byte
	if f := len(q.free); f > 0 {
		b, q.free[f-1] = q.free[f-1], nil
		q.free = q.free[:f-1]
	} else {
		b = make([]byte, 0, blockSize)
	}
	q.held++
	q.filling = append(q.filling, b)
	return &q.filling[len(q.filling)-1]
}

// take hands all that waits to the writer, in exchange for an empty slice.
func (q *queue) take(empty [][]byte) [][]byte {
	full := q.filling
	q.filling = empty[:0]
	q.lastSize = 0
	return full
}

// giveBack makes a block that has been written free for the next chunks.
func (q *queue) giveBack(b []byte) {
	q.held--
	q.free = append(q.free, b[:0])
}

// trim gives the memory of a burst back.
func (q *queue) trim() {
	if len(q.free) > maxFree {
		clear(q.free[maxFree:])
		q.free = q.free[:maxFree]
	}
}

// next splits the first entry off a block.
func next(block []byte) (h header, payload, rest []byte) {
	h = header{
		what:   block[0],
		kind:   Kind(block[1]),
		conn:   binary.LittleEndian.Uint64(block[8:]),
		micros: int64(binary.LittleEndian.Uint64(block[16:])),
	}
	end := headerSize + int(binary.LittleEndian.Uint32(block[sizeAt:]))
	return h, block[headerSize:end], block[end:]
}
