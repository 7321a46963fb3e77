// Package upstream asks a web service what is near a place, and makes one line of JSON of its answer.
//
// A Client is the only part that does I/O. Ask never waits, so a loop may call it; Fetch waits for its answer. Both take
// a context whose deadline is the moment at which the asking client must have its answer. Whatever happens there is a
// line to send: the upstream's answer with its white space taken out and its list cut, the upstream's own error, or an
// error in the upstream's form.
//
// On its way a question passes, in this order: the cache, if there is one (cache.go); the pause that the service asked
// for (pause.go); equal questions under way, which it joins (flight.go); a slot, as only so many may be under way; the
// circuit breaker (breaker.go); and at most two attempts (attempt.go). Between the parts of that work it lets others run
// (yield.go).
//
// A Kind says how one sort of upstream is asked; each is a small file (twitter.go). Compact and CutList are what is done
// to the text of an answer, and are exact: but for white space and the elements cut off, every byte survives.
package upstream

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/sony/gobreaker/v2"
)

// Client asks one upstream. It may be used from many goroutines at once.
type Client struct {
	config  Config
	address *url.URL
	http    http.Client
	slots   chan struct{} // holds one for each question that is being asked
	breaker *gobreaker.CircuitBreaker[Result]
	pause   pause
	cache   cache
	counts  counts

	base context.Context // ends with Close, and with it every flight
	end  context.CancelFunc
	mu   sync.Mutex
	// flights are the questions under way. Guarded by mu, as is closed.
	flights map[Query]*flight
	flying  sync.WaitGroup
	closed  bool
}

// Result is the outcome of one question.
type Result struct {
	// Line is one JSON value without a newline: never empty, and the caller's to keep.
	Line []byte

	// Status is the HTTP status of the answer, 0 if none came.
	Status int

	// Err is nil if Line is the answer, else it says why it is not, for counters (errors.Is with ErrTimeout,
	// ErrWithdrawn, ErrUnreachable, ErrCutOff, ErrTooLong, ErrNotJSON, ErrRefused, ErrLimited, ErrResting, ErrCannotAsk,
	// ErrBroken) and for the log. It holds no URL and no key.
	Err error
}

// New makes a client. The error is ErrConfig. Nothing is dialled before the first question.
func New(config Config) (*Client, error) {
	config = config.withDefaults()
	address, err := config.check()
	if err != nil {
		return nil, err
	}
	c := &Client{
		config: config, address: address,
		slots:   make(chan struct{}, config.Connections),
		breaker: newBreaker(config.Kind.Name()),
		cache:   cache{keep: config.Cache},
		flights: make(map[Query]*flight),
	}
	c.base, c.end = context.WithCancel(context.Background())
	c.http.Transport = config.transport(&c.counts.dialled)
	// A redirect would take the question, and a key with it, to an address that nobody configured.
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return c, nil
}

// Close withdraws the questions under way, waits until they have let go, and closes the connections. Later questions
// are withdrawn at once.
func (c *Client) Close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.end()
	c.flying.Wait()
	c.http.CloseIdleConnections()
}

// Fetch asks and waits: until the answer is there, ctx ends, or Config.Timeout has passed, whichever comes first. A limit
// outside of the kind's bounds counts as the nearest one inside.
func (c *Client) Fetch(ctx context.Context, q Query) Result {
	answered := make(chan Result, 1)
	c.Ask(ctx, q, func(r Result) { answered <- r })
	return <-answered
}

// Ask is Fetch for a caller that must not wait, such as an event loop. done is called once, with what Fetch returns: on
// a goroutine of the client's, or on the caller's before Ask returns where the outcome is known at once.
func (c *Client) Ask(ctx context.Context, q Query, done func(Result)) {
	c.counts.asked.Add(1)
	counted := func(r Result) {
		c.counts.outcome(r.Err)
		done(r)
	}
	now := time.Now()
	if line, status := c.cache.get(q, now); line != nil {
		c.counts.cached.Add(1)
		counted(Result{Line: line, Status: status})
		return
	}
	if f := c.refusal(now); f != nil {
		counted(c.failed(0, f))
		return
	}
	c.join(ctx, q, counted)
}

// refusal is the failure of a question that would not be asked now, nil if it would.
func (c *Client) refusal(now time.Time) *failure {
	name := c.config.Kind.Name()
	if until := c.pause.end(now); !until.IsZero() {
		return limited(name, until, now)
	}
	if c.breaker.State() == gobreaker.StateOpen {
		return resting(name)
	}
	return nil
}

// failed makes the result of a question that has no JSON for an answer.
func (c *Client) failed(status int, f *failure) Result {
	return Result{Line: c.config.Kind.ErrorLine(f.sentence), Status: status, Err: f}
}
