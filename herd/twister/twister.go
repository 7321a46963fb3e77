// Package twister asks a web service from a reactor's loop and gives its answers as Deferreds.
//
// It plays the role of Twitty Twister (github.com/dustin/twitty-twister), Twisted's library for Twitter, and differs
// where that one does not do: a question has a timeout (Twitty Twister's default is none, so that a silent service leaves
// a Deferred unfired for ever), the answer is the service's own JSON (Twitty Twister parses Atom and hands over its
// entries), and the service may be any that package upstream knows.
package twister

import (
	"context"
	"errors"
	"fmt"

	"proxyherd/herd/upstream"
	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

// ErrLoopEnded is the result of a question to a reactor that has ended already.
var ErrLoopEnded = errors.New("the reactor has ended: it will give no answer")

// Client is where answers come from; *upstream.Client is one. Its own timeout, 5 s by default, is that of every question.
type Client interface {
	Ask(ctx context.Context, q upstream.Query, done func(upstream.Result))
}

// Twister asks for one reactor. Its methods are called on that reactor's loop, and so are the callbacks of what they
// return. Answers are one line of compact JSON without its end, the caller's to keep. A Deferred that is cancelled
// withdraws its question; one that fails does so with an *AnswerError or with ErrLoopEnded.
type Twister struct {
	loop   reactor.Threads
	client Client
}

// New makes a Twister. The client is the caller's, who closes it once the reactor has ended.
func New(loop reactor.Threads, client Client) *Twister { return &Twister{loop, client} }

// AnswerError is an answer that is none.
type AnswerError struct {
	Line   []byte // the service's own error, or one in its form: one line of JSON
	Status int    // of HTTP, 0 if nothing came
	Err    error  // one of package upstream's
}

// Error says what went wrong; it holds neither an address nor a key.
func (e *AnswerError) Error() string { return e.Err.Error() }

// Unwrap returns what went wrong.
func (e *AnswerError) Unwrap() error { return e.Err }

// Place is a circle. The numbers are decimal texts: degrees with their sign, and kilometres without one.
type Place struct{ Latitude, Longitude, Radius string }

// Search asks for words, anywhere or, with a place, there: at most limit results. It is Twitty Twister's
// Twitter.search. The kinds places-new and wikipedia cannot be asked for words, nor places without a place; the error is
// upstream.ErrCannotAsk.
func (t *Twister) Search(words string, place Place, limit int) *deferred.Deferred[[]byte] {
	return t.ask(upstream.Query{
		Words: words, Latitude: place.Latitude, Longitude: place.Longitude, Radius: place.Radius, Limit: limit,
	})
}

// Nearby asks for whatever is at a place, at most limit results. In Twitty Twister it would be search with a geocode
// among its extra arguments.
func (t *Twister) Nearby(place Place, limit int) *deferred.Deferred[[]byte] {
	return t.Search("", place, limit)
}

func (t *Twister) ask(q upstream.Query) *deferred.Deferred[[]byte] {
	ctx, cancel := context.WithCancel(context.Background())
	// Cancelled, it fails at once; what the client says then comes too late and is dropped.
	d := deferred.New(func(*deferred.Deferred[[]byte]) { cancel() })
	// A loop that has ended would never say so: it takes the answer's call and drops it.
	if !t.loop.CallFromThread(func() {}) {
		cancel()
		return deferred.Fail[[]byte](fmt.Errorf("asking the upstream: %w", ErrLoopEnded))
	}
	t.client.Ask(ctx, q, func(r upstream.Result) {
		t.loop.CallFromThread(func() {
			cancel()
			switch {
			case d.Called():
			case r.Err != nil:
				d.Errback(&AnswerError{r.Line, r.Status, r.Err})
			default:
				d.Callback(r.Line)
			}
		})
	})
	return d
}
