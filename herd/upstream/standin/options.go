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
// The options named Every count all questions to all services together, from 1: with 3, the third, the sixth ...
// misbehave. 0 is never, 1 always. Where several fall on one question, the first in the order below decides.
type Options struct {
	// Delay is waited before every answer. From 0. Default 0.
	Delay time.Duration

	// Jitter is added to Delay: from 0 up to this, always the same for the same URL. From 0. Default 0.
	Jitter time.Duration

	// RateLimitEvery says that too much was asked, in the service's own form: 420 with Retry-After in Twitter's first API,
	// 429 with x-rate-limit-reset in its later ones, OVER_QUERY_LIMIT and RESOURCE_EXHAUSTED in Google's, 429 with
	// Retry-After in Wikipedia's. What these say is 20 seconds. From 0.
	RateLimitEvery int

	// FailEvery fails with FailStatus, in the service's own form: a page of HTML in Twitter's first API, JSON in all
	// others. Google's old one has no other status than 200 and says UNKNOWN_ERROR in it. From 0.
	FailEvery int

	// FailStatus is the status of FailEvery's answers: 500 to 599. Default 503.
	FailStatus int

	// GarbageEvery answers 200 with text that begins like JSON and is none. From 0.
	GarbageEvery int

	// TruncateEvery announces the whole answer, sends half of it and closes the connection. From 0.
	TruncateEvery int

	// HugeEvery has the whole answer follow on 16 MiB of white space: it is good JSON, and longer than anybody should
	// take. From 0.
	HugeEvery int
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
		{"HugeEvery", int64(o.HugeEvery)},
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
	huge
)

// at tells what becomes of the n-th request, the first being 1.
func (o Options) at(n uint64) misbehaviour {
	for _, option := range []struct {
		every int
		what  misbehaviour
	}{
		{o.RateLimitEvery, rateLimit}, {o.FailEvery, fail}, {o.GarbageEvery, garbage},
		{o.TruncateEvery, truncate}, {o.HugeEvery, huge},
	} {
		if option.every > 0 && n%uint64(option.every) == 0 {
			return option.what
		}
	}
	return none
}
