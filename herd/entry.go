package herd

import "encoding/binary"

// entry is a record as it lies in the arena: a head with what nearly always decides
// the order and where the fields are, so that nothing is parsed for a report, and
// right behind it the canonical line with its end. It may be followed by bytes
// that belong to others.
//
// The head is as short as it can be: with a line of usual length it fills two lines of
// cache, and a third would be one more to wait for.
type entry []byte

// Where the parts of a head begin. All are little-endian.
const (
	hashAt       = 0  // 8 bytes, of the line without its end
	effectiveAt  = 8  // 12 bytes, of the time that Effective returns: seconds, nanoseconds
	unitsAt      = 20 // 2 bytes: the size of the buffer
	lineAt       = 22 // 2 bytes, as all that follow: lengths, here with the end
	serverAt     = 24
	differenceAt = 26
	idAt         = 28
	locationAt   = 30
	entryHead    = 32
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

// olderThan reports whether r is newer than the record of the entry, as Compare
// has it. Nearly always that is seen from the times, and no field need be read.
func (e entry) olderThan(r *Record, future Timestamp) bool {
	if c := r.effective(future).Cmp(e.effective()); c != 0 {
		return c > 0
	}
	var stored Record
	e.read(&stored)
	return r.compare(&stored, future) > 0
}

// read makes r a view of the entry. The times are read from their texts, which were
// checked before they came here.
func (e entry) read(r *Record) {
	r.line = withoutEnd(e.line())
	rest := r.line[len("AT "):]
	r.Server, rest = cutLength(rest, e.length(serverAt))
	r.Difference, rest = cutLength(rest, e.length(differenceAt))
	r.ID, rest = cutLength(rest, e.length(idAt))
	r.Location, r.Time = cutLength(rest, e.length(locationAt))
	r.Client, _ = ParseTimestamp(r.Time)
	difference, _ := ParseDifference(r.Difference)
	r.Received = r.Client.Add(difference)
}

// write copies r into the entry, whose buffer has so many units, with its hash under
// key and its time for a store with this future. It returns the hash.
func (e entry) write(r *Record, units int, key *HashKey, future Timestamp) (hash uint64) {
	line := r.AppendLine(e[:entryHead])[entryHead:]
	hashed := withoutEnd(line)
	if r.line != nil {
		hashed = r.line // the same, and what was just written to the entry may have to wait for memory
	}
	hash = key.Hash(hashed)
	binary.LittleEndian.PutUint64(e.head()[hashAt:], hash)
	e.setEffective(r.effective(future))
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

func (e entry) effective() Timestamp {
	h := e.head()[effectiveAt:]
	return Timestamp{int64(binary.LittleEndian.Uint64(h)), int32(binary.LittleEndian.Uint32(h[8:]))}
}

func (e entry) setEffective(t Timestamp) {
	h := e.head()[effectiveAt:]
	binary.LittleEndian.PutUint64(h, uint64(t.Sec))
	binary.LittleEndian.PutUint32(h[8:], uint32(t.Nsec))
}

// cutLength returns the field of n bytes that text begins with, and what follows
// the blank after it.
func cutLength(text []byte, n int) (field, rest []byte) { return text[:n], text[n+1:] }
