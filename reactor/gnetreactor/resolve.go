//go:build linux

package gnetreactor

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

// Resolver looks names up: twisted/internet/interfaces.py:58 IResolverSimple.
// A *net.Resolver is one.
type Resolver interface {
	// LookupNetIP gives the addresses of host; network is "ip4". It is called
	// on a worker, should return when ctx is done, and must not use the
	// reactor.
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// defaultResolveTimeout is the sum of Twisted's timeouts for one lookup:
// twisted/internet/base.py:256.
const defaultResolveTimeout = 60 * time.Second

var (
	errNoAddress = errors.New("it has no IPv4 address")
	errStopped   = errors.New("the reactor has stopped")
)

// Resolve looks up an IPv4 address on the pool:
// twisted/internet/base.py:561 resolve and :213 ThreadedResolver. What comes
// after the time-out is dropped.
func (r *Reactor) Resolve(name string) *deferred.Deferred[string] {
	if name == "" {
		return deferred.Succeed("0.0.0.0")
	}
	if addr, err := literal(name); err == nil {
		return deferred.Succeed(addr.String())
	}
	resolved := deferred.New[string](nil)
	ctx, cancel := context.WithCancel(r.lookups)
	late := r.CallLater(r.config.ResolveTimeout, func() {
		cancel()
		resolved.Errback(lookupError(name, fmt.Errorf("no answer within %v: %w", r.config.ResolveTimeout, context.DeadlineExceeded)))
	})
	answer := func(found string, err error) {
		cancel()
		switch {
		case late.Cancel() != nil: // nobody waits any more
		case err != nil:
			resolved.Errback(lookupError(name, err))
		default:
			resolved.Callback(found)
		}
	}
	accepted := r.CallInThread(func() {
		found, err := lookUp(ctx, r.config.Resolver, name)
		r.CallFromThread(func() { answer(found, err) })
	})
	if !accepted {
		answer("", errStopped)
	}
	return resolved
}

// lookUp is the part of Resolve that waits.
func lookUp(ctx context.Context, resolver Resolver, name string) (string, error) {
	addrs, err := resolver.LookupNetIP(ctx, "ip4", name)
	if err != nil {
		return "", err
	}
	if len(addrs) == 0 {
		return "", errNoAddress
	}
	return addrs[0].Unmap().String(), nil
}

func lookupError(name string, err error) error {
	return fmt.Errorf("%w: address %q: %w", reactor.ErrDNSLookup, name, err)
}
