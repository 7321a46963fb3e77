// Package sse is server-sent events: answers to an HTTP request that go on, piece by
// piece, and the reading of such an answer.
package sse

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// ContentType is that of events.
const ContentType = "text/event-stream"

// takeTimeout is how long who has asked may take for what is written.
const takeTimeout = 10 * time.Second

// maxLine bounds a line that is read, in bytes.
const maxLine = 4 << 20

// ErrTooLong is a line that is longer than any that is expected.
var ErrTooLong = fmt.Errorf("an event has a line of more than %d bytes", maxLine)

// Writer writes an answer that goes on. It is for one goroutine at a time.
type Writer struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

// Begin begins such an answer. From here on the request's own bounds on time do not
// count, and each piece has its own.
func Begin(w http.ResponseWriter, contentType string) Writer {
	out := Writer{w, http.NewResponseController(w)}
	// The question was read in time; what comes after it is only its end. The error
	// is that of a recorder in a test, which has no deadlines.
	_ = out.control.SetReadDeadline(time.Time{})
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-store")
	return out
}

// Event writes an event, whose data has no line end, and reports whether it was
// taken.
func (w Writer) Event(e Event) bool {
	text := append(append([]byte("event: "), e.Name...), "\ndata: "...)
	return w.Send(append(append(text, e.Data...), "\n\n"...))
}

// Send writes a piece at once, and reports whether it was taken.
func (w Writer) Send(piece []byte) bool {
	_ = w.control.SetWriteDeadline(time.Now().Add(takeTimeout)) // as above
	_, err := w.w.Write(piece)
	return err == nil && w.control.Flush() == nil
}

// Event is one, as it is written and read: its data are one line.
type Event struct {
	Name string
	Data []byte
}

// Read reads events until one is not taken, and returns nil then, or what ended them,
// which is io.EOF where they ended well. What is taken is the taker's to keep.
func Read(from io.Reader, take func(Event) bool) error {
	in := bufio.NewReaderSize(from, 64<<10)
	for e := (Event{}); ; {
		line, err := Line(in)
		if err != nil {
			return err
		}
		field, value, _ := bytes.Cut(line, []byte(": "))
		switch string(field) {
		case "event":
			e.Name = string(value)
		case "data":
			e.Data = bytes.Clone(value)
		case "":
			if !take(e) {
				return nil
			}
			e = Event{}
		}
	}
}

// Line reads a line, and returns it without its end. It is good until the next.
func Line(in *bufio.Reader) ([]byte, error) {
	line, err := in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		whole := bytes.Clone(line)
		for errors.Is(err, bufio.ErrBufferFull) {
			if len(whole) > maxLine {
				return nil, ErrTooLong
			}
			line, err = in.ReadSlice('\n')
			whole = append(whole, line...)
		}
		line = whole
	}
	if err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(line, []byte{'\n'}), nil
}
