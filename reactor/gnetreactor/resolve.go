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
	// LookupNetIP gives the addresses of host; network is "ip4" for Resolve, and
	// "ip" for ConnectTCP. It is called on a worker, should return when ctx is
	// done, and must not use the reactor. The slice is the caller's.
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// defaultResolveTimeout is the sum of Twisted's timeouts for one lookup:
// twisted/internet/base.py:256.
const defaultResolveTimeout = 60 * time.Second

var (
	errNoAddress = errors.New("it has no address of the wanted kind")
	errStopped   = errors.New("the reactor has stopped")
)

// Resolve looks up an IPv4 address on the pool:
// twisted/internet/base.py:561 resolve and :213 ThreadedResolver.
func (r *Reactor) Resolve(name string) *deferred.Deferred[string] {
	if addr, err := literal(name); err == nil {
		return deferred.Succeed(addr.String())
	}
	return deferred.Then(r.lookUp("ip4", name), func(found []netip.Addr) (string, error) { return found[0].String(), nil })
}

// lookUp looks up the addresses of a name on the pool, of IPv4 ("ip4") or of both
// kinds ("ip"). There is one at least. What comes after the time-out is dropped.
func (r *Reactor) lookUp(network, name string) *deferred.Deferred[[]netip.Addr] {
	if name == "" {
		return deferred.Succeed([]netip.Addr{netip.IPv4Unspecified()})
	}
	resolved := deferred.New[[]netip.Addr](nil)
	ctx, cancel := context.WithCancel(r.lookups)
	late := r.CallLater(r.config.ResolveTimeout, func() {
		cancel()
		resolved.Errback(lookupError(name, fmt.Errorf("no answer within %v: %w", r.config.ResolveTimeout, context.DeadlineExceeded)))
	})
	answer := func(found []netip.Addr, err error) {
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
		found, err := askFor(ctx, r.config.Resolver, network, name)
		r.CallFromThread(func() { answer(found, err) })
	})
	if !accepted {
		answer(nil, errStopped)
	}
	return resolved
}

// askFor is the part of lookUp that waits.
func askFor(ctx context.Context, resolver Resolver, network, name string) ([]netip.Addr, error) {
	addrs, err := resolver.LookupNetIP(ctx, network, name)
	if err != nil {
		return nil, err
	}
	if len(addrs) == 0 {
		return nil, errNoAddress
	}
	for i, addr := range addrs {
		addrs[i] = addr.Unmap()
	}
	return addrs, nil
}

func lookupError(name string, err error) error {
	return fmt.Errorf("%w: address %q: %w", reactor.ErrDNSLookup, name, err)
}
