package sink

import (
	"strings"
	"time"
)

// pending is the records that wait for the database: of each client the newest that
// was put, in the order in which the clients came. The zero pending is empty.
type pending struct {
	places map[string]int // of clients in list
	list   []waiting
	bytes  int64 // of memory
}

// waiting is an AT line, without its end.
type waiting struct {
	line  string
	since time.Time // when the first line of its client came that is not written
}

// perRecord is about what a record costs beside its line, in bytes.
const perRecord = 96

func (w waiting) size() int64 { return int64(len(w.line)) + perRecord }

// put copies an AT line.
func (p *pending) put(line []byte) {
	w := waiting{line: string(line)}
	id := clientOf(w.line)
	if at, known := p.places[id]; known {
		w.since = p.list[at].since
		p.bytes += w.size() - p.list[at].size()
		p.list[at] = w
		// The map takes this key, too, for the same id: its old one is part of a line
		// that nobody else needs.
		p.places[id] = at
		return
	}
	if p.places == nil {
		p.places = make(map[string]int)
	}
	w.since = time.Now()
	p.places[id] = len(p.list)
	p.list = append(p.list, w)
	p.bytes += w.size()
}

// clientOf returns whose record an AT line is. The store's own lines have one blank
// between two fields.
func clientOf(line string) string {
	for range 3 { // AT, the server and the difference
		_, line, _ = strings.Cut(line, " ")
	}
	id, _, _ := strings.Cut(line, " ")
	return id
}
