package backbone

import (
	"bytes"
	"strconv"
	"sync"
)

// outgoing is what waits to be sent: a member sends what has gathered, not line by
// line. Its lock is held for no longer than an append, and no other is taken under it.
type outgoing struct {
	mu      sync.Mutex
	records []byte // lines
	asks    []*ask
	posted  bool // somebody will look
	lost    bool // records were too many
	spare   []byte
}

// mostRecords is how many bytes of records may wait: a turn of the loop has far fewer.
const mostRecords = 16 << 20

// Send publishes a record that the server has taken from a client: its AT line, with
// its end, which is copied.
func (m *Member) Send(line []byte) {
	o := &m.out
	o.mu.Lock()
	if o.lost = o.lost || len(o.records)+len(line) > mostRecords; !o.lost {
		o.records = append(o.records, line...)
	}
	m.wake()
}

// put adds an ask.
func (m *Member) put(a *ask) {
	m.out.mu.Lock()
	m.out.asks = append(m.out.asks, a)
	m.wake()
}

// wake has somebody look, and unlocks.
func (m *Member) wake() {
	first := !m.out.posted
	m.out.posted = true
	m.out.mu.Unlock()
	if first {
		m.o.Host.Post(m.flush)
	}
}

// flush sends what waits, records first.
func (m *Member) flush() {
	o := &m.out
	o.mu.Lock()
	records, asks, lost := o.records, o.asks, o.lost
	o.records, o.spare, o.asks, o.posted, o.lost = o.spare, nil, nil, false, false
	o.mu.Unlock()
	if lost {
		for _, s := range m.shards {
			s.due = true // others miss what we have not said
		}
	}
	m.publishRecords(records)
	o.mu.Lock()
	if o.spare == nil && cap(records) <= 1<<20 {
		o.spare = records[:0]
	}
	o.mu.Unlock()
	if len(asks) > 0 {
		m.askOwners(asks)
	}
}

// publishRecords publishes lines, each under the subject of its shard.
func (m *Member) publishRecords(lines []byte) {
	if len(lines) == 0 {
		return
	}
	if m.o.Shards.Count() == 1 {
		pieces(lines, func(body []byte) { m.publish(at+"0", "", body) })
		return
	}
	for len(lines) > 0 {
		end := bytes.IndexByte(lines, '\n') + 1
		s := m.o.Shards.Of(idOf(lines[:end]))
		m.cut[s] = append(m.cut[s], lines[:end]...)
		lines = lines[end:]
	}
	for s, some := range m.cut {
		pieces(some, func(body []byte) { m.publish(at+strconv.Itoa(s), "", body) })
		m.cut[s] = some[:0]
	}
}

// idOf returns the client's id in an AT line of ours, whose fields have one blank
// between them.
func idOf(line []byte) []byte {
	for range 3 {
		line = line[bytes.IndexByte(line, ' ')+1:]
	}
	return line[:bytes.IndexByte(line, ' ')]
}
