package protocols_test

import (
	"errors"
	"strings"
	"testing"

	"proxyherd/protocols"
	"proxyherd/reactor"
)

var (
	_       protocols.LineProtocol    = (*lineSession)(nil)
	_       protocols.RawDataProtocol = (*lineSession)(nil)
	_       reactor.PushProducer      = (*lineSession)(nil)
	errStop                           = errors.New("enough")
)

func TestLineReceiver(t *testing.T) {
	for _, c := range []struct {
		name   string
		stream string
		manner func(s *lineSession)
		want   []string
		kept   string
	}{
		{"lines end at the delimiter, a lone LF or CR is data", // LR1, LR4
			"a\nb\r\n\rc\r\r\n", nil, []string{`line "a\nb"`, `line "\rc\r"`}, ""},
		{"empty lines are delivered", "\r\n\r\n", nil, []string{`line ""`, `line ""`}, ""},
		{"the delimiter can be set", "a\r\nb\n",
			func(s *lineSession) { s.Delimiter = []byte("\n") }, []string{`line "a\r"`, `line "b"`}, ""},
		{"a delimiter changed on the way counts for the rest of the chunk", // LR22
			"a\r\nb;c\r\n;d", func(s *lineSession) {
				s.line = func(string) error { s.Delimiter = []byte(";"); return nil }
			}, []string{`line "a"`, `line "b"`, `line "c\r\n"`}, "d"},
		{"raw mode takes the rest of the chunk", // LR13, LR15
			"a\r\nb\r\nc", func(s *lineSession) {
				s.line = func(string) error { s.SetRawMode(); return nil }
			}, []string{`line "a"`, `raw "b\r\nc"`}, ""},
		{"raw mode after the last line waits for bytes", // LR14
			"a\r\n", func(s *lineSession) {
				s.line = func(string) error { s.SetRawMode(); return nil }
			}, []string{`line "a"`}, ""},
		{"line mode with extra goes on with extra", // LR16
			"raw\r\n123b\r\nc", func(s *lineSession) {
				s.line = func(line string) error {
					if line == "raw" {
						s.SetRawMode()
					}
					return nil
				}
				s.raw = func(data string) error { return s.SetLineMode([]byte(data[3:])) }
			}, []string{`line "raw"`, `raw "123b\r\nc"`, `line "b"`}, "c"},
		{"a disconnecting transport stops the lines and keeps the rest", // LR11
			"a\r\nb\r\nc", func(s *lineSession) {
				s.line = func(string) error { s.Transport.LoseConnection(); return nil }
			}, []string{`line "a"`}, "b\r\nc"},
		{"raw mode does not look at a disconnecting transport", // LR13
			"a\r\n-b\r\n-c\r\n", func(s *lineSession) {
				s.line = func(string) error { s.SetRawMode(); return nil }
				s.raw = func(data string) error {
					s.Transport.LoseConnection()
					return s.SetLineMode([]byte(data[1:]))
				}
			}, []string{`line "a"`, `raw "-b\r\n-c\r\n"`, `line "b"`}, "-c\r\n"},
		{"clearing the buffer takes everything after the line", // LR17
			"a\r\nb\r\nc", func(s *lineSession) {
				s.line = func(string) error { s.note("cleared", s.ClearLineBuffer()); return nil }
			}, []string{`line "a"`, `cleared "b\r\nc"`}, ""},
		{"bytes received within a callback queue behind the rest", // LR2
			"a\r\nb\r\n", func(s *lineSession) {
				s.line = func(line string) error {
					if line == "a" {
						return s.DataReceived(s, []byte("c\r\nd"))
					}
					return nil
				}
			}, []string{`line "a"`, `line "b"`, `line "c"`}, "d"},
		{"pausing and resuming within one line changes nothing", // LR20
			"a\r\nb\r\n", func(s *lineSession) {
				s.line = func(string) error { s.PauseProducing(); s.ResumeProducing(); return nil }
			}, []string{`line "a"`, `line "b"`}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &lineSession{}
			connect(s)
			if c.manner != nil {
				c.manner(s)
			}
			feed(t, s, c.stream)
			s.expect(t, c.want...)
			if kept := string(s.ClearLineBuffer()); kept != c.kept {
				t.Fatalf("kept %q, want %q", kept, c.kept)
			}
		})
	}
}

