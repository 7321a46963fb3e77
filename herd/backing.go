package herd

import "time"

// Backing is where a server's records survive its end, kill -9 and a lost power
// supply included: package journal has a real one. Its methods may be called on any
// goroutine, and none of them waits for a disk but Load.
//
// What was put has a number, which grows. A server whose answers must not come
// before their records are safe asks Mark after each report, and answers once
// Settled has reached that.
type Backing interface {
	// Load shows the AT line, without its end, of each client, in no particular
	// order. It is called once, before anything else. A line is valid only during
	// take, whose errors are counted and told. The error says what is wrong with the
	// journal, and what to do.
	Load(take func(line []byte) error) error

	// Put takes the newest record of a client: its AT line, with its end, which is
	// copied. The records of one client come in their order.
	Put(line []byte)

	// Mark is the number that Settled must reach before a report that was carried
	// out until now is answered; 0 where answers need not wait.
	Mark() uint64

	// Settled tells up to which number all is safe, and up to which reports that
	// still wait are to be refused, as the disk has failed.
	Settled() (saved, refused uint64)

	// Refuses says whether reports are to be refused for now, before they change
	// anything.
	Refuses() bool

	// Notify has f called after each change of what Settled says; nil ends that,
	// and no call is under way when it returns. f must not wait for anything.
	Notify(f func())
}

// Fsyncs are when a journal is written through to the disk, as they are written in
// the key "journal.fsync": within a second, or before each answer.
var Fsyncs = []string{FsyncSecond, FsyncAlways}

// The two of them.
const (
	FsyncSecond = "second"
	FsyncAlways = "always"
)

// JournalStatus is how a server's journal does.
type JournalStatus struct {
	Fsync string `json:"fsync"` // one of Fsyncs

	// FailedSince is when the disk began to fail; zero while it works. Error is how.
	FailedSince time.Time `json:"failed_since"`
	Error       string    `json:"error"` // "" while it works

	Loaded  int64 `json:"loaded"`  // records that it had when the server started
	Dropped int64 `json:"dropped"` // of those, how many the store did not take

	Waiting      int   `json:"waiting"`       // records that are not safe yet
	WaitingBytes int64 `json:"waiting_bytes"` // of their lines

	Saved    int64     `json:"saved"` // records that were made safe
	Batches  int64     `json:"batches"`
	Failures int64     `json:"failures"`
	LastSync time.Time `json:"last_sync"` // when the last batch was safe; zero: none was

	// LongestLag is the longest time that a record ever waited, in seconds.
	LongestLag float64 `json:"longest_lag_seconds"`
}
