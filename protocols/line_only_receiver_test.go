package protocols_test

import (
	"errors"
	"strings"
	"testing"

	"proxyherd/protocols"
	"proxyherd/reactor"
)

// onlySession notes what a LineOnlyReceiver delivers.
type onlySession struct {
	protocols.LineOnlyReceiver
	events []string
	line   func(line string) error
}

func (s *onlySession) LineReceived(line []byte) error {
	s.events = append(s.events, string(line))
	if s.line == nil {
		return nil
	}
	return s.line(string(line))
}

func TestLineOnlyReceiver(t *testing.T) {
	t.Run("every split of a stream gives the same lines", func(t *testing.T) { // LO1
		const stream = "a\r\n\r\n\nb\rc\r\nd"
		splits := everySplit(stream, func(chunks []string) {
			s := &onlySession{}
			connect(s)
			for _, chunk := range append(chunks, "e\r\n") {
				feed(t, s, chunk)
			}
			same(t, "lines", s.events, "a", "", "\nb\rc", "de")
		})
		if splits != 2048 {
			t.Fatalf("%d splits checked", splits)
		}
	})
	t.Run("byte by byte it gives exactly the delimited lines", func(t *testing.T) {
		s := &onlySession{}
		s.Delimiter = []byte("\n")
		connect(s)
		for _, b := range []byte("first\nsecond\n\nfourth\nnever ended") {
			feed(t, s, string(b))
		}
		same(t, "lines", s.events, "first", "second", "", "fourth")
	})
	t.Run("after LoseConnection the chunk's other lines are gone", func(t *testing.T) { // LO2
		s := &onlySession{}
		s.line = func(string) error { s.Transport.LoseConnection(); return nil }
		connect(s)
		feed(t, s, "a\r\nb\r\nc")
		same(t, "lines", s.events, "a")
		connect(s)
		feed(t, s, "d\r\n")
		same(t, "lines", s.events, "a", "cd")
	})
	t.Run("after a line that is too long only the unfinished one stays", func(t *testing.T) { // LO3
		s := &onlySession{}
		s.MaxLength = 3
		connect(s)
		if err := feedErr(s, "abc\r\nabcd\r\ngone\r\nx"); !errors.Is(err, protocols.ErrLineTooLong) {
			t.Fatalf("DataReceived = %v", err)
		}
		feed(t, s, "y\r\n")
		same(t, "lines", s.events, "abc", "xy")
	})
	t.Run("a limit set within LineReceived counts from the next line on", func(t *testing.T) { // LO3
		s := &onlySession{}
		s.line = func(line string) error { s.MaxLength = len(line); return nil }
		connect(s)
		if err := feedErr(s, "abc\r\nab\r\nabc\r\n"); !errors.Is(err, protocols.ErrLineTooLong) {
			t.Fatalf("DataReceived = %v", err)
		}
		same(t, "lines", s.events, "abc", "ab")
		if err := feedErr(s, "a\r\nab"); !errors.Is(err, protocols.ErrLineTooLong) { // an unfinished one too
			t.Fatalf("DataReceived = %v", err)
		}
		same(t, "lines", s.events, "abc", "ab", "a")
	})
	t.Run("an unfinished line is bounded, the delimiter's part counts", func(t *testing.T) { // LO4
		s := &onlySession{}
		s.MaxLength = 3
		connect(s)
		feed(t, s, "abc")
		for range 2 { // it stays in the buffer
			if err := feedErr(s, "\r"); !errors.Is(err, protocols.ErrLineTooLong) {
				t.Fatalf("DataReceived = %v", err)
			}
		}
	})
	t.Run("by default only the error ends the connection", func(t *testing.T) { // LO1, LO5
		s := &onlySession{}
		transport := connect(s)
		feed(t, s, strings.Repeat("x", protocols.DefaultMaxLineLength))
		err := feedErr(s, "x\r\n")
		if !errors.Is(err, reactor.ErrConnectionLost) || transport.Disconnecting() || len(s.events) != 0 {
			t.Fatalf("DataReceived = %v, disconnecting %v, lines %q", err, transport.Disconnecting(), s.events)
		}
	})
	t.Run("an error of LineReceived is returned and drops the chunk's other lines", func(t *testing.T) { // LO6
		s := &onlySession{line: func(string) error { return errStop }}
		connect(s)
		if err := feedErr(s, "a\r\nb\r\nc"); !errors.Is(err, errStop) {
			t.Fatalf("DataReceived = %v", err)
		}
		s.line = nil
		feed(t, s, "d\r\n")
		same(t, "lines", s.events, "a", "cd")
	})
	t.Run("SendLine writes the line, then the delimiter", func(t *testing.T) { // LO6
		s := &onlySession{}
		transport := connect(s)
		s.SendLine([]byte("a"))
		if got := transport.Value(); got != "a\r\n" {
			t.Fatalf("wrote %q", got)
		}
	})
	t.Run("it cannot be paused", func(t *testing.T) { // LO6
		if _, ok := any(&onlySession{}).(reactor.PushProducer); ok {
			t.Fatal("it is a producer")
		}
	})
}