func TestLineReceiverErrors(t *testing.T) {
	t.Run("an error of LineReceived stops the lines and is returned", func(t *testing.T) { // LR11
		s := &lineSession{line: func(string) error { return errStop }}
		connect(s)
		if err := feedErr(s, "a\r\nb\r\n"); !errors.Is(err, errStop) {
			t.Fatalf("DataReceived = %v", err)
		}
		s.expect(t, `line "a"`)
		s.line = nil
		feed(t, s, "c\r\n")
		s.expect(t, `line "b"`, `line "c"`)
	})
	t.Run("an error of RawDataReceived is returned", func(t *testing.T) { // LR13
		s := &lineSession{raw: func(string) error { return errStop }}
		connect(s)
		s.SetRawMode()
		if err := feedErr(s, "abc"); !errors.Is(err, errStop) {
			t.Fatalf("DataReceived = %v", err)
		}
	})
	t.Run("raw mode without RawDataReceived names the method", func(t *testing.T) { // LR23
		s := &linesOnly{}
		connect(s)
		s.SetRawMode()
		err := feedErr(s, "abc")
		if !errors.Is(err, protocols.ErrNotImplemented) || !strings.Contains(err.Error(), "linesOnly") ||
			!strings.Contains(err.Error(), "RawDataReceived(data []byte) error") {
			t.Fatalf("DataReceived = %v", err)
		}
	})
	t.Run("after a panic the line is consumed and the rest delivered later", func(t *testing.T) { // LR3, LR21
		s := &lineSession{line: func(string) error { panic("in the line") }}
		connect(s)
		mustPanic(t, func() { _ = feedErr(s, "a\r\nb\r\n") })
		s.line = nil
		feed(t, s, "c\r\n")
		s.expect(t, `line "a"`, `line "b"`, `line "c"`)
	})
	t.Run("an error of line mode's extra is returned outside a callback", func(t *testing.T) { // LR16
		s := &lineSession{line: func(string) error { return errStop }}
		connect(s)
		s.SetRawMode()
		if err := s.SetLineMode([]byte("a\r\n")); !errors.Is(err, errStop) {
			t.Fatalf("SetLineMode = %v", err)
		}
	})
	t.Run("called again after LoseConnection it delivers one more line", func(t *testing.T) { // LR12
		s := &lineSession{}
		connect(s).LoseConnection()
		feed(t, s, "a\r\nb\r\n")
		s.expect(t, `line "a"`)
	})
	t.Run("works without a transport", func(t *testing.T) { // LR11
		s := &lineSession{}
		feed(t, s, "a\r\nb\r\n")
		s.expect(t, `line "a"`, `line "b"`)
	})
}

// linesOnly has no RawDataReceived.
type linesOnly struct{ protocols.LineReceiver }

func (*linesOnly) LineReceived([]byte) error { return nil }

func TestLineReceiverBuffer(t *testing.T) {
	t.Run("clearing gives what is unfinished, once", func(t *testing.T) { // LR17
		s := &lineSession{}
		connect(s)
		feed(t, s, "a\r\nbc")
		if got := string(s.ClearLineBuffer()); got != "bc" {
			t.Fatalf("cleared %q", got)
		}
		if got := string(s.ClearLineBuffer()); got != "" {
			t.Fatalf("cleared %q the second time", got)
		}
		feed(t, s, "d\r\n")
		s.expect(t, `line "a"`, `line "d"`)
	})
	t.Run("a line ends where it ends, for who appends to it", func(t *testing.T) {
		for _, paused := range []bool{false, true} { // lines of the chunk, and lines that were kept
			a := &appending{}
			connect(a)
			if paused {
				a.PauseProducing()
			}
			feed(t, a, "a\r\nb\r\nc\r\n")
			if paused {
				a.ResumeProducing()
			}
			same(t, "lines", a.got, "a and more", "b and more", "c and more")
		}
	})
	t.Run("a line stays what it is while more is received", func(t *testing.T) {
		q := &queueing{}
		connect(q)
		feed(t, q, "be")
		feed(t, q, "gun\r\nxy\r\n")
		same(t, "lines", q.got, "begun", "xy", "queued", "queued")
	})
	t.Run("bytes given back a second time queue behind the rest", func(t *testing.T) {
		k := &keeping{}
		connect(k)
		k.SetRawMode()
		feed(t, k, "123b\r\nc")
		same(t, "lines", k.got, "b", "cb")
	})
	t.Run("SendLine writes line and delimiter at once", func(t *testing.T) { // LR18
		s := &lineSession{}
		transport := connect(s)
		s.SendLine([]byte("a\r\nb"))
		s.Delimiter = []byte("\n")
		s.SendLine(nil)
		s.SendLine([]byte(strings.Repeat("x", 100_000)))
		same(t, "writes", transport.writes, "a\r\nb\r\n", "\n", strings.Repeat("x", 100_000)+"\n")
	})
}

// appending appends to the view that it gets.
type appending struct {
	protocols.LineReceiver
	got []string
}

func (a *appending) LineReceived(line []byte) error {
	a.got = append(a.got, string(append(line, " and more"...)))
	return nil
}

// queueing receives more before it looks at its line.
type queueing struct {
	protocols.LineReceiver
	got []string
}

func (q *queueing) LineReceived(line []byte) error {
	if len(q.got) < 2 {
		if err := q.DataReceived(q, []byte("queued\r\n")); err != nil {
			return err
		}
	}
	q.got = append(q.got, string(line))
	return nil
}

// keeping gives the same bytes back twice: after the raw ones, where they are
// the rest, and within their line, where they are that no more.
type keeping struct {
	protocols.LineReceiver
	data []byte
	got  []string
}

func (k *keeping) RawDataReceived(data []byte) error {
	k.data = data[3:]
	return k.SetLineMode(k.data)
}

func (k *keeping) LineReceived(line []byte) error {
	k.got = append(k.got, string(line))
	if len(k.got) > 1 {
		return nil
	}
	return k.SetLineMode(k.data[:len("b\r\n")])
}
