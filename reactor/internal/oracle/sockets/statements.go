//go:build linux

package sockets

import (
	"strconv"
	"strings"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

// do carries a statement out. One about what does not exist does nothing.
func (w *world) do(words []string) error {
	verb, name, rest := words[0], "", []string(nil)
	if len(words) > 1 {
		name, rest = words[1], words[2:]
	}
	if do := ofWorld[verb]; do != nil {
		return do(w, name, rest)
	}
	if do := ofEnd[verb]; do != nil {
		if e := w.ends[name]; e != nil && e.transport != nil {
			return do(e, rest)
		}
		return nil
	}
	if do, c := ofClient[verb], w.clients[name]; do != nil && c != nil && c.connector != nil {
		return do(c)
	}
	return nil
}

// ofClient are the statements about a client's factory and its connector.
var ofClient = map[string]func(c *client) error{
	"reconnect": func(c *client) error {
		if c.retrying || c.givingUp {
			return nil
		}
		return c.connector.Connect()
	},
	"stopconnecting": func(c *client) error {
		if c.attemptOfHook() {
			return nil
		}
		c.givingUp = true
		defer func() { c.givingUp = false }()
		return c.connector.StopConnecting()
	},
	"disconnect": func(c *client) error {
		if e := c.world.ends["c"+c.number]; e != nil && c.connector.State() == reactor.Connected {
			return e.close(c.connector.Disconnect)
		}
		if c.attemptOfHook() {
			return nil
		}
		c.givingUp = true
		defer func() { c.givingUp = false }()
		c.connector.Disconnect()
		return nil
	},
	"stoptrying": func(c *client) error {
		if c.retrying && c.failures > 0 {
			c.StopTrying()
		}
		return nil
	},
	"resetdelay": func(c *client) error {
		if c.retrying {
			c.ResetDelay()
		}
		return nil
	},
}

// attemptOfHook reports whether a hook that tells of the last attempt, or of its
// connection, has started the one under way.
func (c *client) attemptOfHook() bool {
	return c.telling && c.connector.State() == reactor.Connecting
}

// ofWorld are the others: those about ports, triggers and the reactor.
var ofWorld map[string]func(w *world, name string, rest []string) error

func init() { // a literal would be a cycle: a reaction carries statements out
	ofWorld = map[string]func(w *world, name string, rest []string) error{
		"connect":  connect,
		"listen":   listenOn,
		"clash":    clash,
		"unlisten": unlisten,
		"relisten": relisten,
		"trigger":  addTrigger,
		"remove": func(w *world, name string, _ []string) error {
			if id, ok := w.triggers[name]; ok {
				return w.reactor.RemoveSystemEventTrigger(id)
			}
			return nil
		},
		"fire":  func(w *world, name string, _ []string) error { fire(w, name); return nil },
		"event": func(w *world, name string, _ []string) error { w.reactor.FireSystemEvent(name); return nil },
		"stop": func(w *world, _ string, _ []string) error {
			for _, e := range w.ends {
				if !e.gone && (!e.reading() || e.peerEnds()) {
					return nil
				}
			}
			return w.reactor.Stop()
		},
	}
}

// connect makes client number name[1:] and connects it.
func connect(w *world, name string, rest []string) error {
	n := strings.TrimPrefix(name, "c")
	if w.clients["f"+n] != nil {
		return nil
	}
	w.options[n] = rest
	retries := -1
	for i, option := range rest {
		if option == "retry" {
			retries = number(rest, i+1)
		}
	}
	c := newClient(w, n, retries)
	w.clients[c.name] = c
	w.reactor.ConnectTCP(host, w.reserved.number(rest[0]), c, 0, reactor.IPv4Address{Host: "127.0.0.1" + n})
	return nil
}

func listenOn(w *world, name string, _ []string) error {
	if w.ports[name] != nil {
		return nil
	}
	f := &portFactory{world: w, name: name}
	port, err := w.reactor.ListenTCP(w.reserved.number(name), f, 0, host)
	if err != nil {
		return err
	}
	f.port, f.listening = port, true
	w.ports[name] = f
	return nil
}

func clash(w *world, name string, _ []string) error {
	if f := w.ports[name]; f == nil || !f.listening {
		return nil
	}
	_, err := w.reactor.ListenTCP(w.reserved.number(name), &portFactory{world: w, name: name}, 0, host)
	return err
}

func unlisten(w *world, name string, _ []string) error {
	f := w.ports[name]
	if f == nil || !f.listening {
		return nil
	}
	f.listening = false
	closed := f.port.StopListening()
	if closed == nil {
		f.note("closed") // the reactor has stopped, and closed it before
		return nil
	}
	closed.AddCallback(func(struct{}) (struct{}, error) {
		f.note("closed")
		return struct{}{}, nil
	})
	return nil
}

func relisten(w *world, name string, _ []string) error {
	f := w.ports[name]
	if f == nil || f.listening {
		return nil
	}
	f.listening = true
	return f.port.StartListening()
}

// addTrigger registers a trigger that tells how far the shutdown has come.
func addTrigger(w *world, name string, rest []string) error {
	if _, there := w.triggers[name]; there {
		return nil
	}
	phase := map[string]reactor.Phase{"before": reactor.Before, "during": reactor.During, "after": reactor.After}[rest[0]]
	id, err := w.reactor.AddSystemEventTrigger(phase, rest[1], func() *deferred.Deferred[struct{}] {
		delete(w.triggers, name)
		w.note("reactor", "trigger", name, rest[0], w.reactor.Running(), w.lost, w.stopped)
		w.enter("trigger " + name)
		if len(rest) < 3 {
			return nil
		}
		w.waits[name] = deferred.New[struct{}](nil)
		return w.waits[name]
	})
	if err == nil {
		w.triggers[name] = id
	}
	return err
}

func fire(w *world, name string) {
	if d := w.waits[name]; d != nil {
		delete(w.waits, name)
		d.Callback(struct{}{})
	}
}

// number is the i-th word as a number, 0 if it is none.
func number(words []string, i int) int {
	if i >= len(words) {
		return 0
	}
	n, _ := strconv.Atoi(words[i])
	return n
}
