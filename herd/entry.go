package herd

import (
	"encoding/binary"
	"time"
)

// entry is a record as it lies in the arena: a head with what decides the order
// and where the fields are, so that comparing and reading parse nothing, and
// right behind it the canonical line with its end. It may be followed by bytes
// that belong to others.
type entry []byte

// Where the parts of a head begin. All are little-endian.
const (
	hashAt       = 0  // 8 bytes, of the line without its end
	clientAt     = 8  // 12 bytes: seconds, nanoseconds
	receivedAt   = 20 // 12 bytes
	unitsAt      = 32 // 2 bytes: the size of the buffer
	lineAt       = 34 // 2 bytes, as all that follow: lengths, here with the end
	serverAt     = 36
	differenceAt = 38
	idAt         = 40
	locationAt   = 42
	entryHead    = 44
)

// entryUnits returns how many units r takes.
func entryUnits(r *Record) int { return units(entryHead + r.lineLength() + 1) }

func (e entry) hash() uint64 { return binary.LittleEndian.Uint64(e.head()[hashAt:]) }

// units returns the size of the buffer.
func (e entry) units() int { return e.length(unitsAt) }

// line returns the AT line with its end.
func (e entry) line() []byte { return e[entryHead : entryHead+e.length(lineAt)] }

// id returns whose record it is, for a look at no more bytes than that takes.
func (e entry) id() []byte {
	start := entryHead + len("AT  ") + e.length(serverAt) + 1 + e.length(differenceAt)
	return e[start : start+e.length(idAt)]
}

func (e entry) client() Timestamp   { return e.time(clientAt) }
func (e entry) received() Timestamp { return e.time(receivedAt) }

// olderThan reports whether r is newer than the record of the entry, as Compare
// has it. Nearly always that is seen from the times, and no field need be read.
func (e entry) olderThan(r *Record, future time.Duration) bool {
	stored := Record{Client: e.client(), Received: e.received()}
	if c := r.Effective(future).Cmp(stored.Effective(future)); c != 0 {
		return c > 0
	}
	e.read(&stored)
	return Compare(r, &stored, future) > 0
}

// read makes r a view of the entry.
func (e entry) read(r *Record) {
	r.line = withoutEnd(e.line())
	r.Client, r.Received = e.client(), e.received()
	rest := r.line[len("AT "):]
	r.Server, rest = cutLength(rest, e.length(serverAt))
	r.Difference, rest = cutLength(rest, e.length(differenceAt))
	r.ID, rest = cutLength(rest, e.length(idAt))
	r.Location, r.Time = cutLength(rest, e.length(locationAt))
}

// write copies r, and its hash under key, into the entry, whose buffer has so
// many units. It returns the hash.
func (e entry) write(r *Record, units int, key *HashKey) (hash uint64) {
	line := r.AppendLine(e[:entryHead])[entryHead:]
	hashed := withoutEnd(line)
	if r.line != nil {
		hashed = r.line // the same, and what was just written to the entry may have to wait for memory
	}
	hash = key.Hash(hashed)
	binary.LittleEndian.PutUint64(e.head()[hashAt:], hash)
	e.setTime(clientAt, r.Client)
	e.setTime(receivedAt, r.Received)
	e.setLength(unitsAt, units)
	e.setLength(lineAt, len(line))
	e.setLength(serverAt, len(r.Server))
	e.setLength(differenceAt, len(r.Difference))
	e.setLength(idAt, len(r.ID))
	e.setLength(locationAt, len(r.Location))
	return hash
}

// head returns the head by itself: its size is known, and so nothing needs to be
// checked where its parts are read.
func (e entry) head() *[entryHead]byte { return (*[entryHead]byte)(e) }

// Lengths have 16 bits: none is greater than MaxPeerLine + 1, and no buffer has
// more units.
func (e entry) length(at int) int { return int(binary.LittleEndian.Uint16(e.head()[at:])) }

func (e entry) setLength(at, value int) {
	binary.LittleEndian.PutUint16(e.head()[at:], uint16(value))
}

func (e entry) time(at int) Timestamp {
	h := e.head()[at:]
	return Timestamp{int64(binary.LittleEndian.Uint64(h)), int32(binary.LittleEndian.Uint32(h[8:]))}
}

func (e entry) setTime(at int, t Timestamp) {
	h := e.head()[at:]
	binary.LittleEndian.PutUint64(h, uint64(t.Sec))
	binary.LittleEndian.PutUint32(h[8:], uint32(t.Nsec))
}

// cutLength returns the field of n bytes that text begins with, and what follows
// the blank after it.
func cutLength(text []byte, n int) (field, rest []byte) { return text[:n], text[n+1:] }
