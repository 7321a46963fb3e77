package wirelog

import (
	"bytes"
	"slices"
	"strconv"
)

const (
	// maxText is the longest text of one record; a longer line is cut. It is
	// above every line that the protocol allows.
	maxText = 64 << 10
	// prefixRoom is what a prefix and a quote have where records are written in the fast
	// way; a link's name can make them longer.
	prefixRoom = 64
	// maxSpare bounds the kept streams, maxSparePart what each may hold on to:
	// chunks that end in mid-line should not make garbage in every turn.
	maxSpare     = 64
	maxSparePart = 4 << 10
)

// What stands after a text that is not a whole line.
const (
	endCut  = " cut"
	endOpen = " open"
	endGap  = " gap="
)

// stream is what must be remembered of a connection between two chunks. Most
// have none: an idle client costs the writer nothing.
type stream struct {
	kind Kind
	name string    // a peer's
	part [2][]byte // begun lines, by direction
}

// assembler turns chunks into records. It belongs to the writer's goroutine.
type assembler struct {
	out     *output
	clock   clock
	streams map[uint64]*stream
	spare   []*stream
	held    int // bytes of all begun lines
	maxHeld int
	prefix  []byte // the start of each record of the present chunk
}

func newAssembler(out *output, maxHeld int) *assembler {
	return &assembler{out: out, streams: make(map[uint64]*stream), maxHeld: maxHeld}
}

// chunk writes the lines that data completes and keeps what is left. Where a
// line is cut depends on the bytes alone, not on how they were chunked.
func (a *assembler) chunk(h header, data []byte) {
	s := a.streams[h.conn]
	a.begin(h, h.what, s)
	var part []byte
	if s != nil {
		part = s.part[h.what]
		a.held -= len(part)
	}
	for len(data) > 0 {
		if len(part) == 0 {
			if data = a.plainRecords(data); len(data) == 0 {
				break
			}
		}
		room := maxText - len(part)
		text, end := data, ""
		switch i := bytes.IndexByte(data[:min(len(data), room+1)], '\n'); {
		case i >= 0:
			text, data = data[:i], data[i+1:]
		case len(data) > room:
			text, data, end = data[:room], data[room:], endCut
		case a.held+len(part)+len(data) > a.maxHeld:
			// Too much is held of too many lines: this one is not waited for.
			data, end = nil, endCut
		default:
			if s == nil {
				s = a.newStream(h)
				part = s.part[h.what]
			}
			s.part[h.what] = append(part, data...)
			a.held += len(s.part[h.what])
			return
		}
		if len(part) > 0 {
			part = append(part, text...)
			a.record(part, end)
			part = part[:0]
		} else {
			a.record(text, end)
		}
	}
	if s != nil {
		s.part[h.what] = part[:0]
		a.release(h.conn, s)
	}
}

// gap writes what was begun and says how much is missing after it.
func (a *assembler) gap(h header, dir byte, missing uint64) {
	s := a.streams[h.conn]
	a.begin(h, dir, s)
	end := endGap + strconv.FormatUint(missing, 10)
	if s == nil {
		a.record(nil, end)
		return
	}
	a.record(s.part[dir], end)
	a.drop(s, dir)
	a.release(h.conn, s)
}

// opened, named and closed write the notices.

func (a *assembler) opened(h header, name string) {
	if h.kind == Peer && name != "" {
		a.newStream(h).name = name
	}
	a.notice(h, '+', nil, name)
}

func (a *assembler) named(h header, name string) {
	s := a.streams[h.conn]
	if s == nil {
		s = a.newStream(h)
	}
	a.notice(h, '=', s, name)
	s.name = name
	a.release(h.conn, s)
}

func (a *assembler) closed(h header, reason string) {
	s := a.streams[h.conn]
	if s != nil {
		a.unfinished(h, s)
	}
	a.notice(h, '-', s, reason)
	if s != nil {
		s.name = ""
		a.release(h.conn, s)
	}
}

// closeAll writes what is begun on connections that are still open, in the order
// of their numbers.
func (a *assembler) closeAll(micros int64) {
	numbers := make([]uint64, 0, len(a.streams))
	for number := range a.streams {
		numbers = append(numbers, number)
	}
	slices.Sort(numbers)
	for _, number := range numbers {
		s := a.streams[number]
		a.unfinished(header{kind: s.kind, conn: number, micros: micros}, s)
	}
}

// unfinished writes begun lines that will not be ended.
func (a *assembler) unfinished(h header, s *stream) {
	for dir := range byte(len(s.part)) {
		if len(s.part[dir]) > 0 {
			a.begin(h, dir, s)
			a.record(s.part[dir], endOpen)
			a.drop(s, dir)
		}
	}
}

// begin makes the prefix of the records that follow, in the direction dir.
func (a *assembler) begin(h header, dir byte, s *stream) {
	mark := byte('<')
	if dir == dirOut {
		mark = '>'
	}
	a.mark(h, mark, s)
}

func (a *assembler) mark(h header, mark byte, s *stream) {
	a.prefix = a.clock.append(a.prefix[:0], h.micros)
	a.prefix = append(a.prefix, ' ', mark, ' ')
	name := ""
	if s != nil {
		name = s.name
	}
	a.prefix = append(appendConn(a.prefix, h.kind, h.conn, name), ' ')
}

func (a *assembler) notice(h header, mark byte, s *stream, text string) {
	a.mark(h, mark, s)
	a.record([]byte(text), "")
}

// record writes one record after the present prefix.
func (a *assembler) record(text []byte, end string) {
	b := append(a.out.buf, a.prefix...)
	b = appendQuoted(b, text)
	b = append(b, end...)
	a.out.buf = append(b, '\n')
	a.out.recordEnded()
}

// plainRecords writes the records of the lines at the start of data that are whole and stand as
// they are, as nearly all do, and returns what follows them.
func (a *assembler) plainRecords(data []byte) []byte {
	var prefix [prefixRoom]byte // as an array it is copied without a call
	start := copy(prefix[:], a.prefix)
	if start == prefixRoom {
		return data
	}
	prefix[start] = '"'
	start++
	out := a.out
	for len(data) > 0 {
		text := data[:min(len(data), maxText+1)]
		out.buf = slices.Grow(out.buf, prefixRoom+len(text)+len("\"\n"))
		end := len(out.buf) + start
		free := out.buf[len(out.buf):cap(out.buf)]
		*(*[prefixRoom]byte)(free) = prefix
		free = free[start:]
		n := copyLine(free, text)
		if n < 0 {
			break
		}
		free[n], free[n+1] = '"', '\n'
		out.buf = out.buf[:end+n+2]
		data = data[n+1:]
		out.recordEnded()
	}
	return data
}

func (a *assembler) newStream(h header) *stream {
	s := &stream{}
	if n := len(a.spare); n > 0 {
		s, a.spare = a.spare[n-1], a.spare[:n-1]
	}
	s.kind = h.kind
	a.streams[h.conn] = s
	return s
}

// drop forgets a begun line.
func (a *assembler) drop(s *stream, dir byte) {
	a.held -= len(s.part[dir])
	s.part[dir] = s.part[dir][:0]
}

// release forgets a stream that has nothing to remember.
func (a *assembler) release(number uint64, s *stream) {
	if s.name != "" || len(s.part[dirIn])+len(s.part[dirOut]) > 0 {
		return
	}
	delete(a.streams, number)
	for dir, part := range s.part {
		if cap(part) > maxSparePart {
			s.part[dir] = nil
		}
	}
	if len(a.spare) < maxSpare {
		a.spare = append(a.spare, s)
	}
}
