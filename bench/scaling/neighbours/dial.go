package neighbours

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"proxyherd/bench/peers"
	"proxyherd/herd"
	"proxyherd/herd/configfile"
)

// patience is how long anything may take that ought to come at once.
const patience = 30 * time.Second

// What ends a measurement.
var (
	ErrStuck = errors.New("the server has not sent what is due")
	ErrLost  = errors.New("the server has closed a connection")
)

// Crowd is all neighbours of a server, and one client.
type Crowd struct {
	pids   []int   // whose processor time counts
	links  []*link // with its neighbours
	client *link
	lines  lines

	asked int64         // the number of the last question
	news  chan struct{} // something has come; holds one
	lost  chan error    // a connection has ended; holds one
	over  chan struct{} // closed by Close
	all   sync.WaitGroup
}

// Dial opens a link for each neighbour of a server that peers.Run has started, whose herd
// is a Star, and a client's connection. The links understand questions, but no heartbeats,
// unless beating is set: then they send them too, and compare every now and then, as
// neighbours do that have nothing else to say. Close ends them.
func Dial(ctx context.Context, server *peers.Server, beating bool) (*Crowd, error) {
	// It takes clients before it takes neighbours: its pages are what it opens last.
	if err := server.WaitForPages(ctx); err != nil {
		return nil, err
	}
	c := newCrowd(server.PID)
	if err := c.link(ctx, server, beating); err != nil {
		c.Close()
		return nil, err
	}
	if err := c.connect(ctx, server); err != nil {
		c.Close()
		return nil, err
	}
	if beating {
		for i, l := range c.links {
			c.all.Go(func() { l.beat(i) })
		}
	}
	return c, nil
}

// DialClient is a client of the first of a herd's servers, and no neighbour.
func DialClient(ctx context.Context, herd []*peers.Server) (*Crowd, error) {
	c := newCrowd()
	for _, s := range herd {
		c.pids = append(c.pids, s.PID)
	}
	if err := c.connect(ctx, herd[0]); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// link opens the links of all neighbours.
func (c *Crowd) link(ctx context.Context, server *peers.Server, beating bool) error {
	config, _, err := configfile.Read(server.Config)
	if err != nil {
		return err
	}
	keys, err := configfile.Secret(server.Config, config)
	if err != nil {
		return err
	}
	caps := config.Capabilities(keys)
	if !beating {
		caps = slices.DeleteFunc(caps, func(c string) bool { return c == "heartbeat" })
	}
	hub, _ := config.Server(server.Name)
	for _, name := range hub.TalksTo {
		identity, err := config.Identity(name, newBoot(), keys, caps...)
		if err != nil {
			return err
		}
		l, err := c.dial(ctx, hub.Peers)
		if err != nil {
			return fmt.Errorf("the link of %s: %w", name, err)
		}
		l.beating = beating
		c.links = append(c.links, l)
		if err := l.shake(identity); err != nil {
			return fmt.Errorf("the link of %s: %w", name, err)
		}
	}
	return nil
}

// connect opens the client's connection, and counts from then on what comes on all.
func (c *Crowd) connect(ctx context.Context, server *peers.Server) (err error) {
	if c.client, err = c.dial(ctx, server.Address); err != nil {
		return err
	}
	for _, l := range append(slices.Clone(c.links), c.client) {
		c.all.Go(l.listen)
	}
	return nil
}

func newCrowd(pids ...int) *Crowd {
	return &Crowd{pids: pids, lines: newLines(), news: make(chan struct{}, 1), lost: make(chan error, 1), over: make(chan struct{})}
}

// Close ends all links, and returns once nothing of them runs.
func (c *Crowd) Close() {
	close(c.over)
	for _, l := range c.links {
		_ = l.conn.Close() // there is nothing left to lose
	}
	if c.client != nil {
		_ = c.client.conn.Close()
	}
	c.all.Wait()
}

// newBoot is that of a server that has just started.
func newBoot() herd.Boot {
	var b [8]byte
	rand.Read(b[:]) // never fails: it ends the program rather than give weak bytes
	return herd.Boot(binary.BigEndian.Uint64(b[:]))
}

func (c *Crowd) dial(ctx context.Context, address string) (*link, error) {
	var dialler net.Dialer
	conn, err := dialler.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return &link{crowd: c, conn: conn}, nil
}

// shake plays the handshake to its end. Nothing may come behind it that is not listened
// to, so it reads no more than the lines of it.
func (l *link) shake(identity *herd.Identity) error {
	var nonce herd.Nonce
	rand.Read(nonce[:])
	if err := l.conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	h := herd.NewDialler(identity, Hub, nonce)
	if _, err := l.conn.Write(h.Start()); err != nil {
		return err
	}
	in := bufio.NewReader(l.conn)
	for done := false; !done; {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return err
		}
		var send []byte
		if send, done, err = h.Receive(line[:len(line)-1]); err != nil {
			return err
		}
		if _, err := l.conn.Write(send); err != nil {
			return err
		}
	}
	l.rest, _ = in.Peek(in.Buffered())
	return l.conn.SetDeadline(time.Time{})
}
