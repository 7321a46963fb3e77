package account

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"proxyherd/herd/wirelog"
)

// Received is what a server's log says that it has had.
type Received struct {
	Ever  Newest // in any life
	Since Newest // in its present one
	Lines int    // that told it
	// Dropped says that pieces of the log are missing, as its disk was full: then
	// there may be more that the server has had.
	Dropped bool
}

// ReadLogs reads the files of a server's log, oldest first, whose present life began
// at start. What comes earlier in the log was had by an earlier process, which was
// over before.
//
// Every AT line that a server got from a neighbour, or sent to a client, is of a
// record that it held then, or than which it held a newer one.
func ReadLogs(o Order, start time.Time, paths ...string) (*Received, error) {
	r := &Received{Ever: Newest{}, Since: Newest{}}
	for _, path := range paths {
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		err = r.read(o, start, file)
		_ = file.Close() // it was only read
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return r, nil
}

func (r *Received) read(o Order, start time.Time, log io.Reader) error {
	for entry, err := range wirelog.Scan(log) {
		if errors.Is(err, wirelog.ErrRecord) {
			continue // torn by a kill, or by a full disk
		}
		if err != nil {
			return err
		}
		switch {
		case entry.Mark == wirelog.Event:
			r.Dropped = r.Dropped || entry.Field("lost_bytes") != "" || entry.Field("chunks") != ""
		case entry.End == wirelog.EndGap:
			r.Dropped = true
		case entry.End == wirelog.EndLine && tellsOfRecords(entry):
			if report := Parse(bytes.TrimSuffix(entry.Text, []byte{'\r'})); report != nil {
				r.Lines++
				r.Ever.Take(o, report)
				if !entry.At.Before(start) {
					r.Since.Take(o, report)
				}
			}
		}
	}
	return nil
}

func tellsOfRecords(e wirelog.Entry) bool {
	return bytes.HasPrefix(e.Text, []byte("AT ")) &&
		(e.Kind == wirelog.Client && e.Mark == wirelog.Out || e.Kind == wirelog.Peer && e.Mark == wirelog.In)
}
