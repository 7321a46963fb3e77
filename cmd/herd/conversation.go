package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync/atomic"
	"time"
)

// What can go wrong with a conversation, beside what the network says.
var (
	errUnanswered = errors.New("the server ended the connection before all was answered")
	errSilent     = errors.New("the server did not answer in time")
	errInvalid    = errors.New("the server took a line for invalid")
)

// conversation is one client's connection: lines go out, answers come in.
type conversation struct {
	lines   io.Reader     // what to send
	out     io.Writer     // takes the answers as they come
	strict  bool          // an invalid line is an error
	timeout time.Duration // for the connection, and for each answer once all is sent

	conn     *net.TCPConn
	sent     lineCount
	finished atomic.Bool  // all is sent
	failure  atomic.Value // error: the lines could not be read
	answered int          // lines that begin an answer
	invalid  int          // of those, how many begin with "?"
	inLine   bool         // the last byte that came was no line's end
}

// with talks to the server at address until it ends the connection, which it
// does when all is answered. The error wraps one of this file's, or the network's.
func (t *conversation) with(ctx context.Context, address string) error {
	dialer := net.Dialer{Timeout: t.timeout}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("nobody answers at %s (is the server running?): %w", address, err)
	}
	t.conn = conn.(*net.TCPConn) // "tcp" dials nothing else
	defer t.conn.Close()
	// Sending does not wait for answers, nor the other way round: a server stops
	// reading from a client that does not take its answers. The answers' end is
	// the conversation's end, even if standard input goes on.
	go t.send()
	return t.judge(t.receive())
}

// send sends all lines and says that no more will come. If the connection breaks,
// receive sees it too and tells why.
func (t *conversation) send() {
	_, err := io.Copy(io.MultiWriter(t.conn, &t.sent), inputReader{t})
	if t.failure.Load() != nil {
		_ = t.conn.Close()
		return
	}
	if err == nil {
		t.finished.Store(true)
		_ = t.conn.SetReadDeadline(time.Now().Add(t.timeout))
		_ = t.conn.CloseWrite()
	}
}

// inputReader reads the lines, and notes an error of theirs: after io.Copy it
// could not be told from one of the connection's.
type inputReader struct{ t *conversation }

func (r inputReader) Read(p []byte) (int, error) {
	n, err := r.t.lines.Read(p)
	if err != nil && err != io.EOF {
		r.t.failure.Store(err)
	}
	return n, err
}

// receive copies the answers to their end.
func (t *conversation) receive() error {
	buffer := make([]byte, 64<<10)
	for {
		n, err := t.conn.Read(buffer)
		t.look(buffer[:n])
		if _, err := t.out.Write(buffer[:n]); err != nil {
			return fmt.Errorf("writing the answers: %w", err)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if t.finished.Load() {
			_ = t.conn.SetReadDeadline(time.Now().Add(t.timeout))
		}
	}
}

// look counts answers. A WHATSAT's second line is JSON, so it begins neither with
// an A nor with a question mark.
func (t *conversation) look(text []byte) {
	for _, b := range text {
		if !t.inLine && (b == 'A' || b == '?') {
			t.answered++
		}
		if !t.inLine && b == '?' {
			t.invalid++
		}
		t.inLine = b != '\n'
	}
}

// judge says how the conversation went.
func (t *conversation) judge(err error) error {
	sent := t.sent.lines()
	switch failure, _ := t.failure.Load().(error); {
	case failure != nil:
		return fmt.Errorf("reading the lines to send: %w", failure)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("%w (%v): %d of %d lines were answered; --timeout gives it longer",
			errSilent, t.timeout, t.answered, sent)
	case err != nil:
		return fmt.Errorf("after %d of %d answers: %w", t.answered, sent, err)
	case t.answered < sent || !t.finished.Load():
		return fmt.Errorf("%w: %d of %d lines were answered", errUnanswered, t.answered, sent)
	case t.strict && t.invalid > 0:
		return fmt.Errorf("%w: %s", errInvalid, count(t.invalid, "answer")+` with "?"`)
	}
	return nil
}

// lineCount counts the lines that are written to it, the last of which may lack
// its end.
type lineCount struct {
	ends atomic.Int64
	open atomic.Bool
}

func (c *lineCount) Write(p []byte) (int, error) {
	for _, b := range p {
		if b == '\n' {
			c.ends.Add(1)
		}
		c.open.Store(b != '\n')
	}
	return len(p), nil
}

func (c *lineCount) lines() int {
	n := int(c.ends.Load())
	if c.open.Load() {
		n++
	}
	return n
}
