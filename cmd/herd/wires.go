package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"

	"proxyherd/herd"
)

// errNoLink is two servers that no link is between.
var errNoLink = errors.New("there is no link between them")

// wires are what the demo's servers dial in their neighbours' place, so that a link
// between two of them can be cut.
type wires struct{ list []*wire }

// wire is the way between two servers, one for each of them to dial.
type wire struct {
	ends [2]string
	ways [2]*way // to the second, and to the first
}

// newWires opens a wire for each link of config. close closes them.
func newWires(config herd.Config) (*wires, error) {
	w := &wires{}
	for _, s := range config.Servers {
		for _, name := range s.TalksTo {
			if s.Name > name {
				continue // the other one lists it too
			}
			peer, _ := config.Server(name) // the config has passed Check
			there, err := newWay(peer.Peers)
			if err != nil {
				return nil, errors.Join(err, w.close())
			}
			back, err := newWay(s.Peers)
			if err != nil {
				return nil, errors.Join(err, there.close(), w.close())
			}
			w.list = append(w.list, &wire{[2]string{s.Name, name}, [2]*way{there, back}})
		}
	}
	return w, nil
}

// seenBy is config as the named server gets it: its neighbours are at their wires.
func (w *wires) seenBy(name string, config herd.Config) herd.Config {
	config.Servers = slices.Clone(config.Servers)
	for i := range config.Servers {
		peer := &config.Servers[i]
		if way := w.way(name, peer.Name); way != nil {
			peer.Peers = way.listener.Addr().String()
		}
	}
	return config
}

func (w *wires) way(from, to string) *way {
	for _, wire := range w.list {
		switch {
		case wire.ends == [2]string{from, to}:
			return wire.ways[0]
		case wire.ends == [2]string{to, from}:
			return wire.ways[1]
		}
	}
	return nil
}

// cut cuts or mends the link between two servers. The error is errNoLink.
func (w *wires) cut(a, b string, cut bool) error {
	there, back := w.way(a, b), w.way(b, a)
	if there == nil {
		return fmt.Errorf("%s and %s: %w", a, b, errNoLink)
	}
	there.set(cut)
	back.set(cut)
	return nil
}

// areCut are the links that are cut, in the order of the config.
func (w *wires) areCut() [][2]string {
	list := [][2]string{}
	for _, wire := range w.list {
		if wire.ways[0].isCut() {
			list = append(list, wire.ends)
		}
	}
	return list
}

func (w *wires) close() error {
	var failed []error
	for _, wire := range w.list {
		failed = append(failed, wire.ways[0].close(), wire.ways[1].close())
	}
	return errors.Join(failed...)
}

// way passes connections on to an address, unless it is cut.
type way struct {
	listener net.Listener
	to       string
	running  sync.WaitGroup

	mu    sync.Mutex
	cut   bool
	conns map[net.Conn]bool
}

func newWay(to string) (*way, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("a wire of the demo's: %w", err)
	}
	w := &way{listener: listener, to: to, conns: make(map[net.Conn]bool)}
	w.running.Go(w.accept)
	return w, nil
}

// accept ends with the listener.
func (w *way) accept() {
	for {
		conn, err := w.listener.Accept()
		if err != nil {
			return
		}
		w.running.Go(func() { w.pass(conn) })
	}
}

// pass connects the two ends until one of them is gone.
func (w *way) pass(from net.Conn) {
	defer w.drop(from)
	if !w.keep(from) {
		return
	}
	to, err := net.Dial("tcp", w.to)
	if err != nil {
		return // nobody is there: from is dropped, and sees as much
	}
	defer w.drop(to)
	if !w.keep(to) {
		return
	}
	var both sync.WaitGroup
	both.Go(func() { pour(to, from) })
	both.Go(func() { pour(from, to) })
	both.Wait()
}

// pour copies to the end, and then says so. A connection that fails ends the other.
func pour(to, from net.Conn) {
	if _, err := io.Copy(to, from); err != nil {
		_, _ = to.Close(), from.Close() // gone, whatever they say
		return
	}
	_ = to.(*net.TCPConn).CloseWrite() // the error is that it is gone
}

// keep has a connection, unless the way is cut.
func (w *way) keep(c net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cut {
		return false
	}
	w.conns[c] = true
	return true
}

func (w *way) drop(c net.Conn) {
	_ = c.Close() // it may be closed already
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.conns, c)
}

// set cuts the way, and whatever goes over it, or mends it.
func (w *way) set(cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = cut
	if cut {
		for c := range w.conns { // in no order: nothing is written
			_ = c.Close()
		}
	}
}

func (w *way) isCut() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.cut
}

// close ends the way and waits until nothing goes over it.
func (w *way) close() error {
	err := w.listener.Close()
	w.set(true)
	w.running.Wait()
	return err
}
