package wirelog

import (
	"bytes"
	"encoding/binary"
	"time"

	"github.com/sirupsen/logrus"
)

// writer is the log's goroutine: it takes what has gathered, makes records of
// it and writes them.
type writer struct {
	log        *Log
	every      time.Duration
	timer      *time.Timer
	out        *output
	echo       *echo
	back       *logrus.Logger
	rendered   bytes.Buffer // what back writes: one event's record
	assembler  *assembler
	lastMicros int64 // the latest time handed over; the log reads no clock
	closeErr   error
}

// batch is what one swap with the callers' side brought.
type batch struct {
	blocks  [][]byte
	waiters []chan struct{}
	drops   drops
	reopen  bool
	closing bool
}

func newWriter(l *Log, options Options, file logFile) *writer {
	w := &writer{log: l, every: options.FlushEvery, timer: time.NewTimer(0), echo: newEcho(options.Echo)}
	w.out = newOutput(options, file, w.report)
	w.back = newBack(&w.rendered)
	w.assembler = newAssembler(w.out, options.QueueBytes)
	return w
}

// run ends when the log is closed and all that waited is written.
func (w *writer) run() {
	defer close(w.log.done)
	var b batch
	for {
		<-w.log.wake
		for {
			w.gather()
			w.take(&b)
			w.write(&b)
			if b.closing {
				w.end()
				return
			}
			if w.sleep() {
				break
			}
		}
	}
}

// gather lets chunks come together for a while, unless the writer is rung.
func (w *writer) gather() {
	w.log.mu.Lock()
	hurried := w.log.hurried
	w.log.mu.Unlock()
	if hurried {
		return
	}
	w.timer.Reset(w.every)
	select {
	case <-w.timer.C:
	case <-w.log.wake:
		w.timer.Stop()
	}
}

func (w *writer) take(b *batch) {
	l := w.log
	l.mu.Lock()
	b.blocks = l.queue.take(b.blocks)
	b.waiters, l.waiters = l.waiters, nil
	b.drops, l.drops = l.drops, drops{}
	b.reopen, l.reopen = l.reopen, false
	b.closing = l.closing
	l.hurried = false
	l.mu.Unlock()
}

// sleep says whether nothing has come since the last take, and then marks the
// writer as one that must be woken.
func (w *writer) sleep() bool {
	l := w.log
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.queue.filling) > 0 || l.hurried {
		return false
	}
	l.queue.trim()
	l.asleep = true
	return true
}

// write puts a batch into the file. Each block is given back as soon as it has
// been turned into records, so that what waits is bounded by what is not done.
func (w *writer) write(b *batch) {
	for i, block := range b.blocks {
		for rest := block; len(rest) > 0; {
			var h header
			var payload []byte
			h, payload, rest = next(rest)
			w.entry(h, payload)
		}
		b.blocks[i] = nil
		w.log.mu.Lock()
		w.log.queue.giveBack(block)
		w.log.mu.Unlock()
	}
	if d := b.drops; d.chunks > 0 {
		w.report(Warn, "dropped what the disk was too slow for",
			F("chunks", d.chunks), F("bytes", d.bytes),
			F("from", w.moment(d.first)), F("to", w.moment(d.last)))
	}
	w.out.flush()
	if b.reopen {
		w.out.reopen()
	}
	for _, written := range b.waiters {
		close(written)
	}
}

func (w *writer) entry(h header, payload []byte) {
	w.lastMicros = max(w.lastMicros, h.micros)
	switch h.what {
	case dirIn, dirOut:
		w.assembler.chunk(h, payload)
	case gapIn, gapOut:
		w.assembler.gap(h, h.what-gapIn, binary.LittleEndian.Uint64(payload))
	case connOpened:
		w.assembler.opened(h, string(payload))
	case connNamed:
		w.assembler.named(h, string(payload))
	case connClosed:
		w.assembler.closed(h, string(payload))
	case eventHappened:
		w.event(h.micros, payload)
	}
}

// event puts an event's record into the file's buffer and offers it to the echo.
// The logger's own lock is not held by then, as a failing file makes events too.
func (w *writer) event(micros int64, payload []byte) {
	logEvent(w.back, micros, payload)
	record := w.rendered.Bytes()
	w.echo.offer(record)
	w.out.buf = append(w.out.buf, record...)
	w.rendered.Reset()
	w.out.recordEnded()
}

// report is an event of the log's own. It bears the latest time that came in.
func (w *writer) report(level Level, message string, fields ...Field) {
	payload := appendText([]byte{byte(level)}, message)
	for _, f := range fields {
		payload = appendText(appendText(payload, f.Key), textOf(f.Value))
	}
	w.event(w.lastMicros, payload)
}

func (w *writer) moment(micros int64) string {
	return string(w.assembler.clock.append(nil, micros))
}

// end writes what is begun, and closes the file and the echo.
func (w *writer) end() {
	w.assembler.closeAll(w.lastMicros)
	w.closeErr = w.out.close()
	w.echo.close()
}
