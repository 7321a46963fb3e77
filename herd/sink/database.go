package sink

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"proxyherd/herd"
)

// Database is where records are written. Its methods may be called on any goroutine,
// return by the context's deadline, and keep nothing of what they were given. Their
// errors never hold a password.
type Database interface {
	// Write keeps each row that is newer than what the database has of its client, by
	// their orders; no two rows are of one client. After an error any of them may be
	// written, so that all are written again.
	Write(ctx context.Context, rows []Row) (Written, error)

	// Find returns the AT line, without its end, of a client; nil if there is none.
	Find(ctx context.Context, id []byte) (line []byte, err error)

	// Page returns the AT lines, with their ends, of some clients, and where the next
	// page begins; "" is the first page's beginning, and the last one's end. A client
	// that is there from the first page to the last is on one of them, or on several.
	Page(ctx context.Context, from string) (lines []byte, next string, err error)

	// Close ends all connections. No other method is called after it.
	Close()
}

// Written is what became of the rows that were given to Write; the others were no
// newer.
type Written struct {
	Newer    int   // kept
	Unplaced int   // of those: at a latitude that the database has no place for
	Refused  int   // can never be kept
	Why      error // of the first that was refused

	// Life tells one start of the database from another, which may have lost what the
	// one before had. "": nobody knows.
	Life string
}

// Row is a record as a database takes it. Its slices are its own.
type Row struct {
	herd.Record
	Order               []byte // as herd.Record.AppendOrder
	Latitude, Longitude float64
}

// NewRow reads an AT line, without its end. The error is herd.ParseAT's.
func NewRow(line []byte, future time.Duration) (row Row, err error) {
	if err := herd.ParseAT(line, &row.Record); err != nil {
		return Row{}, err
	}
	row.Order = row.AppendOrder(nil, future)
	latitude, longitude, _ := herd.ParseLocation(row.Location)
	if row.Latitude, err = degrees(latitude); err == nil {
		row.Longitude, err = degrees(longitude)
	}
	return row, err
}

// degrees is the nearest float64 to a number of any length. ParseLocation has read
// it, so that it is one.
func degrees(text []byte) (float64, error) {
	number, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return 0, fmt.Errorf("reading degrees: %w", err)
	}
	return number, nil
}

// Line is the AT line, without its end, of what a database has kept.
func Line(server, difference, id, location, time []byte) []byte {
	r := herd.Record{Server: server, Difference: difference, ID: id, Location: location, Time: time}
	line := r.AppendLine(nil)
	return line[:len(line)-1]
}
