package upstream

import (
	"bytes"
	"sync"
	"time"
)

// Bounds of the cache: how many answers it holds, and how many bytes of them.
const (
	maxCached      = 4096
	maxCachedBytes = 64 << 20
)

// cache keeps answers for a while. All are kept equally long, so the oldest is the first to go, for its age or for want
// of room. The zero value keeps none.
type cache struct {
	keep time.Duration

	mu      sync.Mutex
	answers map[Query]cached
	order   []Query // the oldest first
	bytes   int
}

// cached is one answer; its line is never changed.
type cached struct {
	line   []byte
	status int
	until  time.Time
}

// get returns a copy of an answer that is fresh, or nil.
func (c *cache) get(q Query, now time.Time) (line []byte, status int) {
	if c.keep == 0 {
		return nil, 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drop(now, 0)
	answer, found := c.answers[q]
	if !found {
		return nil, 0
	}
	return bytes.Clone(answer.line), answer.status
}

// put keeps a copy of an answer, unless it is larger than all that may be kept.
func (c *cache) put(q Query, r Result, now time.Time) {
	if c.keep == 0 || len(r.Line) > maxCachedBytes {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drop(now, len(r.Line))
	if _, there := c.answers[q]; there {
		return // an equal question was on its way when the last one left; either answer does
	}
	if c.answers == nil {
		c.answers = make(map[Query]cached)
	}
	c.answers[q] = cached{bytes.Clone(r.Line), r.Status, now.Add(c.keep)}
	c.order = append(c.order, q)
	c.bytes += len(r.Line)
}

// drop takes out what is too old, and then the oldest until room is there for another answer of so many bytes; none for
// 0 bytes, which no answer has.
func (c *cache) drop(now time.Time, room int) {
	for len(c.order) > 0 {
		oldest := c.order[0]
		answer := c.answers[oldest]
		full := room > 0 && (len(c.order) == maxCached || c.bytes+room > maxCachedBytes)
		if !full && now.Before(answer.until) {
			return
		}
		delete(c.answers, oldest)
		c.order[0] = Query{} // its texts may go
		c.order = c.order[1:]
		c.bytes -= len(answer.line)
	}
}
