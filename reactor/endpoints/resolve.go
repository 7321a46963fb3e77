package endpoints

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

// Resolver gives the addresses of a name, IPv4 and IPv6, the best first.
type Resolver func(host string) *deferred.Deferred[[]netip.Addr]

// ErrNoResolver is the result of connecting to a name without a Resolver.
var ErrNoResolver = errors.New("the endpoint has no Resolver to look up the name with: set it, for instance to SystemResolver(reactor)")

// lookupTimeout bounds a lookup: twisted/internet/base.py:256.
const lookupTimeout = 60 * time.Second

// SystemResolver is the system's resolver, asked off the loop, for 60 seconds
// at the most. An error is reactor.ErrDNSLookup.
func SystemResolver(r reactor.Threads) Resolver {
	return func(host string) *deferred.Deferred[[]netip.Addr] {
		d := deferred.New[[]netip.Addr](nil)
		accepted := r.CallInThread(func() {
			ctx, cancel := context.WithTimeout(context.Background(), lookupTimeout)
			defer cancel()
			addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
			r.CallFromThread(func() {
				if err != nil {
					d.Errback(fmt.Errorf("%w: address %q: %w", reactor.ErrDNSLookup, host, err))
				} else {
					d.Callback(addrs)
				}
			})
		})
		if !accepted {
			d.Errback(fmt.Errorf("%w: address %q: the reactor has ended", reactor.ErrDNSLookup, host))
		}
		return d
	}
}

// resolve is the addresses of host that suit: those of a literal without a
// lookup, each once, IPv4 ones as such.
func resolve(resolver Resolver, host string, suits func(netip.Addr) bool) *deferred.Deferred[[]netip.Addr] {
	found := func(addrs []netip.Addr) ([]netip.Addr, error) {
		var suiting []netip.Addr
		seen := map[netip.Addr]bool{}
		for _, addr := range addrs {
			if addr = addr.Unmap(); suits(addr) && !seen[addr] {
				seen[addr] = true
				suiting = append(suiting, addr)
			}
		}
		if len(suiting) == 0 {
			return nil, fmt.Errorf("%w: address %q: no address of the wanted family", reactor.ErrDNSLookup, host)
		}
		return suiting, nil
	}
	if literal, err := netip.ParseAddr(host); err == nil {
		return deferred.Succeed([]netip.Addr{literal}).AddCallback(found)
	}
	if resolver == nil {
		return deferred.Fail[[]netip.Addr](fmt.Errorf("connecting to %q: %w", host, ErrNoResolver))
	}
	return resolver(host).AddErrback(func(err error) ([]netip.Addr, error) {
		if errors.Is(err, reactor.ErrDNSLookup) || errors.Is(err, deferred.ErrCancelled) {
			return nil, err
		}
		return nil, fmt.Errorf("%w: address %q: %w", reactor.ErrDNSLookup, host, err)
	}).AddCallback(found)
}
