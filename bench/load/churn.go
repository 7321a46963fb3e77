package load

import (
	"context"
	"fmt"

	"golang.org/x/sys/unix"
)

// Churn opens connections, reports once over each, says that no more will come, and waits
// until the server has ended it too: Connections at a time, one after the other. In the
// result a reply is such a life, and its latency runs from before the connection is
// opened to the answer. Pipeline, Rate, Whatsat and Preload do not apply.
func Churn(ctx context.Context, o Options) (*Result, error) {
	o.Pipeline, o.Rate, o.Whatsat, o.Preload = 0, 0, 0, false
	return (&run{o: o.withDefaults(), churns: true}).run(ctx)
}

// churn replaces each connection by the next one until the end.
func (d *driver) churn() error {
	lives := uint32(0)
	// The first connections were opened before the time that counts.
	reported, ended := make([]bool, len(d.conns)), make([]bool, len(d.conns))
	born := make([]int64, len(d.conns))
	for i := range born {
		born[i] = d.clock.now()
	}
	d.gone = func(c *conn) error {
		unix.Close(c.fd)
		now := d.clock.now()
		if now >= d.until {
			c.lost = true
			d.living--
			return nil
		}
		lives++
		fd, err := dial(c.server.address, source(lives))
		if err != nil {
			return err
		}
		c.fd, born[c.number], reported[c.number], ended[c.number] = fd, now, false, false
		return d.poll.watch(unix.EPOLL_CTL_ADD, fd, c.number, false)
	}
	return d.loop(func(c *conn) {
		switch {
		case !reported[c.number]:
			reported[c.number] = true
			c.ask(d, born[c.number], d.clock.now())
		case !ended[c.number]:
			ended[c.number] = true
			if err := unix.Shutdown(c.fd, unix.SHUT_WR); err != nil {
				d.lose(c, fmt.Errorf("shutdown: %w", err))
			}
		}
	}, func(now int64) (more bool) { return now < d.until })
}

// source is an address of this side: a port that was used rests for a while, and one
// address has only some 28,000 of them.
func source(n uint32) *unix.SockaddrInet4 {
	return &unix.SockaddrInet4{Addr: [4]byte{127, 0, 1, byte(1 + n%200)}}
}
