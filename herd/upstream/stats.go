package upstream

import (
	"errors"
	"sync/atomic"
	"time"
)

// Stats are what a client has done so far, and how it stands. Every question ends in one of Answered to Broken.
type Stats struct {
	Asked    int64 // questions that came
	Requests int64 // requests sent, those of Retried among them
	Dialled  int64 // connections opened for them; the other requests went over one that was there
	Retried  int64 // second attempts
	Shared   int64 // questions that joined an equal one under way
	Cached   int64 // questions answered from the cache

	Answered    int64 // with an answer
	Timeouts    int64 // ErrTimeout
	Withdrawn   int64 // ErrWithdrawn
	Unreachable int64 // ErrUnreachable
	CutOff      int64 // ErrCutOff
	TooLong     int64 // ErrTooLong
	NotJSON     int64 // ErrNotJSON
	Refused     int64 // ErrRefused
	Limited     int64 // ErrLimited, by the service itself or during a pause
	Resting     int64 // ErrResting
	Broken      int64 // anything else: ErrCannotAsk, ErrBroken

	Breaker     string // closed (all is well), open or half-open
	PausedUntil int64  // when the pause ends that the service asked for, in seconds since 1970, rounded up; 0: there is none
}

// reasons are the errors by which questions are counted, in the order in which they are looked at: an error can be
// several, of which the first tells more.
var reasons = [...]error{ErrLimited, ErrResting, ErrTimeout, ErrWithdrawn, ErrUnreachable, ErrCutOff, ErrTooLong, ErrNotJSON, ErrRefused}

// counts are the numbers behind Stats.
type counts struct {
	asked, requests, dialled, retried, shared, cached, answered, broken atomic.Int64
	failed                                                              [len(reasons)]atomic.Int64
}

// outcome counts how a question ended.
func (c *counts) outcome(err error) {
	if err == nil {
		c.answered.Add(1)
		return
	}
	for i, reason := range reasons {
		if errors.Is(err, reason) {
			c.failed[i].Add(1)
			return
		}
	}
	c.broken.Add(1)
}

// Stats tells what the client has done so far. The numbers are read one after the other, while questions may go on.
func (c *Client) Stats() Stats {
	n := &c.counts
	stats := Stats{
		Asked: n.asked.Load(), Requests: n.requests.Load(), Dialled: n.dialled.Load(), Retried: n.retried.Load(), Shared: n.shared.Load(), Cached: n.cached.Load(),
		Answered: n.answered.Load(), Broken: n.broken.Load(),
		Breaker: c.breaker.State().String(),
	}
	for i, to := range [len(reasons)]*int64{
		&stats.Limited, &stats.Resting, &stats.Timeouts, &stats.Withdrawn, &stats.Unreachable, &stats.CutOff, &stats.TooLong, &stats.NotJSON, &stats.Refused,
	} {
		*to = n.failed[i].Load()
	}
	if until := c.pause.end(time.Now()); !until.IsZero() {
		stats.PausedUntil = until.Add(time.Second - 1).Unix()
	}
	return stats
}
