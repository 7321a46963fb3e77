package wirelog

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// Defaults of [Options].
const (
	DefaultQueueBytes   = 16 << 20
	DefaultRotateBytes  = 100 << 20
	DefaultRotateKeep   = 5
	DefaultFlushEvery   = 5 * time.Millisecond
	DefaultCloseTimeout = 5 * time.Second
)

// MinQueueBytes is the smallest queue, one block filling while another is
// written and some for events; a smaller setting is rounded up to it.
const MinQueueBytes = 4 * blockSize

// ErrOptions is a setting that [Open] refuses; the text names it.
var ErrOptions = errors.New("wirelog: a setting cannot be used")

// ErrUnwritable is a log file that cannot be opened for writing.
var ErrUnwritable = errors.New("wirelog: the log file cannot be written")

// ErrStuck is a disk (or an echo) that did not take what waited in time; the
// goroutine that hangs on it ends by itself if the write ever returns.
var ErrStuck = errors.New("wirelog: what waited was not written in time")

// Options are the settings of a [Log]. Only Path must be set.
type Options struct {
	// Path is the file; its directory is made where it is missing.
	// Default: none, it must be set.
	Path string

	// Lines says that traffic is kept; without it the file holds events only
	// and In and Out return at once. Default: false.
	Lines bool

	// Level is the least level of an event that is kept; SetLevel changes it later.
	// Default: Info.
	Level Level

	// QueueBytes bounds the memory of what waits for the disk; an eighth of it
	// is kept for events, so that traffic cannot crowd them out. As much again
	// may be held of lines that have not ended yet.
	// Default: 16 MiB. Not negative.
	QueueBytes int

	// RotateBytes is the size at which the file is rotated; it is passed by
	// less than one record. Default: 100 MiB. Below zero: never.
	RotateBytes int64

	// RotateKeep is how many rotated files stay: Path.1 is the newest.
	// Default: 5. At least 1.
	RotateKeep int

	// FlushEvery is how long the writer lets chunks gather before it writes,
	// so that a busy loop does not wake it in every turn; also the most that
	// a killed process loses. Default: 5 ms. At most 1 s.
	FlushEvery time.Duration

	// CloseTimeout is how long Close waits for the disk. Default: 5 s.
	CloseTimeout time.Duration

	// Echo, if set, is also given each event (not the traffic), one Write a
	// record, from a goroutine of its own: a stopped terminal costs echoes,
	// which are counted, and nothing else. Default: none.
	Echo io.Writer

	// open stands for the disk in tests; nil is openFile.
	open func(path string) (logFile, error)
	// exit stands for os.Exit in tests.
	exit func(code int)
}

// check fills in the defaults and refuses what cannot work.
func (o *Options) check() error {
	refuse := func(field, mend string) error { return fmt.Errorf("%w: %s: %s", ErrOptions, field, mend) }
	if o.QueueBytes == 0 {
		o.QueueBytes = DefaultQueueBytes
	}
	if o.RotateBytes == 0 {
		o.RotateBytes = DefaultRotateBytes
	}
	if o.RotateKeep == 0 {
		o.RotateKeep = DefaultRotateKeep
	}
	if o.FlushEvery == 0 {
		o.FlushEvery = DefaultFlushEvery
	}
	if o.CloseTimeout == 0 {
		o.CloseTimeout = DefaultCloseTimeout
	}
	if o.open == nil {
		o.open = openFile
	}
	if o.exit == nil {
		o.exit = os.Exit
	}
	switch {
	case o.Path == "":
		return refuse("Path", "it is empty; name the log file")
	case o.Level < Trace || o.Level > Error:
		return refuse("Level", fmt.Sprintf("%d is none of trace, debug, info, warn, error", o.Level))
	case o.QueueBytes < 0:
		return refuse("QueueBytes", fmt.Sprintf("%d bytes cannot wait; give at least %d", o.QueueBytes, MinQueueBytes))
	case o.RotateKeep < 0:
		return refuse("RotateKeep", fmt.Sprintf("%d rotated files cannot be kept; give 1 or more", o.RotateKeep))
	case o.FlushEvery < 0 || o.FlushEvery > time.Second:
		return refuse("FlushEvery", fmt.Sprintf("%v is not between 0 and 1s", o.FlushEvery))
	case o.CloseTimeout < 0:
		return refuse("CloseTimeout", fmt.Sprintf("%v is negative", o.CloseTimeout))
	}
	return nil
}
