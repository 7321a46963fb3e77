package wirelog

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
)

// flushBytes is how much is written at once. Larger writes gain nothing more,
// and this much stays in the processor's cache.
const flushBytes = 256 << 10

// logFile is what the log needs of an open file.
type logFile struct {
	io.WriteCloser
	size    int64
	torn    bool // the last byte is no line end: an earlier run was killed in a write
	regular bool // it can be rotated; a terminal or a pipe cannot
}

// openFile opens the log at path for appending.
func openFile(path string) (logFile, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return logFile{}, err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o640)
	if err != nil {
		return logFile{}, err
	}
	info, err := f.Stat()
	if err != nil {
		return logFile{}, errors.Join(err, f.Close())
	}
	file := logFile{WriteCloser: f, regular: info.Mode().IsRegular()}
	if file.regular && info.Size() > 0 {
		file.size = info.Size()
		var last [1]byte
		if _, err := f.ReadAt(last[:], file.size-1); err != nil {
			return logFile{}, errors.Join(err, f.Close())
		}
		file.torn = last[0] != '\n'
	}
	return file, nil
}

// output is the file as the writer's goroutine sees it: whole records go in, and
// what fails is counted and told once it works again. Nothing is fatal.
type output struct {
	path     string
	open     func(path string) (logFile, error)
	report   func(level Level, message string, fields ...Field)
	rotateAt int64
	nextAt   int64 // the size for the next try; beyond rotateAt if a try failed
	keep     int

	buf  []byte // whole records
	file logFile

	failed     uint64 // errors since the last report
	failedLost uint64 // bytes of records lost since then
	failure    error  // the latest
	reporting  bool   // that report is being written

	writeErrors, lostBytes, rotations atomic.Uint64
}

func newOutput(options Options, file logFile, report func(Level, string, ...Field)) *output {
	return &output{
		path: options.Path, open: options.open, report: report,
		rotateAt: options.RotateBytes, nextAt: options.RotateBytes, keep: options.RotateKeep,
		file: file,
	}
}

// recordEnded is called after each record that was appended to buf.
func (o *output) recordEnded() {
	switch {
	case o.file.regular && o.rotateAt > 0 && o.file.size+int64(len(o.buf)) >= o.nextAt:
		o.flush()
		o.rotate()
	case len(o.buf) >= flushBytes:
		o.flush()
	}
}

// flush writes what is buffered; the first time that this works after it did
// not, a report of what was lost follows.
func (o *output) flush() {
	if len(o.buf) == 0 || !o.write() || o.failed == 0 || o.reporting {
		return
	}
	failed, lost, failure := o.failed, o.failedLost, o.failure
	o.reporting = true
	o.report(Error, "the log file could not be written for a while",
		F("errors", failed), F("lost_bytes", lost), F("last_error", failure))
	if o.write() {
		o.failed -= failed
		o.failedLost -= lost
	}
	o.reporting = false
}

// write says whether what was buffered is in the file.
func (o *output) write() bool {
	if o.file.torn {
		// The torn record must not run into the next one.
		if _, err := o.file.Write([]byte{'\n'}); err != nil {
			o.lose(err, len(o.buf))
			return false
		}
		o.file.size++
		o.file.torn = false
	}
	n, err := o.file.Write(o.buf)
	o.file.size += int64(n)
	if err != nil {
		o.file.torn = n > 0 && o.buf[n-1] != '\n'
		o.lose(err, len(o.buf)-n)
		return false
	}
	o.buf = o.buf[:0]
	return true
}

// lose gives up what is buffered.
func (o *output) lose(err error, bytes int) {
	o.fail(err)
	o.failedLost += uint64(bytes)
	o.lostBytes.Add(uint64(bytes))
	o.buf = o.buf[:0]
}

func (o *output) fail(err error) {
	o.failed++
	o.failure = err
	o.writeErrors.Add(1)
}

// rotate renames the file to path.1, path.1 to path.2 and so on; the oldest is
// removed. If it fails the file grows on, and by half again before the next
// try.
func (o *output) rotate() {
	if err := o.shift(); err != nil {
		o.fail(fmt.Errorf("rotate: %w", err))
		o.nextAt = o.file.size + max(o.rotateAt/2, 1)
		return
	}
	o.rotations.Add(1)
	o.replace("rotate")
}

func (o *output) shift() error {
	// A rename over the oldest would have ext4 send to the disk, here and now, all of the
	// one that is renamed.
	oldest := o.rotated(o.keep)
	// os.Remove would remove an empty directory too, which is no file of ours.
	if err := syscall.Unlink(oldest); err != nil && !errors.Is(err, os.ErrNotExist) {
		return &os.PathError{Op: "unlink", Path: oldest, Err: err}
	}
	for i := o.keep; i > 1; i-- {
		err := os.Rename(o.rotated(i-1), o.rotated(i))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return os.Rename(o.path, o.rotated(1))
}

func (o *output) rotated(i int) string { return o.path + "." + strconv.Itoa(i) }

// reopen opens path anew after someone else has renamed the file.
func (o *output) reopen() { o.replace("reopen") }

// replace opens path and closes the old file; if that fails, the old file stays.
func (o *output) replace(why string) {
	file, err := o.open(o.path)
	if err != nil {
		o.fail(fmt.Errorf("%s: %w", why, err))
		o.nextAt = o.file.size + max(o.rotateAt/2, 1)
		return
	}
	if err := o.file.Close(); err != nil {
		o.fail(fmt.Errorf("%s: close the old file: %w", why, err))
	}
	o.file, o.nextAt = file, o.rotateAt
}

func (o *output) close() error {
	o.flush()
	if err := o.file.Close(); err != nil {
		return fmt.Errorf("wirelog: close %s: %w", o.path, err)
	}
	if o.failed > 0 {
		return fmt.Errorf("wirelog: the end of %s was not written: %w", o.path, o.failure)
	}
	return nil
}
