// Package onreactor joins the geofence to a server of the herd on a reactor.
//
// Everything runs on the server's loop, so nothing here locks: the server shows what its
// store takes by a plain call, and who is told is written to within it.
package onreactor

import (
	"bytes"

	"proxyherd/docs/examples/geofence"
	"proxyherd/factories"
	"proxyherd/herd"
	"proxyherd/herd/reactorherd"
	"proxyherd/herd/wirelog"
	"proxyherd/protocols"
	"proxyherd/reactor"
)

const (
	// backlog is how many connections may wait to be accepted.
	backlog = 128
	// step is how many records a new fence is shown in one turn of the loop.
	step = 1000
)

// Service is the geofence of one server. It is the Onlooker that the server is made with.
type Service struct {
	reactor reactor.Reactor
	log     *wirelog.Log
	server  *reactorherd.Server // from Start on
	set     geofence.Set
}

// New makes a service that nobody can connect to before Start. A nil log takes nothing.
func New(r reactor.Reactor, log *wirelog.Log) *Service { return &Service{reactor: r, log: log} }

// Start listens on a port of a host, until the reactor stops.
func (s *Service) Start(server *reactorherd.Server, host string, port int) error {
	s.server = server
	listening, err := s.reactor.ListenTCP(port, factories.ForProtocol(s.newSession), backlog, host)
	if err != nil {
		return err
	}
	_, err = s.reactor.AddSystemEventTrigger(reactor.Before, "shutdown", listening.StopListening)
	return err
}

// Looking implements herd.Onlooker.
func (s *Service) Looking() bool { return s.set.Len() > 0 }

// Passed implements herd.Onlooker. The server calls it on its loop.
func (s *Service) Passed(line []byte, _ string, _ []string) { s.set.Saw(line) }

// session is one connection of somebody who sets fences.
type session struct {
	protocols.LineReceiver
	service *Service
	gone    bool
}

// What a session must have, or it is not compiled.
var _ protocols.LineProtocol = (*session)(nil)

func (s *Service) newSession(reactor.Address) reactor.Protocol {
	c := &session{service: s}
	c.Delimiter, c.MaxLength = []byte{'\n'}, geofence.MaxLine
	return c
}

// LineReceived carries out a command. No further one is read before its fence is open.
func (c *session) LineReceived(line []byte) error {
	line = bytes.TrimSuffix(line, []byte{'\r'})
	if f := c.service.set.Receive(c, line); f != nil {
		c.PauseProducing()
		c.open(f, herd.Cursor{})
	} else if herd.EndsInHTTPVersion(line) {
		c.Transport.LoseConnection() // what follows may be a web page's
	}
	return nil
}

// open shows a fence the records, some in each turn of the loop.
func (c *session) open(f *geofence.Fence, from herd.Cursor) {
	next, more := c.service.server.Walk(from, step, f.Saw)
	switch {
	case c.gone:
	case more:
		c.service.reactor.CallLater(0, func() { c.open(f, next) })
	default:
		f.Opened()
		c.ResumeProducing()
	}
}

// LineLengthExceeded says so and ends the connection.
func (c *session) LineLengthExceeded([]byte) error {
	c.Tell(geofence.TooLong)
	c.Transport.LoseConnection()
	return nil
}

// Tell implements geofence.Watcher. Whoever does not take what it is told is cut off.
func (c *session) Tell(lines []byte) {
	c.Transport.Write(lines)
	if c.Transport.(reactor.TCPTransport).Unsent() > geofence.MaxUnsent {
		c.service.log.Event(c.service.reactor.Seconds(), wirelog.Warn, "fence client cut off",
			wirelog.F("client", c.Transport.GetPeer().String()), wirelog.F("reason", geofence.SlowFence))
		c.Transport.AbortConnection() // and nothing is unsent from here on
	}
}

// ConnectionLost takes the fences away.
func (c *session) ConnectionLost(error) {
	c.gone = true
	c.service.set.Leave(c)
}
