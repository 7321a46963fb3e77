package herdtest

import (
	"bytes"
	"net"
	"sync"
	"time"
)

// bubbleClient is a client in a bubble. What it sends waits in the client where the
// network takes no more, so that nobody who sends is held up.
type bubbleClient struct {
	conn halfCloser

	mu       sync.Mutex
	changed  sync.Cond
	unsent   []byte
	end      bool // after that
	deaf     bool // it takes no answers
	received []byte
	ended    bool
	gone     bool // nothing is sent any more
}

func newBubbleClient(conn net.Conn) *bubbleClient {
	c := &bubbleClient{conn: conn.(halfCloser)}
	c.changed.L = &c.mu
	go c.read()
	go c.write()
	return c
}

func (c *bubbleClient) read() {
	buf := make([]byte, 64<<10)
	for c.hears() {
		n, err := c.conn.Read(buf)
		c.mu.Lock()
		c.received = append(c.received, buf[:n]...)
		// One that is told to take no more leaves its read by a deadline.
		if err != nil && !c.deaf {
			c.ended, c.gone = true, true
			c.changed.Broadcast()
		}
		c.mu.Unlock()
	}
	_ = c.conn.Close() // it has heard the server out, and leaves
}

// hears waits for as long as the client takes no answers.
func (c *bubbleClient) hears() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.deaf && !c.gone {
		c.changed.Wait()
	}
	return !c.ended && !c.gone
}

func (c *bubbleClient) write() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for !c.gone {
		switch {
		case len(c.unsent) > 0:
			data := c.unsent
			c.unsent = nil
			c.mu.Unlock()
			_, _ = c.conn.Write(data) // it may fail when the server has closed: what comes back tells
			c.mu.Lock()
		case c.end:
			_ = c.conn.CloseWrite()
			return
		default:
			c.changed.Wait()
		}
	}
}

func (c *bubbleClient) change(how func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	how()
	c.changed.Broadcast()
}

func (c *bubbleClient) Send(data []byte) { c.change(func() { c.unsent = append(c.unsent, data...) }) }
func (c *bubbleClient) End()             { c.change(func() { c.end = true }) }

// PauseProducing has the client take no answers, ResumeProducing take them again.
func (c *bubbleClient) PauseProducing() {
	c.change(func() { c.deaf = true })
	_ = c.conn.SetReadDeadline(time.Unix(1, 0))
}

func (c *bubbleClient) ResumeProducing() {
	_ = c.conn.SetReadDeadline(time.Time{})
	c.change(func() { c.deaf = false })
}

// AbortConnection leaves without a word, with a reset.
func (c *bubbleClient) AbortConnection() {
	c.change(func() { c.gone, c.ended = true, true })
	_ = c.conn.(interface{ SetLinger(int) error }).SetLinger(0)
	_ = c.conn.Close()
}

func (c *bubbleClient) Received() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return bytes.Clone(c.received)
}

func (c *bubbleClient) Take(n int) { c.change(func() { c.received = c.received[n:] }) }

func (c *bubbleClient) Ended() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ended
}
