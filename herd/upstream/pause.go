package upstream

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// How long a service that is asked too often is left alone. Where it says how long, that is what counts, up to
// longestPause; where it does not, the pause doubles from firstPause to lastPause until an answer comes. (These are the
// pauses that Twitty Twister makes after an HTTP error.)
const (
	firstPause    = 10 * time.Second
	lastPause     = 240 * time.Second
	shortestPause = time.Second
	longestPause  = time.Hour
)

// statusCalm is Twitter's own status for 429: "Enhance your calm".
const statusCalm = 420

// pause is the time for which a service wants no questions. The zero value is none.
type pause struct {
	mu    sync.Mutex
	until time.Time
	next  time.Duration // of a pause whose length the service does not say; 0 is firstPause
}

// asksForPause tells the answers to who asks too often: 420, 429, and a 503 with a Retry-After, as Twitter sent in 2008.
func asksForPause(response *http.Response) bool {
	switch response.StatusCode {
	case statusCalm, http.StatusTooManyRequests:
		return true
	case http.StatusServiceUnavailable:
		return response.Header.Get("Retry-After") != ""
	}
	return false
}

// begin notes that the service asked for a pause. One that is on is never shortened.
func (p *pause) begin(header http.Header, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	length, said := pauseIn(header, now)
	if !said {
		length = max(p.next, firstPause)
		p.next = min(2*length, lastPause)
	}
	if until := now.Add(min(max(length, shortestPause), longestPause)); until.After(p.until) {
		p.until = until
	}
}

// pauseIn reads how long the service wants to be left alone: from Retry-After, in seconds or as a date, else from
// x-rate-limit-reset, in seconds since 1970.
func pauseIn(header http.Header, now time.Time) (length time.Duration, said bool) {
	after := header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(after, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second, true
	}
	if date, err := http.ParseTime(after); err == nil {
		return date.Sub(now), true
	}
	if reset, err := strconv.ParseUint(header.Get("x-rate-limit-reset"), 10, 40); err == nil {
		return time.Unix(int64(reset), 0).Sub(now), true
	}
	return 0, false
}

// end is when the present pause ends, zero if there is none.
func (p *pause) end(now time.Time) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Before(p.until) {
		return p.until
	}
	return time.Time{}
}

// forget notes that an answer came: the next pause is a first one.
func (p *pause) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next = 0
}

// limited is the failure of a question that comes during a pause.
func limited(name string, until, now time.Time) *failure {
	seconds := int64((until.Sub(now) + time.Second - 1) / time.Second)
	return &failure{
		fmt.Errorf("%w: not asked before %s", ErrLimited, until.UTC().Format(time.RFC3339)),
		fmt.Sprintf("%s is asked too often. Ask again in %d s.", name, seconds),
	}
}

// askedTooOften marks the error of an answer that asks for a pause.
func askedTooOften(err error) error { return fmt.Errorf("%w: %w", ErrLimited, err) }
