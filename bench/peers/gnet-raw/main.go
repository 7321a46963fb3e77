// Command gnet-raw is a server of IAMAT on gnet.Run with a Go map and nothing else: what
// the bench measures the herd's reactor against.
//
//	gnet-raw NAME HOST PORT
//
// It reads lines with the herd's own parser, keeps each client's newest report by the
// herd's order and answers with the exact difference of the clocks. It has no neighbours,
// no upstream (WHATSAT gets the client's AT line and one line of JSON that says so), no
// log and no bounds. What gnet.Run cannot do, it does not: a client's half-close ends the
// connection, and with it a line that has no end.
package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/panjf2000/gnet/v2"

	"proxyherd/herd"
)

const (
	future = 5 * time.Minute // as Config.Future
	// most is a WHATSAT's largest limit.
	most = 100
	// noUpstream is the second line of a WHATSAT's answer.
	noUpstream = `{"error":"this server has no upstream"}` + "\n"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: gnet-raw NAME HOST PORT")
		os.Exit(2)
	}
	s := &server{name: []byte(os.Args[1]), records: make(map[string]*kept)}
	address := "tcp://" + net.JoinHostPort(os.Args[2], os.Args[3])
	// Without WithReusePort a second loop accepts, on a thread of its own.
	if err := gnet.Run(s, address, gnet.WithNumEventLoop(1), gnet.WithReusePort(true), gnet.WithTCPNoDelay(gnet.TCPNoDelay)); err != nil {
		fmt.Fprintln(os.Stderr, "gnet-raw:", err)
		os.Exit(1)
	}
}

// server is all there is; one loop calls it.
type server struct {
	gnet.BuiltinEventEngine
	name    []byte
	records map[string]*kept

	// Used again for each line.
	command    herd.Command
	difference []byte
	out        []byte
}

// kept is a client's newest report: the record is a view of its line.
type kept struct {
	line   []byte
	record herd.Record
}

// begun is the context of a connection that has had its first line.
type begun struct{}

// OnTraffic answers the whole lines that have come, in one write.
func (s *server) OnTraffic(c gnet.Conn) gnet.Action {
	data, err := c.Peek(-1)
	if err != nil {
		return gnet.Close
	}
	now := time.Now()
	received := herd.Unix(now.Unix(), now.Nanosecond())
	s.out = s.out[:0]
	taken, action := 0, gnet.None
	for action == gnet.None {
		n := bytes.IndexByte(data[taken:], '\n')
		if n > herd.MaxClientLine || n < 0 && len(data)-taken > herd.MaxClientLine {
			s.out = fmt.Appendf(s.out, "? line longer than %d bytes\n", herd.MaxClientLine)
			action = gnet.Close
		}
		if n < 0 || action == gnet.Close {
			break
		}
		line := bytes.TrimSuffix(data[taken:taken+n], []byte{'\r'})
		taken += n + 1
		if c.Context() == nil {
			c.SetContext(begun{})
			if herd.EndsInHTTPVersion(line) {
				s.invalid(line)
				action = gnet.Close
				break
			}
		}
		s.answer(line, received)
	}
	if _, err := c.Write(s.out); err != nil {
		return gnet.Close
	}
	if _, err := c.Discard(taken); err != nil {
		return gnet.Close
	}
	return action
}

// answer appends the answer to one line.
func (s *server) answer(line []byte, now herd.Timestamp) {
	c := &s.command
	if !herd.ParseCommand(line, c) {
		s.invalid(line)
		return
	}
	known := s.records[string(c.ID)]
	switch {
	case c.Verb == herd.IAMAT:
		s.report(c, known, now)
	case known != nil && c.Limit <= most:
		s.out = append(append(s.out, known.line...), noUpstream...)
	default:
		s.invalid(line)
	}
}

func (s *server) invalid(line []byte) {
	s.out = append(append(append(s.out, "? "...), line...), '\n')
}

// report answers an IAMAT, and keeps it if it is the client's newest.
func (s *server) report(c *herd.Command, known *kept, now herd.Timestamp) {
	s.difference = herd.AppendDifference(s.difference[:0], now.Sub(c.Client))
	r := herd.Record{
		Server: s.name, Difference: s.difference,
		ID: c.ID, Location: c.Location, Time: c.Time, Client: c.Client, Received: now,
	}
	start := len(s.out)
	s.out = r.AppendLine(s.out)
	if known == nil {
		known = new(kept)
		s.records[string(c.ID)] = known
	} else if herd.Compare(&r, &known.record, future) <= 0 {
		return
	}
	known.keep(s.out[start:], r)
}

// keep copies the line and makes the record a view of the copy.
func (k *kept) keep(line []byte, r herd.Record) {
	k.line = append(k.line[:0], line...)
	rest := k.line[len("AT "):]
	for _, field := range []*[]byte{&r.Server, &r.Difference, &r.ID, &r.Location, &r.Time} {
		n := len(*field)
		*field, rest = rest[:n], rest[n+1:]
	}
	k.record = r
}
