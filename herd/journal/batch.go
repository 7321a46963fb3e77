package journal

import (
	"bytes"
	"time"
)

// batch is the records that are written together: of each client the newest that
// was put, in the order in which the clients came. The zero batch is empty.
type batch struct {
	number uint64
	places map[string]int // of ids in records
	// records may have more behind its end, whose buffers are used again.
	records []record
	bytes   int64     // of the lines
	began   time.Time // when the first record came
	read    bool      // for ever, maybe, by a goroutine of a store that was given up
}

// record is an AT line, without its end, and whose it is.
type record struct {
	id   string
	line []byte
}

func (b *batch) empty() bool { return len(b.records) == 0 }

// put copies an AT line.
func (b *batch) put(id, line []byte) {
	b.bytes += int64(len(line))
	if i, known := b.places[string(id)]; known {
		r := &b.records[i]
		b.bytes -= int64(len(r.line))
		r.line = append(r.line[:0], line...)
		return
	}
	if b.places == nil {
		b.places = make(map[string]int)
	}
	if len(b.records) == 0 {
		b.began = time.Now()
	}
	key := string(id)
	b.places[key] = len(b.records)
	var room []byte
	if len(b.records) < cap(b.records) {
		room = b.records[:len(b.records)+1][len(b.records)].line
	}
	b.records = append(b.records, record{key, append(room[:0], line...)})
}

// keptRecords is how large a batch may have been to be used again: memory for a
// burst is not kept for ever.
const keptRecords = 16_384

// reset makes a batch empty again, or returns another that is.
func (b *batch) reset() *batch {
	if b.read || cap(b.records) > keptRecords {
		return &batch{}
	}
	clear(b.places)
	b.records, b.bytes = b.records[:0], 0
	return b
}

// clientOf returns whose record an AT line is. The store's own lines have one blank
// between two fields.
func clientOf(line []byte) []byte {
	for range 3 { // AT, the server and the difference
		_, line, _ = bytes.Cut(line, blank)
	}
	id, _, _ := bytes.Cut(line, blank)
	return id
}

var blank = []byte{' '}
