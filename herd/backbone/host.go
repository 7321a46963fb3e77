package backbone

import (
	"time"

	"proxyherd/herd"
	"proxyherd/herd/wirelog"
)

// Host is the server that a Member belongs to.
type Host interface {
	// Post has f called, one f at a time and in their order: on a server's loop, or on
	// a goroutine for them. It may be called anywhere, and does not wait.
	Post(f func())

	// Later has f called as Post does, after a while, unless it is cancelled before;
	// it and cancel are called only by what Post has called.
	Later(wait time.Duration, f func()) (cancel func())

	// Now is the time.
	Now() time.Time

	// Holdings are the server's records.
	Holdings() herd.Holdings

	// Take gives the server a record of another one's: an AT line, without its end,
	// and whose. If it is the newest, news is the line, with its end, good until the
	// next call; the server does not publish it. The error is herd.Node.ReceivePeer's.
	Take(line []byte, from string) (news []byte, err error)

	// AppendRecord appends the AT line of a client, with its end, or nothing if there
	// is none.
	AppendRecord(dst, id []byte) []byte

	// Saved has f called, as Post does, once what was taken so far is as safe as an
	// answer asks for: at once where answers wait for no journal, and never if that
	// fails.
	Saved(f func())

	// Event is for the log.
	Event(level wirelog.Level, message string, fields ...wirelog.Field)
}
