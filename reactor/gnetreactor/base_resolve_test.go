//go:build linux

package gnetreactor

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"proxyherd/reactor"
)

// lookUpFunc is a Resolver made of a function.
type lookUpFunc func(ctx context.Context, host string) ([]netip.Addr, error)

func (f lookUpFunc) LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error) {
	if network != "ip4" {
		return nil, errors.New("asked for " + network)
	}
	return f(ctx, host)
}

// resolved is how a lookup ended.
type resolved struct {
	literal string
	err     error
	times   int
}

// resolve looks name up on a reactor and tells how that ended. then is called in
// the end, and stops the reactor.
func resolve(t *testing.T, config Config, name string, then func(r *Reactor)) (got resolved) {
	t.Helper()
	r, _ := newTestReactor(t, config)
	r.CallWhenRunning(func() {
		r.Resolve(name).AddBoth(func(literal string, err error) (string, error) {
			got = resolved{literal, err, got.times + 1}
			then(r)
			return literal, nil
		})
	})
	run(t, r)
	return got
}

func TestResolve(t *testing.T) { // RZ1, RZ2
	t.Run("asks on a worker and tells the loop", func(t *testing.T) {
		asked, loopMoved := "", make(chan struct{})
		config := Config{Resolver: lookUpFunc(func(_ context.Context, host string) ([]netip.Addr, error) {
			<-loopMoved // it never would, if this ran on the loop
			asked = host
			return []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")}, nil
		})}
		r, _ := newTestReactor(t, config)
		r.CallWhenRunning(func() {
			r.Resolve("pear.example").AddBoth(func(literal string, err error) (string, error) {
				if literal != "192.0.2.1" || err != nil || asked != "pear.example" {
					t.Errorf("of %q it makes %q (%v)", asked, literal, err)
				}
				stop(r)
				return literal, nil
			})
			r.CallLater(0, func() { close(loopMoved) })
		})
		run(t, r)
		if asked == "" {
			t.Error("nobody was asked")
		}
	})

	t.Run("fails with what the resolver says", func(t *testing.T) {
		unknown := &net.DNSError{Err: "no such host", Name: "pear.example", IsNotFound: true}
		got := resolve(t, Config{Resolver: lookUpFunc(func(context.Context, string) ([]netip.Addr, error) {
			return nil, unknown
		})}, "pear.example", stop)
		if !errors.Is(got.err, reactor.ErrDNSLookup) || !errors.Is(got.err, unknown) || errors.Is(got.err, reactor.ErrConnect) {
			t.Errorf("it failed with %v", got.err)
		}
		if !strings.Contains(got.err.Error(), "pear.example") {
			t.Errorf("%q does not say what was looked up", got.err)
		}
	})

	t.Run("fails if the name has no address", func(t *testing.T) {
		got := resolve(t, Config{Resolver: lookUpFunc(func(context.Context, string) ([]netip.Addr, error) {
			return nil, nil
		})}, "pear.example", stop)
		if !errors.Is(got.err, reactor.ErrDNSLookup) {
			t.Errorf("it failed with %v", got.err)
		}
	})

	t.Run("fails after its time-out, and the late answer is dropped", func(t *testing.T) {
		answered := make(chan struct{})
		config := Config{ResolveTimeout: time.Millisecond}
		config.Resolver = lookUpFunc(func(ctx context.Context, _ string) ([]netip.Addr, error) {
			<-ctx.Done() // and yet there is an answer in the end
			close(answered)
			return []netip.Addr{netip.MustParseAddr("192.0.2.1")}, nil
		})
		got := resolve(t, config, "pear.example", func(r *Reactor) {
			// The answer is posted before the pool's only next job is.
			r.SuggestThreadPoolSize(1)
			<-answered
			r.CallInThread(func() { r.CallFromThread(func() { stop(r) }) })
		})
		if !errors.Is(got.err, reactor.ErrDNSLookup) || !errors.Is(got.err, context.DeadlineExceeded) || got.times != 1 {
			t.Errorf("it ended %d times, with %q and %v", got.times, got.literal, got.err)
		}
	})

	t.Run("fails after its time-out though no worker was free", func(t *testing.T) {
		config := Config{ResolveTimeout: time.Millisecond, ThreadPoolSize: 1}
		config.Resolver = lookUpFunc(func(context.Context, string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr("192.0.2.1")}, nil
		})
		r, _ := newTestReactor(t, config)
		free := make(chan struct{})
		var reason error
		r.CallWhenRunning(func() {
			r.CallInThread(func() { <-free })
			r.Resolve("pear.example").AddBoth(func(literal string, err error) (string, error) {
				reason = err
				close(free)
				stop(r)
				return literal, nil
			})
		})
		run(t, r)
		if !errors.Is(reason, context.DeadlineExceeded) {
			t.Errorf("it failed with %v", reason)
		}
	})

	t.Run("does not keep the reactor from ending", func(t *testing.T) {
		asked := make(chan struct{})
		config := Config{Resolver: lookUpFunc(func(ctx context.Context, _ string) ([]netip.Addr, error) {
			close(asked)
			<-ctx.Done()
			return nil, ctx.Err()
		})}
		r, _ := newTestReactor(t, config)
		r.CallWhenRunning(func() {
			r.Resolve("pear.example").AddBoth(func(literal string, err error) (string, error) {
				t.Errorf("it ended with %q and %v", literal, err)
				return literal, nil
			})
			<-asked
			stop(r)
		})
		run(t, r)
	})

	t.Run("fails at once when the reactor has ended", func(t *testing.T) {
		r, _ := newTestReactor(t, Config{})
		r.CallWhenRunning(func() { stop(r) })
		run(t, r)
		var reason error
		r.Resolve("localhost").AddBoth(func(literal string, err error) (string, error) { reason = err; return literal, nil })
		if !errors.Is(reason, reactor.ErrDNSLookup) {
			t.Errorf("it failed with %v", reason)
		}
	})

	t.Run("asks the system by default", func(t *testing.T) {
		if got := resolve(t, Config{}, "localhost", stop); got.literal != "127.0.0.1" || got.err != nil {
			t.Errorf("localhost is %q (%v)", got.literal, got.err)
		}
	})
}
