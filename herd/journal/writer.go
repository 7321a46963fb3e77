package journal

import (
	"errors"
	"fmt"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"proxyherd/herd/wirelog"
)

// run writes batches until the end.
func (j *Journal) run() {
	defer close(j.ended)
	for last := false; !last; {
		last = j.await()
		for b := j.take(); b != nil; b = j.take() {
			if err := j.save(b); err != nil {
				j.hasFailed(err)
				j.unsaved = b
				break // until a pause is over
			}
			j.isSaved(b)
			if !last && !j.always {
				break // and gather again
			}
		}
	}
	if j.store != nil {
		if err := j.store.close(); err != nil {
			j.hasFailed(err)
		}
	}
	j.release()
}

// await returns when there is something to write, and reports whether it is the
// last time.
func (j *Journal) await() (last bool) {
	var wait time.Duration
	if j.unsaved != nil {
		wait = j.pause
		j.pause = min(2*j.pause, j.times.most)
	} else {
		select {
		case <-j.wake:
		case <-j.broken():
			// Pebble has failed at something of its own.
		case <-j.closing:
			return true
		}
		if !j.always {
			wait = time.Until(j.synced.Add(j.times.gather))
		}
	}
	if wait <= 0 {
		return false
	}
	gathered := time.NewTimer(wait)
	defer gathered.Stop()
	select {
	case <-gathered.C:
		return false
	case <-j.closing:
		return true
	}
}

// broken is closed when the store must be opened anew.
func (j *Journal) broken() <-chan struct{} {
	if j.store == nil {
		return nil
	}
	return j.store.broken
}

// take returns what is to be written next; nil: nothing. An empty batch is a look
// whether the disk works again.
func (j *Journal) take() *batch {
	if b := j.unsaved; b != nil {
		j.unsaved = nil
		return b
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.pending.empty() {
		select {
		case <-j.broken():
		default:
			return nil
		}
	}
	b := j.pending
	j.held, j.pending, j.spare = b, j.spare, nil
	j.pending.number = b.number + 1
	return b
}

// save returns when a batch is safe, or cannot be made so.
func (j *Journal) save(b *batch) error {
	if j.store != nil {
		select {
		case <-j.store.broken:
			return j.abandon()
		default:
		}
	}
	if j.store == nil {
		if err := j.reopen(); err != nil {
			return err
		}
	}
	done, s := make(chan error, 1), j.store
	go func() { done <- s.apply(b) }()
	b.read = true
	slow := time.NewTimer(j.times.slow)
	defer slow.Stop()
	for {
		select {
		case err := <-done:
			if err != nil {
				s.fail(err)
				return j.abandon()
			}
			b.read = false
			return nil
		case <-s.broken:
			return j.abandon()
		case <-slow.C:
			j.hasFailed(fmt.Errorf("%w within %v", errSlow, j.times.slow))
			slow.Reset(j.times.slow)
		}
	}
}

// abandon gives the store up, and returns why.
func (j *Journal) abandon() error {
	s := j.store
	j.store = nil
	s.abandon()
	return s.why
}

// reopen opens the store anew, once a file can be written at all: each attempt at
// more than that costs memory.
func (j *Journal) reopen() error {
	if err := probe(j.fs, j.fs.PathJoin(j.where, "probe")); err != nil {
		return err
	}
	s, err := openStore(j.fs, j.where, j.cache, j.end, j.log)
	j.store = s
	return err
}

// probe writes a file, and removes it.
func probe(fs vfs.FS, path string) error {
	f, err := fs.Create(path, vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, piece))
	return errors.Join(err, f.Sync(), f.Close(), fs.Remove(path))
}

// isSaved takes note that a batch is safe.
func (j *Journal) isSaved(b *batch) {
	now := time.Now()
	j.synced, j.pause = now, j.times.again
	j.mu.Lock()
	st := &j.status
	j.saved, j.held = b.number, nil
	st.Saved += int64(len(b.records))
	st.Batches++
	if !b.empty() {
		st.LongestLag = max(st.LongestLag, now.Sub(b.began).Seconds())
	}
	st.LastSync = now.Round(0)
	failed := st.FailedSince
	st.FailedSince, st.Error = time.Time{}, ""
	// What came from neighbours meanwhile waits too, and an answer must not be taken
	// for one of those that were refused.
	j.refusing.Store(j.always && j.saved < j.refused)
	j.mu.Unlock()
	j.spare = b.reset()
	if !failed.IsZero() {
		j.log.Event(now, wirelog.Info, "journal works again", wirelog.F("failed_since", failed))
	}
	j.tell()
}

// hasFailed takes note that the disk has failed. What waits for it is refused, where
// answers do.
func (j *Journal) hasFailed(err error) {
	now := time.Now()
	j.mu.Lock()
	j.refusing.Store(j.always)
	st := &j.status
	j.refused = j.last()
	first := st.FailedSince.IsZero()
	if first {
		st.FailedSince = now.Round(0)
	}
	st.Failures++
	st.Error = err.Error()
	j.mu.Unlock()
	if first {
		j.log.Event(now, wirelog.Error, "journal failed", wirelog.F("error", err), wirelog.F("dir", j.where))
	}
	j.tell()
}

func (j *Journal) tell() {
	j.telling.Lock()
	defer j.telling.Unlock()
	if j.notify != nil {
		j.notify()
	}
}
