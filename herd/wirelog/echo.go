package wirelog

import (
	"bytes"
	"io"
	"sync/atomic"
)

// maxEchoes is how many events wait for a slow echo.
const maxEchoes = 256

// echo copies events to a second writer, such as the terminal of a foreground
// server. It has its own goroutine, so that a stopped terminal does not stop the
// file. The zero echo, without a writer, takes nothing.
type echo struct {
	records chan []byte
	done    chan struct{}
	dropped atomic.Uint64
}

func newEcho(out io.Writer) *echo {
	e := &echo{}
	if out == nil {
		return e
	}
	e.records = make(chan []byte, maxEchoes)
	e.done = make(chan struct{})
	go func() {
		defer close(e.done)
		for record := range e.records {
			if _, err := out.Write(record); err != nil {
				e.dropped.Add(1)
			}
		}
	}()
	return e
}

// offer hands over a copy of a record, or counts it if too many wait.
func (e *echo) offer(record []byte) {
	if e.records == nil {
		return
	}
	select {
	case e.records <- bytes.Clone(record):
	default:
		e.dropped.Add(1)
	}
}

// close waits until what was offered is written.
func (e *echo) close() {
	if e.records != nil {
		close(e.records)
		<-e.done
	}
}
