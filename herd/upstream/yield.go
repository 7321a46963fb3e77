package upstream

import (
	"net"
	"runtime"
)

// A question is some 100 us of work, over several goroutines that wake each other. Where Go has one P they have it one
// after the other, and an event loop that has come back from its wait would wait for them all. So each lets others run
// where a part of the work is done, and the loop waits for that part. docs/performance.md has what that gave.

// yield lets others run, who can.
func yield() { runtime.Gosched() }

// yielding is a connection whose readers and writers yield: those of package http, which has goroutines of its own for
// each connection.
type yielding struct{ net.Conn }

func (c yielding) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	yield()
	return n, err
}

func (c yielding) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	yield()
	return n, err
}
