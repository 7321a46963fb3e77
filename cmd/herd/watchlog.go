package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/wirelog"
)

// update is an AT line as it stands in a server's log.
type update struct {
	at     time.Time // by that server's clock
	server string    // whose log it is
	line   string    // without its end
	record herd.Record
}

// longestRecord is what a line of a log may have: beyond it, it is none.
const longestRecord = 1 << 20

// logTail reads a server's log to its end, and what is added to it, through
// rotations. It is for one goroutine.
type logTail struct {
	server string
	path   string

	file    *os.File // nil while there is none
	in      *bufio.Reader
	read    int64  // bytes of file
	part    []byte // of a record that has not ended
	leaving bool   // another file is there by now: this one is read to its end
	dry     bool   // it had no more at the last look
	head    *update
}

// open opens the log; from its end, if that is wanted. The error is the file
// system's.
func (l *logTail) open(atEnd bool) (err error) {
	if l.file, err = os.Open(l.path); err != nil {
		l.file = nil
		return err
	}
	l.in, l.read, l.part, l.leaving = bufio.NewReaderSize(l.file, 64<<10), 0, l.part[:0], false
	if atEnd {
		// A record may begin before the end: what is left of it is no record.
		l.read, err = l.file.Seek(0, io.SeekEnd)
	}
	return err
}

// fill reads on to the next update, if head is not one, or until the log has no
// more for now: then it is dry. A log that is not there yet is looked for, and read
// from its beginning. A long one without updates is left in the middle when ctx is
// done.
func (l *logTail) fill(ctx context.Context) error {
	if l.head != nil || l.dry {
		return nil
	}
	if l.file == nil {
		if err := l.open(false); errors.Is(err, os.ErrNotExist) {
			l.dry = true
			return nil
		} else if err != nil {
			return err
		}
	}
	for l.head == nil && ctx.Err() == nil {
		piece, err := l.in.ReadSlice('\n')
		l.read += int64(len(piece))
		if len(l.part) <= longestRecord {
			l.part = append(l.part, piece...)
		}
		switch {
		case err == nil:
			l.take(bytes.TrimSuffix(l.part, []byte{'\n'}))
			l.part = l.part[:0]
		case errors.Is(err, io.EOF):
			more, err := l.turn()
			if l.dry = !more; !more || err != nil {
				return err
			}
		case !errors.Is(err, bufio.ErrBufferFull):
			return err
		}
	}
	return nil
}

// turn says, at the end of the file, whether there is more to read: the path may
// lead to another file by now, as after a rotation, or to a shorter one.
func (l *logTail) turn() (more bool, err error) {
	there, err := os.Stat(l.path)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil // renamed, and the server has not opened the new one yet
	}
	if err != nil {
		return false, err
	}
	here, err := l.file.Stat()
	switch {
	case err != nil:
		return false, err
	case os.SameFile(here, there) && there.Size() >= l.read:
		return false, nil
	case !os.SameFile(here, there) && !l.leaving:
		// Something may have been added between the end and this look.
		l.leaving = true
		return true, nil
	}
	l.close()
	return true, l.open(false)
}

// take looks for an update in a record.
func (l *logTail) take(text []byte) {
	entry, err := wirelog.ParseLine(text)
	if err != nil || entry.End != wirelog.EndLine || !carriesUpdates(entry) {
		return // torn, or something else: a log has all that happened
	}
	u := update{at: entry.At, server: l.server, line: string(bytes.TrimSuffix(entry.Text, []byte{'\r'}))}
	if herd.ParseAT([]byte(u.line), &u.record) != nil {
		return
	}
	// An answer to a WHATSAT begins with an AT line too, which is an old one; that
	// to an IAMAT is of this moment, and of this server.
	if entry.Kind == wirelog.Client && (string(u.record.Server) != l.server || entry.At.Sub(timeOf(u.record.Received)).Abs() > time.Second) {
		return
	}
	l.head = &u
}

// carriesUpdates says whether a server learns from such a text, or has just
// learnt, where a client is.
func carriesUpdates(e wirelog.Entry) bool {
	return e.Kind == wirelog.Client && e.Mark == wirelog.Out || e.Kind == wirelog.Peer && e.Mark == wirelog.In
}

func timeOf(t herd.Timestamp) time.Time { return time.Unix(t.Sec, int64(t.Nsec)) }

// close ends the reading. Nothing is lost that way.
func (l *logTail) close() {
	if l.file != nil {
		_ = l.file.Close()
		l.file = nil
	}
}
