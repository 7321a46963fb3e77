package protocols_test

import (
	"strings"
	"testing"

	"proxyherd/protocols"
)

func TestLineLengthExceeded(t *testing.T) {
	for _, c := range []struct {
		name   string
		chunks []string
		want   []string
	}{
		{"a line of the longest length is accepted with its delimiter", // LR5
			[]string{"12345\r\n"}, []string{`line "12345"`}},
		{"an unfinished line over the limit is handed over whole", // LR7
			[]string{"123456"}, []string{`too long "123456"`}},
		{"what came of the delimiter counts", // LR8
			[]string{"12345\r", "\n"}, []string{`too long "12345\r"`}},
		{"a finished line over the limit brings its delimiter and what follows", // LR6
			[]string{"123456\r\na\r\n"}, []string{`too long "123456\r\na\r\n"`}},
		{"lines before it are delivered", // LR6
			[]string{"a\r\n123456"}, []string{`line "a"`, `too long "123456"`}},
		{"several over the limit come as one", // LR6
			[]string{"a\r\n123456\r\n1234567\r\n"}, []string{`line "a"`, `too long "123456\r\n1234567\r\n"`}},
		{"one that began in an earlier chunk comes whole", // LR6
			[]string{"123", "456\r\nab"}, []string{`too long "123456\r\nab"`}},
		{"the buffer is empty after it", // LR6, LR7
			[]string{"123456", "a\r\n"}, []string{`too long "123456"`, `line "a"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &lineSession{tooLong: func(string) error { return nil }}
			s.MaxLength = 5
			connect(s)
			for _, chunk := range c.chunks {
				feed(t, s, chunk)
			}
			s.expect(t, c.want...)
		})
	}
	t.Run("an error of it is returned", func(t *testing.T) { // LR6
		s := &lineSession{tooLong: func(string) error { return errStop }}
		s.MaxLength = 5
		connect(s)
		if err := feedErr(s, "123456\r\n"); err != errStop {
			t.Fatalf("DataReceived = %v", err)
		}
	})
	t.Run("what it puts back waits for the next chunk", func(t *testing.T) { // LR10
		s := &lineSession{}
		s.MaxLength = 5
		s.tooLong = func(string) error { return s.SetLineMode([]byte("put back\r\n"[4:])) }
		connect(s)
		feed(t, s, "123456\r\n")
		s.expect(t, `too long "123456\r\n"`)
		feed(t, s, "a")
		s.expect(t, `line "back"`)
	})
}

func TestLineLengthExceededByDefault(t *testing.T) { // LR1, LR9
	longest := strings.Repeat("x", protocols.DefaultMaxLineLength)
	for _, c := range []struct {
		name, stream string
		lost         bool
	}{
		{"a line of 16384 bytes is fine", longest + "\r\n", false},
		{"a finished line of 16385 loses the connection", longest + "x\r\n", true},
		{"an unfinished line of 16385 loses the connection", longest + "x", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &linesOnly{}
			transport := connect(s)
			feed(t, s, c.stream)
			if transport.Disconnecting() != c.lost {
				t.Fatalf("disconnecting %v", transport.Disconnecting())
			}
			if kept := s.ClearLineBuffer(); len(kept) != 0 {
				t.Fatalf("%d bytes kept", len(kept))
			}
		})
	}
}
