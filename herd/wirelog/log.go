package wirelog

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"
)

// Log is one node's log. All its methods may be called from any goroutine, and
// none but Flush and Close ever waits for the disk. A nil *Log keeps nothing.
type Log struct {
	lines   bool
	level   atomic.Int32 // a Level
	timeout time.Duration
	front   *logrus.Logger // what Logger gives away
	numbers atomic.Uint64  // connections numbered so far
	wake    chan struct{}  // rings the writer; holds one ring
	done    chan struct{}  // closed when the writer has ended
	writer  *writer

	mu      sync.Mutex // held for a copy or a swap, never across a system call
	queue   queue
	asleep  bool // the writer waits for the bell
	hurried bool // it has been told not to wait for more
	closing bool
	reopen  bool
	waiters []chan struct{} // Flush calls
	drops   drops
	stats   Stats // those counters that the callers change
}

// drops is what was dropped since the last report of it.
type drops struct {
	chunks, bytes uint64
	first, last   int64 // when, in microseconds
}

// Stats are the log's counters since it was opened.
type Stats struct {
	Chunks       uint64 // chunks of traffic taken in
	Bytes        uint64 // their bytes
	Events       uint64 // events taken in
	Dropped      uint64 // chunks, notices and events refused: the queue was full, or the connection or the log closed
	DroppedBytes uint64 // their bytes
	EchoDropped  uint64 // events that Echo did not take in time; the file has them
	WriteErrors  uint64 // failed attempts to write, rotate or reopen the file
	LostBytes    uint64 // bytes of finished records that failed writes lost
	Rotations    uint64 // rotated files
	Waiting      int    // bytes of memory that waiting chunks hold now
}

// Open opens the log file, making its directory where it is missing, and starts
// the writer. The error is ErrOptions or ErrUnwritable.
func Open(options Options) (*Log, error) {
	if err := options.check(); err != nil {
		return nil, err
	}
	file, err := options.open(options.Path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w; make the directory writable for this user, or set log.dir to one that is",
			ErrUnwritable, err)
	}
	l := &Log{
		lines:   options.Lines,
		timeout: options.CloseTimeout,
		wake:    make(chan struct{}, 1),
		done:    make(chan struct{}),
		queue:   newQueue(options.QueueBytes),
		asleep:  true,
	}
	l.level.Store(int32(options.Level))
	l.front = newFront(l, options)
	l.writer = newWriter(l, options, file)
	go l.writer.run()
	return l, nil
}

// bell says whether the writer must be rung for what was just queued: once when
// it sleeps, and once more if a quarter of the queue fills while it lets chunks
// gather. So a busy loop pays for a wake-up every few milliseconds, not in
// every turn. Called with the lock held; the ring itself comes after it.
func (l *Log) bell() bool {
	if l.asleep {
		l.asleep = false
		return true
	}
	if !l.hurried && len(l.queue.filling) > l.queue.max/4 {
		l.hurried = true
		return true
	}
	return false
}

// ring wakes the writer; a ring that it has not heard yet is enough.
func (l *Log) ring() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// drop counts what was refused. Called with the lock held.
func (l *Log) drop(bytes int, micros int64) {
	if l.drops.chunks == 0 {
		l.drops.first = micros
	}
	l.drops.chunks++
	l.drops.bytes += uint64(bytes)
	l.drops.last = micros
	l.stats.Dropped++
	l.stats.DroppedBytes += uint64(bytes)
}

// hurry rings the writer for something that cannot wait for more chunks.
func (l *Log) hurry(ask func()) {
	l.mu.Lock()
	ask()
	l.asleep, l.hurried = false, true
	l.mu.Unlock()
	l.ring()
}

// Reopen makes the writer open Path anew, as on SIGHUP after the file was
// renamed. It returns at once; what was handed over before goes to the old
// file. If Path cannot be opened the old file stays in use, and the log says so.
func (l *Log) Reopen() {
	if l != nil {
		l.hurry(func() { l.reopen = true })
	}
}

// SetLevel changes the least level of an event that is kept, from the next event
// on. One that is no level is taken for the nearest.
func (l *Log) SetLevel(level Level) {
	if l != nil {
		level = max(Trace, min(Error, level))
		l.level.Store(int32(level))
		l.front.SetLevel(toLogrus(level))
	}
}

// Flush waits until all that was handed over before is in the file, or failed to
// get there. The error is the context's.
func (l *Log) Flush(ctx context.Context) error {
	if l == nil {
		return nil
	}
	written := make(chan struct{})
	l.hurry(func() { l.waiters = append(l.waiters, written) })
	select {
	case <-written:
		return nil
	case <-l.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wirelog: flush: %w", ctx.Err())
	}
}

// Close writes all that waits, unfinished lines too, closes the file and ends
// the log's goroutines. It waits no longer than Options.CloseTimeout; then the
// error is ErrStuck. Later calls wait for the same end.
func (l *Log) Close() error {
	if l == nil {
		return nil
	}
	l.hurry(func() { l.closing = true })
	timer := time.NewTimer(l.timeout)
	defer timer.Stop()
	select {
	case <-l.done:
		return l.writer.closeErr
	case <-timer.C:
		return fmt.Errorf("%w: %s, after %v", ErrStuck, l.writer.out.path, l.timeout)
	}
}

// Stats returns the counters as they stand.
func (l *Log) Stats() Stats {
	if l == nil {
		return Stats{}
	}
	l.mu.Lock()
	s := l.stats
	s.Waiting = l.queue.held * blockSize
	l.mu.Unlock()
	s.EchoDropped = l.writer.echo.dropped.Load()
	s.WriteErrors = l.writer.out.writeErrors.Load()
	s.LostBytes = l.writer.out.lostBytes.Load()
	s.Rotations = l.writer.out.rotations.Load()
	return s
}
