package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/upstream"
)

const (
	readBuffer = 64 << 10         // bytes: more than the longest line
	waiting    = 64               // answers that may wait for a client
	linger     = 10 * time.Second // how long we read from a client that we have said goodbye to
)

// bounds are what may be asked: the zero ones are those of Twitter's search.
var bounds herd.Bounds

// session is a client's connection. One goroutine reads and carries out, another writes
// the answers in their order.
type session struct {
	*service
	conn    *net.TCPConn
	answers chan answer

	begun    bool     // a first line has come
	goodbye  bool     // it was us who ended it
	reports  []report // to be kept before text leaves
	text     []byte   // answers that are made
	command  herd.Command
	received herd.Timestamp
}

// answer is one place in the order of a client's answers: lines, and the upstream's line
// behind them where one was asked for.
type answer struct {
	text []byte
	line <-chan []byte
}

// run serves the client to its end. The error is why it was cut off.
func (c *session) run() error {
	defer c.conn.Close()
	c.answers = make(chan answer, waiting)
	written := make(chan struct{})
	go func() {
		defer close(written)
		c.write()
	}()
	err := c.read()
	close(c.answers)
	<-written
	if err == nil && c.goodbye {
		c.hangUp()
	}
	return err
}

// write writes answers as they are there. Nobody takes those after a failure.
func (c *session) write() {
	for a := range c.answers {
		text := a.text
		if a.line != nil {
			text = append(append(text, <-a.line...), '\n')
		}
		if _, err := c.conn.Write(text); err != nil {
			c.conn.Close() // and so the reader ends
		}
	}
}

// read carries out what comes, all the whole lines of a piece at once, until the client
// has said everything or is told goodbye.
func (c *session) read() error {
	buffer := make([]byte, readBuffer)
	kept := 0 // bytes of a line that is not whole
	for {
		n, err := c.conn.Read(buffer[kept:])
		now := time.Now()
		c.received = herd.Unix(now.Unix(), now.Nanosecond())
		rest, failed := c.lines(buffer[:kept+n])
		switch {
		case failed != nil || c.goodbye:
		case errors.Is(err, io.EOF) && len(rest) > 0:
			failed = c.line(rest) // left without an end, it is a line too
		case len(rest) > herd.MaxClientLine+len("\r"):
			c.tooLong()
		}
		if failed == nil {
			failed = c.flush()
		}
		if failed != nil {
			return failed
		}
		if c.goodbye || err != nil {
			return nil // a client that is lost is none that was cut off
		}
		kept = copy(buffer, rest)
	}
}

// lines carries out the whole lines, and returns what follows them.
func (c *session) lines(data []byte) (rest []byte, err error) {
	for !c.goodbye && err == nil {
		end := bytes.IndexByte(data, '\n')
		if end < 0 {
			break
		}
		err = c.line(data[:end])
		data = data[end+1:]
	}
	return data, err
}

// line carries out one, given without its LF. What it asks of the database is collected,
// where the order allows that. The error is the database's.
func (c *session) line(line []byte) (err error) {
	line = bytes.TrimSuffix(line, []byte{'\r'})
	if len(line) > herd.MaxClientLine {
		c.tooLong()
		return nil
	}
	first := !c.begun
	c.begun = true
	switch {
	case !herd.ParseCommand(line, &c.command):
		c.text = herd.AppendRefusal(c.text, line)
	case c.command.Verb == herd.IAMAT:
		c.report()
	default:
		err = c.question(line)
	}
	c.goodbye = first && herd.EndsInHTTPVersion(line)
	return err
}

func (c *session) tooLong() {
	c.text = fmt.Appendf(c.text, "? line longer than %d bytes\n", herd.MaxClientLine)
	c.goodbye = true
}

// report answers an IAMAT. Its slices stay as they are until flush: what was appended is
// not written again.
func (c *session) report() {
	r := herd.Record{
		Server: c.name, Difference: herd.AppendDifference(nil, c.received.Sub(c.command.Client)),
		ID: c.command.ID, Location: c.command.Location, Time: c.command.Time, Client: c.command.Client, Received: c.received,
	}
	start := len(c.text)
	c.text = r.AppendLine(c.text)
	c.reports = append(c.reports, report{id: c.command.ID, rank: r.AppendOrder(nil, c.future), line: c.text[start:len(c.text):len(c.text)]})
}

// question answers a WHATSAT, which is about what was reported before it.
func (c *session) question(line []byte) error {
	if err := c.flush(); err != nil {
		return err
	}
	known, err := c.store.get(context.Background(), c.command.ID)
	if err != nil {
		return err
	}
	if known == nil || !bounds.Allow(c.command.Radius, c.command.Limit) {
		c.text = herd.AppendRefusal(c.text, line)
		return nil
	}
	var r herd.Record
	if err := herd.ParseAT(bytes.TrimSuffix(known, []byte{'\n'}), &r); err != nil {
		return fmt.Errorf("%w: what is kept there is no AT line: %w", errDatabase, err)
	}
	latitude, longitude, _ := herd.ParseLocation(r.Location) // ParseAT has read it
	asked := make(chan []byte, 1)
	ctx, cancel := context.WithTimeout(context.Background(), c.timeout)
	c.upstream.Ask(ctx, upstream.Query{
		Latitude: string(latitude), Longitude: string(longitude), Radius: string(c.command.Radius), Limit: c.command.Limit,
	}, func(result upstream.Result) {
		cancel()
		asked <- result.Line
	})
	c.answers <- answer{known, asked}
	return nil
}

// hangUp ends our half and reads until the client has ended its own: closed with
// something unread the connection would be reset, and the reset might overtake our last
// line.
func (c *session) hangUp() {
	if c.conn.CloseWrite() == nil && c.conn.SetReadDeadline(time.Now().Add(linger)) == nil {
		_, _ = io.Copy(io.Discard, c.conn) // until then, or until it has gone
	}
}

// flush has the reports kept, and then lets their answers leave.
func (c *session) flush() error {
	if len(c.reports) > 0 {
		if err := c.store.put(context.Background(), c.reports); err != nil {
			return err
		}
		clear(c.reports)
		c.reports = c.reports[:0]
	}
	if len(c.text) > 0 {
		c.answers <- answer{text: c.text}
		c.text = nil // it is the writer's
	}
	return nil
}
