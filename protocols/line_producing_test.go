package protocols_test

import (
	"strings"
	"testing"

	"proxyherd/reactor"
	"proxyherd/reactor/reactortest"
)

func TestLineReceiverProducing(t *testing.T) {
	t.Run("a pause within a line keeps the others until resumed", func(t *testing.T) { // PM1, PM2, LR19
		s := &lineSession{}
		s.line = func(line string) error {
			if line == "pause" {
				s.PauseProducing()
			}
			return nil
		}
		transport := connect(s)
		feed(t, s, "a\r\npause\r\nb\r\nc")
		s.expect(t, `line "a"`, `line "pause"`)
		if transport.ProducerState != reactortest.Paused {
			t.Fatalf("transport is %v", transport.ProducerState)
		}
		feed(t, s, "d\r\n")
		s.expect(t)
		s.ResumeProducing()
		s.expect(t, `line "b"`, `line "cd"`)
		if transport.ProducerState != reactortest.Producing {
			t.Fatalf("transport is %v", transport.ProducerState)
		}
	})
	t.Run("a pause before raw mode keeps the raw bytes", func(t *testing.T) {
		s := &lineSession{}
		s.line = func(line string) error {
			if line == "rawpause" {
				s.PauseProducing()
				s.SetRawMode()
			}
			return nil
		}
		s.raw = func(string) error { return s.SetLineMode(nil) }
		connect(s)
		feed(t, s, "a\r\nrawpause\r\nbcd")
		s.expect(t, `line "a"`, `line "rawpause"`)
		s.ResumeProducing()
		s.expect(t, `raw "bcd"`)
		feed(t, s, "e\r\n")
		s.expect(t, `line "e"`)
	})
	t.Run("while paused the length is not checked, on resuming it is", func(t *testing.T) { // LR19
		s := &lineSession{tooLong: func(string) error { return nil }}
		s.MaxLength = 5
		connect(s)
		s.PauseProducing()
		feed(t, s, "123456")
		s.expect(t)
		s.ResumeProducing()
		s.expect(t, `too long "123456"`)
	})
	t.Run("each resume delivers one line to who pauses again", func(t *testing.T) {
		s := &lineSession{}
		s.line = func(string) error { s.PauseProducing(); return nil }
		connect(s)
		feed(t, s, "a\r\nb\r\nc\r\n")
		s.expect(t, `line "a"`)
		s.ResumeProducing()
		s.expect(t, `line "b"`)
		s.ResumeProducing()
		s.expect(t, `line "c"`)
		s.ResumeProducing()
		s.expect(t)
	})
	t.Run("stopping within a line ends delivery", func(t *testing.T) { // PM3
		s := &lineSession{}
		s.line = func(string) error { s.StopProducing(); return nil }
		transport := connect(s)
		feed(t, s, "a\r\nb\r\n")
		s.expect(t, `line "a"`)
		if transport.ProducerState != reactortest.Stopped {
			t.Fatalf("transport is %v", transport.ProducerState)
		}
	})
	t.Run("an error while resuming aborts the connection", func(t *testing.T) {
		s := &lineSession{}
		s.line = func(string) error { return errStop }
		transport := connect(s)
		s.PauseProducing()
		feed(t, s, "a\r\n")
		s.ResumeProducing()
		if !transport.Aborted {
			t.Fatal("not aborted")
		}
	})
	t.Run("registered as a producer between two lines it loses none", func(t *testing.T) {
		s := &lineSession{}
		transport := &asking{}
		s.line = func(line string) error {
			switch line {
			case "produce":
				return s.Transport.RegisterProducer(s, false)
			case "unproduce":
				s.Transport.UnregisterProducer()
			}
			return nil
		}
		s.MakeConnection(s, transport)
		feed(t, s, "produce\r\na\r\nunproduce\r\nb\r\n")
		s.expect(t, `line "produce"`, `line "a"`, `line "unproduce"`, `line "b"`)
		if transport.Producer != nil || transport.asked != 1 {
			t.Fatalf("producer %v, asked %d times", transport.Producer, transport.asked)
		}
	})
}

// asking asks a pull producer for its first piece at once, as a reactor's
// transport does.
type asking struct {
	reactortest.StringTransport
	asked int
}

func (a *asking) RegisterProducer(producer reactor.Producer, streaming bool) error {
	err := a.StringTransport.RegisterProducer(producer, streaming)
	if err == nil && !streaming {
		a.asked++
		producer.ResumeProducing()
	}
	return err
}

func TestPausedBufferIsReleased(t *testing.T) {
	s := &lineSession{}
	connect(s)
	s.PauseProducing()
	feed(t, s, strings.Repeat("line\r\n", 10_000)+"rest")
	s.ResumeProducing()
	if len(s.events) != 10_000 {
		t.Fatalf("%d lines", len(s.events))
	}
	if rest := s.ClearLineBuffer(); string(rest) != "rest" || cap(rest) > 64 {
		t.Fatalf("%q kept in %d bytes", rest, cap(rest))
	}
}
