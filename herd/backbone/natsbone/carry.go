package natsbone

import (
	"github.com/nats-io/nats.go"

	"proxyherd/herd/backbone"
)

// mostWaiting is how many bytes may wait to be published.
const mostWaiting = 32 << 20

// Publish implements backbone.Bus.
func (b *Bus) Publish(m backbone.Message) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.up || b.closed || b.bytes+len(m.Data) > mostWaiting {
		return false
	}
	b.waiting = append(b.waiting, m)
	b.bytes += len(m.Data)
	select {
	case b.work <- struct{}{}:
	default: // it is known
	}
	return true
}

// write publishes what waits, until Close.
func (b *Bus) write() {
	for {
		select {
		case <-b.work:
			b.mu.Lock()
			conn := b.conn
			b.mu.Unlock()
			b.sendAll(conn)
		case <-b.end:
			return
		}
	}
}

// sendAll hands the client all that waits. It sends when it has more than it likes, or
// nobody has given it more for a moment.
func (b *Bus) sendAll(conn *nats.Conn) {
	b.mu.Lock()
	batch := b.waiting
	b.waiting, b.bytes = nil, 0
	b.mu.Unlock()
	for _, m := range batch {
		// While there is no connection this fails, and the message is lost: whoever
		// misses it will say so.
		_ = conn.PublishMsg(&nats.Msg{Subject: m.Subject, Reply: m.Reply, Data: m.Data})
	}
}

// A batch of what has come is not larger.
const (
	batchMessages = 256
	batchBytes    = 256 << 10
)

// read hands on what has come, until Close. It waits until a batch has been heeded
// before it takes the next, so that what is too much waits here, where it is bounded.
func (b *Bus) read() {
	taken := make(chan struct{}, 1)
	for {
		var first *nats.Msg
		select {
		case first = <-b.come:
		case <-b.end:
			return
		}
		b.to.Received(b.batch(first), func() { taken <- struct{}{} })
		select {
		case <-taken:
		case <-b.end:
			return
		}
	}
}

// batch takes what else has come already.
func (b *Bus) batch(first *nats.Msg) []backbone.Message {
	batch := []backbone.Message{messageOf(first)}
	for size := len(first.Data); len(batch) < batchMessages && size < batchBytes; {
		select {
		case next := <-b.come:
			batch = append(batch, messageOf(next))
			size += len(next.Data)
		default:
			return batch
		}
	}
	return batch
}

// messageOf takes a message of NATS. One without data that has the status 503 is the
// server's own: nobody listened for a question.
func messageOf(m *nats.Msg) backbone.Message {
	const status, nobody = "Status", "503"
	return backbone.Message{
		Subject: m.Subject, Reply: m.Reply, Data: m.Data,
		Unheard: len(m.Data) == 0 && m.Header.Get(status) == nobody,
	}
}

var _ backbone.Bus = (*Bus)(nil)
