package protocols_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"proxyherd/protocols"
)

// lineSession notes what a LineReceiver delivers. A test gives it its manners.
type lineSession struct {
	protocols.LineReceiver
	events  []string
	line    func(line string) error
	raw     func(data string) error
	tooLong func(line string) error // nil means the base's
}

func (s *lineSession) note(kind string, data []byte) {
	s.events = append(s.events, fmt.Sprintf("%s %q", kind, data))
}

func (s *lineSession) LineReceived(line []byte) error {
	s.note("line", line)
	if s.line == nil {
		return nil
	}
	return s.line(string(line))
}

func (s *lineSession) RawDataReceived(data []byte) error {
	s.note("raw", data)
	if s.raw == nil {
		return nil
	}
	return s.raw(string(data))
}

func (s *lineSession) LineLengthExceeded(line []byte) error {
	s.note("too long", line)
	if s.tooLong == nil {
		return s.LineReceiver.LineLengthExceeded(line)
	}
	return s.tooLong(string(line))
}

// expect fails unless exactly these events have come since the last time.
func (s *lineSession) expect(t *testing.T, want ...string) {
	t.Helper()
	same(t, "events", s.events, want...)
	s.events = nil
}

// bodySession reads messages that give the length of their body: a line
// "body N", an empty line, N raw bytes, and so on.
type bodySession struct {
	protocols.LineReceiver
	got       []string
	remaining int
	depths    []int // of the stack, at each body
}

func (s *bodySession) LineReceived(line []byte) error {
	s.got = append(s.got, string(line))
	if after, ok := strings.CutPrefix(string(line), "body "); ok {
		_, err := fmt.Sscan(after, &s.remaining)
		return err
	}
	if len(line) == 0 {
		s.got[len(s.got)-1] = "body:"
		s.SetRawMode()
	}
	return nil
}

func (s *bodySession) RawDataReceived(data []byte) error {
	n := min(len(data), s.remaining)
	s.got[len(s.got)-1] += string(data[:n])
	s.remaining -= n
	if s.remaining > 0 {
		return nil
	}
	s.depths = append(s.depths, stackDepth())
	return s.SetLineMode(data[n:])
}

// LineLengthExceeded skips one byte more than a line may have and goes on with
// the rest of the line.
func (s *bodySession) LineLengthExceeded(line []byte) error {
	s.got = append(s.got, "too long")
	return s.SetLineMode(line[s.MaxLength+1:])
}

func TestLineReceiverChunking(t *testing.T) {
	t.Run("every split of a short stream gives the same events", func(t *testing.T) {
		const stream = "a\r\n\r\n\nb\rc\r\nd"
		splits := everySplit(stream, func(chunks []string) {
			s := &lineSession{}
			connect(s)
			for _, chunk := range chunks {
				feed(t, s, chunk)
			}
			s.expect(t, `line "a"`, `line ""`, `line "\nb\rc"`)
			if rest := string(s.ClearLineBuffer()); rest != "d" {
				t.Fatalf("%q left in the buffer of %q", rest, chunks)
			}
		})
		if splits != 2048 {
			t.Fatalf("%d splits checked", splits)
		}
	})
	t.Run("a delimiter of three bytes is found across any split", func(t *testing.T) {
		const stream = "xaab\n--yb\nb\n-b\n--b\n-"
		splits := everySplit(stream[:16], func(chunks []string) {
			s := &lineSession{}
			s.Delimiter = []byte("\n--")
			connect(s)
			for _, chunk := range append(chunks, stream[16:]) {
				feed(t, s, chunk)
			}
			s.expect(t, `line "xaab"`, `line "yb\nb\n-b"`)
		})
		if splits != 1<<15 {
			t.Fatalf("%d splits checked", splits)
		}
	})
	t.Run("lines and bodies and a recovery are the same for every chunk size", func(t *testing.T) {
		stream := "body 10\n\n0123456789body 6\n\nab\ncd\nbody 1\n\n\nlast\n" +
			strings.Repeat("-", 65) + "tail\nend\n"
		want := []string{"body 10", "body:0123456789", "body 6", "body:ab\ncd\n", "body 1", "body:\n",
			"last", "too long", "tail", "end"}
		sizes := 0
		for size := 1; size <= 9; size++ { // of more, the rest of the long line comes in one chunk with its end
			s := &bodySession{}
			s.Delimiter, s.MaxLength = []byte("\n"), 64
			connect(s)
			for chunk := range slices.Chunk([]byte(stream), size) {
				feed(t, s, string(chunk))
			}
			same(t, fmt.Sprintf("events in chunks of %d", size), s.got, want...)
			sizes++
		}
		if sizes != 9 {
			t.Fatalf("%d sizes checked", sizes)
		}
	})
	t.Run("thousands of changes of mode need no stack", func(t *testing.T) { // LR2
		const messages = 5000
		s := &bodySession{}
		s.Delimiter, s.MaxLength = []byte("\n"), 64
		connect(s)
		feed(t, s, strings.Repeat("body 1\n\nx", messages))
		if len(s.depths) != messages || slices.Min(s.depths) != slices.Max(s.depths) {
			t.Fatalf("%d bodies at depths %d to %d", len(s.depths), slices.Min(s.depths), slices.Max(s.depths))
		}
	})
}
