package protocols_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// FuzzLineReceiver compares LineReceiver with slowLines, which joins and cuts
// strings and has no idea of views. The stream itself says what the protocol
// does: a line that begins with "r" asks for as many raw bytes as it is long,
// and so on. Bytes of sizes are the lengths of the chunks.
func FuzzLineReceiver(f *testing.F) {
	f.Add("a\r\nrr\r\nxyz\r\nb", []byte{3, 200, 1})
	f.Add("d\r\na;b;dd;c\r\n", []byte{1, 1, 2})
	f.Add("pause\r\na\r\nb\r\nc", []byte{9, 3})
	f.Add("qa\r\nclear\r\nb\r\nlong line that is too long\r\nc", []byte{255})
	f.Add("error\r\na\r\n\r\r\n", []byte{2, 7})
	f.Fuzz(func(t *testing.T, stream string, sizes []byte) {
		fast, slow := &scripted{}, &slowLines{delimiter: "\r\n"}
		fast.MaxLength = maxScripted
		connect(fast)
		for _, size := range append(sizes, 255) {
			chunk := stream[:min(len(stream), int(size))]
			stream = stream[len(chunk):]
			if chunk == "" {
				continue
			}
			fastErr, slowErr := feedErr(fast, chunk), slow.received(chunk)
			if fastErr != slowErr || !slices.Equal(fast.events, slow.events) {
				t.Fatalf("after chunk %q: %v %q\nwant %v %q", chunk, fastErr, fast.events, slowErr, slow.events)
			}
			if slow.paused {
				slow.paused = false
				fast.ResumeProducing()
				_ = slow.received("") // an error has nowhere to go here either
			}
		}
		if kept := string(fast.ClearLineBuffer()); kept != slow.buffer {
			t.Fatalf("kept %q, want %q", kept, slow.buffer)
		}
	})
}

const maxScripted = 12

// scripted does what its lines say.
type scripted struct {
	lineSession
	raw int
}

func (s *scripted) LineReceived(line []byte) error {
	s.note("line", line)
	if len(line) == 0 {
		return nil
	}
	switch line[0] {
	case 'r':
		s.raw = len(line)
		s.SetRawMode()
	case 'd':
		s.Delimiter = map[string][]byte{"\r\n": []byte(";"), ";": []byte("aab"), "aab": nil}[delimiterOf(s.Delimiter)]
	case 'p':
		s.PauseProducing()
	case 'c':
		s.note("cleared", s.ClearLineBuffer())
	case 'q':
		return s.DataReceived(s, []byte("more"+delimiterOf(s.Delimiter)))
	case 'e':
		return errStop
	}
	return nil
}

func delimiterOf(set []byte) string {
	if set == nil {
		return "\r\n"
	}
	return string(set)
}

func (s *scripted) RawDataReceived(data []byte) error {
	n := min(len(data), s.raw)
	s.note("raw", data[:n])
	s.raw -= n
	if s.raw > 0 {
		return nil
	}
	if n%2 == 1 { // not a view of what was handed over
		return s.SetLineMode([]byte(string(data[n:])))
	}
	return s.SetLineMode(data[n:])
}

func (s *scripted) LineLengthExceeded(line []byte) error {
	s.note("too long", line)
	return s.SetLineMode(line[maxScripted:])
}

// slowLines is scripted on top of the plainest receiver there could be.
type slowLines struct {
	buffer, delimiter string
	raw               int
	paused            bool
	events            []string
}

func (s *slowLines) note(kind, data string) {
	s.events = append(s.events, fmt.Sprintf("%s %q", kind, data))
}

func (s *slowLines) received(data string) error {
	s.buffer += data
	for s.buffer != "" && !s.paused {
		if s.raw > 0 {
			n := min(len(s.buffer), s.raw)
			s.note("raw", s.buffer[:n])
			s.raw -= n
			s.buffer = s.buffer[n:]
			continue
		}
		line, rest, found := strings.Cut(s.buffer, s.delimiter)
		if len(line) > maxScripted {
			s.note("too long", s.buffer)
			s.buffer = s.buffer[maxScripted:]
			return nil
		}
		if !found {
			return nil
		}
		s.buffer = rest
		if err := s.line(line); err != nil {
			return err
		}
	}
	return nil
}

func (s *slowLines) line(line string) error {
	s.note("line", line)
	if line == "" {
		return nil
	}
	switch line[0] {
	case 'r':
		s.raw = len(line)
	case 'd':
		s.delimiter = map[string]string{"\r\n": ";", ";": "aab", "aab": "\r\n"}[s.delimiter]
	case 'p':
		s.paused = true
	case 'c':
		s.note("cleared", s.buffer)
		s.buffer = ""
	case 'q':
		s.buffer += "more" + s.delimiter
	case 'e':
		return errStop
	}
	return nil
}
