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

const (
	// regionBytes is what is given out of at once. It is what the system can hold in one
	// piece on most machines: a processor then keeps in mind where all of it is, where it
	// forgets that of thousands of pages of 4 KiB.
	regionBytes = 2 << 20

	// regionsAhead is how many regions are made before they are needed: where the server has
	// one core, its goroutine gets it every 10 ms only, and that is time for 10,000 clients.
	regionsAhead = 2

	// reservedBytes is how many addresses are asked of the system at once. It gives memory
	// for those that are written to.
	reservedBytes = 32 * regionBytes
)

// memory gives out what it gets from the system, and takes nothing back. The zero value
// is ready, for any goroutine.
//
// The first region is of small pages, which come as they are written to: a server that
// knows few clients takes no more than it needs. Later ones are made one piece each before
// they are needed, by a goroutine of its own, as to clear it takes longer than a turn of the
// reactor may. Where clients come faster than that, or the system has no such pieces, a
// region is of small pages too.
type memory struct {
	mu       sync.Mutex
	rest     []byte   // of the region that is given out of
	next     [][]byte // the regions behind it, each in one piece
	making   bool     // a goroutine makes more of them
	reserved []byte   // for more regions
	regions  int      // how many there are
}

func (m *memory) NewChunk() *herd.Chunk     { return place[herd.Chunk](m) }
func (m *memory) NewSegment() *herd.Segment { return place[herd.Segment](m) }

// place returns a T, all 0, that is never collected. It must have no pointers: nobody
// would follow them.
func place[T any](m *memory) *T {
	var t T
	return (*T)(unsafe.Pointer(unsafe.SliceData(m.take(int(unsafe.Sizeof(t))))))
}

// take returns so many bytes, a multiple of 8 and no more than a region has. Where the
// system gives nothing they are the heap's.
func (m *memory) take(bytes int) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.rest) < bytes {
		if len(m.next) > 0 {
			m.rest, m.next = m.next[0], m.next[1:]
		} else if m.rest = m.region(); m.rest == nil {
			return make([]byte, bytes)
		}
	}
	taken := m.rest[:bytes:bytes]
	m.rest = m.rest[bytes:]
	// A server that fills half of the first will need more.
	if len(m.next) < regionsAhead && !m.making && (m.regions > 1 || len(m.rest) < regionBytes/2) {
		m.making = true
		go m.makeNext()
	}
	return taken
}

// makeNext makes the next regions, in one piece if they can be.
func (m *memory) makeNext() {
	m.mu.Lock()
	defer m.mu.Unlock()
	defer func() { m.making = false }()
	for len(m.next) < regionsAhead {
		region := m.region()
		if region == nil {
			return
		}
		m.mu.Unlock()
		inOnePiece(region)
		m.mu.Lock()
		m.next = append(m.next, region)
	}
}

// region returns addresses that nobody has, at a multiple of their number, or nil.
func (m *memory) region() []byte {
	if len(m.reserved) < regionBytes {
		reserved, err := unix.Mmap(-1, 0, reservedBytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE|unix.MAP_NORESERVE)
		if err != nil {
			return nil
		}
		m.reserved = reserved[-uintptr(unsafe.Pointer(unsafe.SliceData(reserved)))%regionBytes:]
	}
	region := m.reserved[:regionBytes:regionBytes]
	m.reserved = m.reserved[regionBytes:]
	m.regions++
	return region
}

// inOnePiece has the system put memory behind a region now. Where it can not, as before
// Linux 5.14, the region stays one of small pages: whoever wrote to it first would have to
// wait until all of it is cleared.
func inOnePiece(region []byte) {
	if unix.Madvise(region, unix.MADV_HUGEPAGE) != nil {
		return // it has small pages alone
	}
	if unix.Madvise(region, unix.MADV_POPULATE_WRITE) != nil {
		_ = unix.Madvise(region, unix.MADV_NOHUGEPAGE) // it took the opposite
	}
}
