package deferred

import "errors"

// ErrNotAcquired is the panic value of a Release of what nobody holds.
var ErrNotAcquired = errors.New("deferred: released more often than acquired")

// DeferredLock lets one at a time have it, first come, first served:
// twisted/internet/defer.py:1286 DeferredLock. The zero value is an unlocked
// lock.
type DeferredLock struct {
	locked bool
	queue  queue[*DeferredLock]
}

// Acquire fires with the lock when it is the caller's:
// twisted/internet/defer.py:1313 acquire. Cancelling before that gives up the
// place in the queue; after that it does nothing.
func (l *DeferredLock) Acquire() *Deferred[*DeferredLock] {
	if l.locked {
		return l.queue.join()
	}
	l.locked = true
	return Succeed(l)
}

// Release hands the lock to the first who waits, if anybody does:
// twisted/internet/defer.py:1331 release. It panics with ErrNotAcquired if the
// lock is not locked.
func (l *DeferredLock) Release() {
	if !l.locked {
		panic(ErrNotAcquired)
	}
	if d := l.queue.next(); d != nil {
		d.Callback(l) // handed over: it was locked all the time
		return
	}
	l.locked = false
}

// Locked reports whether somebody has the lock.
func (l *DeferredLock) Locked() bool { return l.locked }
