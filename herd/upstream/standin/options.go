package standin

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// ErrOptions says that Options cannot be used; what it is wrapped in names the field and what to do.
var ErrOptions = errors.New("the stand-in's options cannot be used")

// Options makes the stand-in misbehave, so that its users' behaviour can be tested. The zero value behaves.
//
// The options named Every count all requests for /search.json, from 1: with 3, the third, the sixth ... misbehave. 0 is
// never, 1 always. Where several fall on one request, the first in the order below decides.
type Options struct {
	// Delay is waited before every answer. From 0. Default 0.
	Delay time.Duration

	// Jitter is added to Delay: from 0 up to this, always the same for the same question. From 0. Default 0.
	Jitter time.Duration

	// RateLimitEvery answers 420 with a Retry-After of 20 seconds, as Twitter did to who asked too often. From 0.
	RateLimitEvery int

	// FailEvery answers FailStatus with a page of HTML, as Twitter did when it was over capacity. From 0.
	FailEvery int

	// FailStatus is the status of FailEvery's answers: 500 to 599. Default 503.
	FailStatus int

	// GarbageEvery answers 200 with text that begins like JSON and is none. From 0.
	GarbageEvery int

	// TruncateEvery announces the whole answer, sends half of it and closes the connection. From 0.
	TruncateEvery int
}

// withDefaults fills in what was left zero.
func (o Options) withDefaults() Options {
	if o.FailStatus == 0 {
		o.FailStatus = http.StatusServiceUnavailable
	}
	return o
}

// Check tells what is wrong with the options, as ErrOptions.
func (o Options) Check() error {
	o = o.withDefaults()
	for _, field := range []struct {
		name  string
		value int64
	}{
		{"Delay", int64(o.Delay)}, {"Jitter", int64(o.Jitter)},
		{"RateLimitEvery", int64(o.RateLimitEvery)}, {"FailEvery", int64(o.FailEvery)},
		{"GarbageEvery", int64(o.GarbageEvery)}, {"TruncateEvery", int64(o.TruncateEvery)},
	} {
		if field.value < 0 {
			return fmt.Errorf("%w: %s is below zero; 0 turns it off", ErrOptions, field.name)
		}
	}
	if o.FailStatus < 500 || o.FailStatus > 599 {
		return fmt.Errorf("%w: FailStatus is %d; it must be 500 to 599", ErrOptions, o.FailStatus)
	}
	return nil
}

// misbehaviour is what a request gets instead of its answer.
type misbehaviour int

const (
	none misbehaviour = iota
	rateLimit
	fail
	garbage
	truncate
)

// at tells what becomes of the n-th request, the first being 1.
func (o Options) at(n uint64) misbehaviour {
	for _, option := range []struct {
		every int
		what  misbehaviour
	}{
		{o.RateLimitEvery, rateLimit}, {o.FailEvery, fail}, {o.GarbageEvery, garbage}, {o.TruncateEvery, truncate},
	} {
		if option.every > 0 && n%uint64(option.every) == 0 {
			return option.what
		}
	}
	return none
}
