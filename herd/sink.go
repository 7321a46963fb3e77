package herd

import "time"

// Copyist is given the records that a server's store has taken, for a database
// elsewhere; package sink has a real one. Its methods may be called on any
// goroutine, with locks held, and wait for nobody.
type Copyist interface {
	// Put takes the newest record of a client: its AT line, with its end, which is
	// copied. The records of one client come in their order.
	Put(line []byte)
}

// SinkStatus is how a server's sink does.
type SinkStatus struct {
	Kind string `json:"kind"` // one of SinkKinds

	// FailedSince is when the database began to fail; zero while it works. Error is
	// how.
	FailedSince time.Time `json:"failed_since"`
	Error       string    `json:"error"` // "" while it works

	Pending      int   `json:"pending"`       // records that wait for the database
	PendingBytes int64 `json:"pending_bytes"` // of memory for them
	// Whole says that the whole store is to be written, or is being: at the start,
	// and when more waited than may.
	Whole  bool  `json:"whole"`
	Wholes int64 `json:"wholes"` // times that it has been

	Written  int64     `json:"written"`  // records that were newer than what the database had
	Stale    int64     `json:"stale"`    // that were not, as another server was first
	Unplaced int64     `json:"unplaced"` // written, at a latitude that the database has no place for
	Refused  int64     `json:"refused"`  // that the database did not take, and never will
	Batches  int64     `json:"batches"`
	Failures int64     `json:"failures"`   // attempts to write, to load or to ask that failed
	Last     time.Time `json:"last_write"` // when the last batch was written; zero: none was

	Lag        float64 `json:"lag_seconds"`         // how long the oldest record that waits has waited
	LongestLag float64 `json:"longest_lag_seconds"` // how long one ever has

	Loaded  int64 `json:"loaded"`  // records that the database had for a server that had none
	Asked   int64 `json:"asked"`   // WHATSATs for a client of which the herd had nothing
	Found   int64 `json:"found"`   // of those, how many the database had a record for
	Unasked int64 `json:"unasked"` // and how many were not asked, as the database was failing
}
