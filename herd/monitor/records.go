package monitor

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"time"

	jsoniter "github.com/json-iterator/go"

	"proxyherd/herd"
)

// A walk shows all records, a piece at a time, so that it neither holds the loop nor
// takes more of the processor than a few per cent: 5,000 records a second.
const (
	walkPiece = 500
	walkEvery = 100 * time.Millisecond
)

// Walk gives the next piece of a walk over the records: the AT lines, each with its
// end, of at most so many, and whether there are more.
type Walk func(ctx context.Context, most int) (lines []byte, more bool, err error)

// records answers with all records, each piece a line: an array of what writeRecord
// writes. Whoever wants to know that it was all of them looks for the last line,
// which is "end".
func (l *live) records(w http.ResponseWriter, r *http.Request) {
	leave, err := enter(&l.walks, maxWalks)
	if err != nil {
		unavailable(w, err)
		return
	}
	defer leave()
	walk := l.pages.Walk()
	next := func(ctx context.Context) (piece, error) {
		lines, more, err := walk(ctx, walkPiece)
		return piece{lines, more}, err
	}
	got, err := ask(r, next)
	if err != nil {
		unavailable(w, err)
		return
	}
	out, ended := l.begin(w, r, "application/x-ndjson")
	every := time.NewTicker(walkEvery)
	defer every.Stop()
	for out.Send(got.json(l.pages.Future)) {
		if !got.more {
			out.Send([]byte("\"end\"\n"))
			return
		}
		select {
		case <-every.C:
		case <-ended:
			return
		}
		if got, err = ask(r, next); err != nil {
			return // the end is missing, which says so
		}
	}
}

type piece struct {
	lines []byte
	more  bool
}

// json is the piece as an array, with a line end.
func (p piece) json(future time.Duration) []byte {
	return append(array(func(out *jsoniter.Stream, between func()) {
		for line := range bytes.Lines(p.lines) {
			var r herd.Record
			if herd.ParseAT(line[:len(line)-1], &r) != nil {
				continue // the server's own lines are well formed
			}
			between()
			writeRecord(out, &r, future)
		}
	}), '\n')
}

// array is a JSON array. write calls between before each element.
func array(write func(out *jsoniter.Stream, between func())) []byte {
	out := json.BorrowStream(nil)
	defer json.ReturnStream(out)
	out.WriteArrayStart()
	first := true
	write(out, func() {
		if !first {
			out.WriteMore()
		}
		first = false
	})
	out.WriteArrayEnd()
	return bytes.Clone(out.Buffer())
}

// writeRecord writes a record as an array: the client, its latitude and longitude in
// degrees, the server that it reported to, its time as it wrote it, and the time by
// which the herd orders its reports, in seconds.
func writeRecord(out *jsoniter.Stream, r *herd.Record, future time.Duration) {
	latitude, longitude, _ := herd.ParseLocation(r.Location) // ParseAT has done so
	effective := r.Effective(future)
	out.WriteArrayStart()
	out.WriteString(Shown(r.ID))
	out.WriteMore()
	out.WriteFloat64(degrees(latitude))
	out.WriteMore()
	out.WriteFloat64(degrees(longitude))
	out.WriteMore()
	out.WriteString(Shown(r.Server))
	out.WriteMore()
	out.WriteString(string(r.Time))
	out.WriteMore()
	out.WriteFloat64(float64(effective.Sec) + float64(effective.Nsec)/1e9)
	out.WriteArrayEnd()
}

// degrees is a number that ParseLocation has found. One with more digits than a
// float64 has is rounded.
func degrees(text []byte) float64 {
	value, _ := strconv.ParseFloat(string(text), 64)
	return value
}
