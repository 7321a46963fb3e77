package wirelog

import (
	"encoding/binary"
	"strconv"
	"time"
)

// Kind says who is at the other end of a connection.
type Kind uint8

// The kinds of connection.
const (
	Client Kind = iota
	Peer
)

// String is the word that stands in the log.
func (k Kind) String() string {
	if k == Peer {
		return "peer"
	}
	return "client"
}

// maxWord bounds a connection's name and reason, in bytes; more is left out.
const maxWord = 1024

// Conn is one connection as the log knows it: its number, and what was dropped
// of it. It belongs to the Log that made it.
type Conn struct {
	number uint64
	kind   Kind

	// The rest is guarded by Log.mu.
	known  bool      // something of it was let into the queue
	closed bool      // Closed was called
	lost   [2]uint64 // bytes dropped, by direction, and not yet marked
}

// Number is the connection's number, from 1 in the order of opening.
func (c *Conn) Number() uint64 { return c.number }

// String is the connection as it stands in the log, without its name: client#12.
func (c *Conn) String() string {
	return c.kind.String() + "#" + strconv.FormatUint(c.number, 10)
}

// Conn notes a connection that was made. name is the other end's address, or a
// server's name where a link was dialled; a peer's name stands in each of its
// lines, a client's only in the notice. It is asked for if it is logged: thousands
// of clients would leave as many names as garbage.
func (l *Log) Conn(kind Kind, name func() string, at time.Time) *Conn {
	if l == nil {
		return &Conn{kind: kind}
	}
	c := &Conn{number: l.numbers.Add(1), kind: kind}
	if l.lines {
		l.note(c, connOpened, name(), at)
	}
	return c
}

// Named notes that a link has proved which server it is: its lines carry the
// name from here on.
func (l *Log) Named(c *Conn, name string, at time.Time) {
	if l != nil && l.lines {
		l.note(c, connNamed, name, at)
	}
}

// Closed notes that the connection is gone, and why; text that was left without
// a line end is written out. What comes for the connection later is dropped and
// counted; a second Closed does nothing.
func (l *Log) Closed(c *Conn, reason string, at time.Time) {
	if l != nil && l.lines {
		l.note(c, connClosed, reason, at)
	}
}

// In hands over bytes as they were read. data is copied; its owner may change
// it as soon as In returns. In never waits for the disk.
func (l *Log) In(c *Conn, data []byte, at time.Time) {
	if l != nil && l.lines && len(data) > 0 {
		l.chunk(c, dirIn, data, at)
	}
}

// Out hands over bytes as they were written, in the same way as In.
func (l *Log) Out(c *Conn, data []byte, at time.Time) {
	if l != nil && l.lines && len(data) > 0 {
		l.chunk(c, dirOut, data, at)
	}
}

func (l *Log) chunk(c *Conn, dir byte, data []byte, at time.Time) {
	micros := at.UnixMicro()
	l.mu.Lock()
	if l.closing || c.closed || !l.queue.room(len(data), l.queue.max) {
		c.lost[dir] += uint64(len(data))
		l.drop(len(data), micros)
		l.mu.Unlock()
		return
	}
	if c.lost[dir] > 0 {
		l.putGap(c, dir, micros)
	}
	l.queue.put(header{what: dir, kind: c.kind, conn: c.number, micros: micros}, data)
	c.known = true
	l.stats.Chunks++
	l.stats.Bytes += uint64(len(data))
	ring := l.bell()
	l.mu.Unlock()
	if ring {
		l.ring()
	}
}

// note queues a notice. Of these only an opening can be refused for want of
// room: the writer needs the others to keep its books, and they are few, a name
// and an end for each connection that was let in before. The end of a connection
// of which nothing was let in says nothing to anybody.
func (l *Log) note(c *Conn, what byte, text string, at time.Time) {
	micros := at.UnixMicro()
	text = text[:min(len(text), maxWord)]
	l.mu.Lock()
	if what == connClosed && c.closed {
		l.mu.Unlock()
		return
	}
	if l.closing || c.closed ||
		what == connOpened && !l.queue.room(len(text), l.queue.max) ||
		what == connClosed && !c.known {
		c.closed = c.closed || what == connClosed
		l.drop(len(text), micros)
		l.mu.Unlock()
		return
	}
	if what == connClosed {
		c.closed = true
		for dir := range byte(len(c.lost)) {
			if c.lost[dir] > 0 {
				l.putGap(c, dir, micros)
			}
		}
	}
	l.queue.put(header{what: what, kind: c.kind, conn: c.number, micros: micros}, []byte(text))
	c.known = true
	ring := l.bell()
	l.mu.Unlock()
	if ring {
		l.ring()
	}
}

// putGap tells the writer how much is missing before what comes next. Its few
// bytes may pass the bound: there is one only before an entry that was let in.
func (l *Log) putGap(c *Conn, dir byte, micros int64) {
	var count [8]byte
	binary.LittleEndian.PutUint64(count[:], c.lost[dir])
	c.lost[dir] = 0
	l.queue.put(header{what: gapIn + dir, kind: c.kind, conn: c.number, micros: micros}, count[:])
}
