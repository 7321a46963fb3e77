package main

import (
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"

	"proxyherd/herd"
)

// outside is where a server's records are, a herd.Memory: the system's own, of which Go's
// collector does not know. It has no pointers, is most of what a large server holds, and is the
// server's until the process ends. On the heap it would have the collector run each time
// that it has grown by half, and find nothing.
var outside memory

// regionBytes is how much is asked of the system at once. It gives what is written to, a
// page at a time.
const regionBytes = 4 << 20

// memory gives out what it gets from the system, and takes nothing back. The zero value
// is ready, for any goroutine.
type memory struct {
	mu   sync.Mutex
	rest []byte // of the last region
}

func (m *memory) NewChunk() *herd.Chunk     { return place[herd.Chunk](m) }
func (m *memory) NewSegment() *herd.Segment { return place[herd.Segment](m) }

// place returns a T, all 0, that is never collected. It must have no pointers: nobody
// would follow them.
func place[T any](m *memory) *T {
	var t T
	return (*T)(unsafe.Pointer(unsafe.SliceData(m.take(int(unsafe.Sizeof(t))))))
}

// take returns so many bytes, a multiple of 8. Where the system gives nothing they are
// the heap's.
func (m *memory) take(bytes int) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.rest) < bytes {
		region, err := unix.Mmap(-1, 0, max(regionBytes, bytes), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
		if err != nil {
			return make([]byte, bytes)
		}
		m.rest = region
	}
	taken := m.rest[:bytes:bytes]
	m.rest = m.rest[bytes:]
	return taken
}
