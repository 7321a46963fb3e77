package deferred

import (
	"errors"
	"fmt"
)

// ErrNoTokens is a DeferredSemaphore that nobody could ever acquire.
var ErrNoTokens = errors.New("deferred: a DeferredSemaphore needs at least one token")

// DeferredSemaphore lets a number at a time have it, first come, first served:
// twisted/internet/defer.py:1349 DeferredSemaphore.
type DeferredSemaphore struct {
	tokens, limit int
	queue         queue[*DeferredSemaphore]
}

// NewDeferredSemaphore makes a semaphore of so many tokens:
// twisted/internet/defer.py:1365 __init__. It returns ErrNoTokens if they are
// fewer than one.
func NewDeferredSemaphore(tokens int) (*DeferredSemaphore, error) {
	if tokens < 1 {
		return nil, fmt.Errorf("%w: not %d", ErrNoTokens, tokens)
	}
	return &DeferredSemaphore{tokens: tokens, limit: tokens}, nil
}

// Acquire fires with the semaphore when a token is the caller's:
// twisted/internet/defer.py:1388 acquire. Cancelling before that gives up the
// place in the queue; after that it does nothing.
func (s *DeferredSemaphore) Acquire() *Deferred[*DeferredSemaphore] {
	if s.tokens == 0 {
		return s.queue.join()
	}
	s.tokens--
	return Succeed(s)
}

// Release hands the token to the first who waits, or puts it back:
// twisted/internet/defer.py:1404 release. It panics with ErrNotAcquired if all
// tokens are there.
func (s *DeferredSemaphore) Release() {
	if s.tokens == s.limit {
		panic(ErrNotAcquired)
	}
	if d := s.queue.next(); d != nil {
		d.Callback(s)
		return
	}
	s.tokens++
}

// Tokens is how many are there to be acquired.
func (s *DeferredSemaphore) Tokens() int { return s.tokens }
