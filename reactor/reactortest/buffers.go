package reactortest

// buffers are those that have carried bytes through the network and are free: what a
// transport is given to write, its socket sends, and the peer's protocol reads are one
// buffer, which changes hands. The zero value has none.
type buffers struct{ free [][]byte }

// keptBuffer is the largest buffer, in bytes, that is used again.
const keptBuffer = 32 << 10

// take is an empty buffer.
func (b *buffers) take() []byte {
	last := len(b.free) - 1
	if last < 0 {
		return nil
	}
	buffer := b.free[last]
	b.free = b.free[:last]
	return buffer
}

// give takes a buffer back of which nobody has a view.
func (b *buffers) give(buffer []byte) {
	if cap(buffer) > 0 && cap(buffer) <= keptBuffer {
		b.free = append(b.free, buffer[:0])
	}
}
