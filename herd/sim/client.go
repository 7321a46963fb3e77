package sim

import (
	"bytes"
	"strings"

	"proxyherd/protocols"
	"proxyherd/reactor"
)

// client is one connection of a client's. It checks every line that it gets.
type client struct {
	protocols.Protocol
	world *world
	name  string
	to    *member
	life  int // of the server, when the client connected

	unsent  []byte // before the connection is there
	begun   string // of a line that it has not ended
	first   bool   // it has sent no whole line yet
	ending  bool   // it sends no more
	resting bool   // it takes nothing
	aborted bool

	owed     []owed // what it waits for, in order
	received []byte // of a line that has not ended
	ended    bool   // no more will come
	excused  bool   // the server may end the connection with answers owed
	served   bool   // an answer has come
}

// owed is a command whose answer has not come yet.
type owed struct {
	command
	sent  moment  // by the server's clock
	set   bool    // the server's clock had been set by then
	least *report // the newest report of the id that the server had shown by then; nil: there is none
	shown *report // the first line of a WHATSAT's answer, once it has come
	asked bool    // it has
}

func (w *world) connect(name string, m *member) {
	c := &client{world: w, name: name, to: m, life: m.life, first: true, excused: m.server == nil || m.ending}
	w.talkers[name] = c
	w.all = append(w.all, c)
	w.clients.ConnectTCP(m.address.Addr().String(), int(m.address.Port()), (*dialler)(c), 0, nil)
}

// send sends bytes, with the end of a line or without, and takes note of the lines in
// them.
func (c *client) send(text string, ended bool) {
	if c.ending || c.ended {
		return
	}
	sent := append(c.world.scratch[:0], text...)
	if ended {
		sent = append(sent, '\n')
	}
	c.world.scratch = sent
	if c.Transport == nil {
		c.unsent = append(c.unsent, sent...)
	} else {
		c.Transport.Write(sent)
	}
	for {
		line, rest, whole := strings.Cut(text, "\n")
		line, c.begun = c.begun+line, ""
		if !whole && !ended {
			c.begun = line
			return
		}
		c.said(strings.TrimSuffix(line, "\r"))
		if !whole {
			return
		}
		text = rest
	}
}

// said takes note of a whole line.
func (c *client) said(line string) {
	w := c.world
	o := owed{command: parseCommand(line, c.first), sent: w.clock(c.to), set: c.to.set}
	c.first = false
	w.verbs[o.verb]++
	o.least = c.to.seen[o.id]
	switch o.verb {
	case iamat:
		w.ledger.said(c.to.name, o.command)
	case overlong, webPage:
		c.excused = true
	}
	c.owed = append(c.owed, o)
}

// end sends no more; text without an end is a line too.
func (c *client) end() {
	if c.ending || c.ended {
		return
	}
	c.ending = true
	if c.begun != "" {
		c.said(c.begun)
	}
	if c.Transport != nil {
		c.Transport.(reactor.TCPTransport).LoseWriteConnection()
	}
}

func (c *client) abort() bool {
	if c.ended || c.Transport == nil {
		return false
	}
	c.aborted, c.ending, c.excused = true, true, true
	c.Transport.AbortConnection()
	return true
}

// rest takes no more answers until read.
func (c *client) rest() bool {
	if c.resting || c.ended {
		return false
	}
	c.resting = true
	if c.Transport != nil {
		c.Transport.PauseProducing()
	}
	return true
}

func (c *client) read() {
	if c.resting && !c.ended && c.Transport != nil {
		c.Transport.ResumeProducing()
	}
	c.resting = false
}

// ConnectionMade sends what has waited.
func (c *client) ConnectionMade() {
	c.Transport.Write(c.unsent)
	if c.resting {
		c.Transport.PauseProducing()
	}
	if c.ending {
		c.Transport.(reactor.TCPTransport).LoseWriteConnection()
	}
}

// DataReceived takes the lines that have come.
func (c *client) DataReceived(_ reactor.Protocol, data []byte) error {
	c.served = true
	for {
		end := bytes.IndexByte(data, '\n')
		if end < 0 {
			c.received = append(c.received, data...)
			return nil
		}
		line := data[:end]
		if len(c.received) > 0 {
			line = append(c.received, line...)
			c.received = line[:0]
		}
		data = data[end+1:]
		c.answered(line)
	}
}

// ReadConnectionLost makes the client half-closeable: it hears the server out.
func (c *client) ReadConnectionLost() {
	c.over("the server has ended the connection")
	c.Transport.LoseConnection()
}

// WriteConnectionLost tells that the last line is out.
func (c *client) WriteConnectionLost() {}

// ConnectionLost is the end.
func (c *client) ConnectionLost(reason error) { c.over(reason.Error()) }

// over takes note that no more will come.
func (c *client) over(why string) {
	if c.ended {
		return
	}
	c.ended = true
	if c.world.watch.Note != nil {
		c.world.note("%s: %s", c.name, why)
	}
	if len(c.owed) > 0 && !c.mayEnd() {
		c.violated("%s, and %d commands are not answered, the first of them %q", why, len(c.owed), short(c.owed[0].line))
	}
}

// mayEnd reports whether the server may end the connection with answers owed.
func (c *client) mayEnd() bool {
	return c.excused || c.life != c.to.life || c.to.server == nil || c.to.ending || c.world.fight.Setup.hasty()
}

func (c *client) violated(format string, args ...any) {
	c.world.violated("answers", "%s at %s: "+format, append([]any{c.name, c.to.name}, args...)...)
}

// short cuts a long line for a message.
func short(line string) string {
	const enough = 120
	if len(line) <= enough {
		return line
	}
	return line[:enough] + "..."
}

// dialler is the factory of a client.
type dialler client

// BuildProtocol gives the client its connection.
func (d *dialler) BuildProtocol(reactor.Address) reactor.Protocol { return (*client)(d) }

// DoStart, DoStop, StartedConnecting and ClientConnectionLost have nothing to add.
func (d *dialler) DoStart(reactor.Factory)                       {}
func (d *dialler) DoStop(reactor.Factory)                        {}
func (d *dialler) StartedConnecting(reactor.Connector)           {}
func (d *dialler) ClientConnectionLost(reactor.Connector, error) {}

// ClientConnectionFailed ends a client that never had a connection: it is owed
// nothing.
func (d *dialler) ClientConnectionFailed(reactor.Connector, error) {
	d.ended, d.owed = true, nil
}
