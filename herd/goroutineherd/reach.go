package goroutineherd

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"

	"proxyherd/herd"
)

// Twin: on a reactor all of this is ConnectTCP's. Here each step waits, in a goroutine
// of the neighbour's, and the order and the shares of time are the same.

var (
	// errLookup is a name that is not found.
	errLookup = errors.New("DNS lookup failed")

	errNoAddress = errors.New("it has no address")
)

// reach dials a host, by name or literal: one of its addresses after the other, each
// for an equal part of the time that ctx, which has a deadline, leaves. The error is
// errLookup, or has why each of them was not reached.
func (n Network) reach(ctx context.Context, host string, port int) (net.Conn, error) {
	addrs, err := n.addressesOf(ctx, host)
	if err != nil {
		return nil, err
	}
	var why error
	for i, addr := range addrs {
		conn, err := n.dialFor(ctx, len(addrs)-i, netip.AddrPortFrom(addr, uint16(port)))
		if err == nil {
			return conn, nil
		}
		if len(addrs) > 1 {
			err = fmt.Errorf("%v: %w", addr, err)
		}
		if why != nil {
			err = fmt.Errorf("%w; %w", why, err)
		}
		if why = err; ctx.Err() != nil {
			break
		}
	}
	return nil, why
}

// addressesOf are a host's: IPv4 first, each once, and of a kind in the resolver's
// order. There is one at least.
func (n Network) addressesOf(ctx context.Context, host string) ([]netip.Addr, error) {
	if host == "" {
		return []netip.Addr{netip.IPv4Unspecified()}, nil
	}
	if literal, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{literal.Unmap()}, nil
	}
	inTime, cancel := context.WithTimeout(ctx, herd.LookupTime)
	defer cancel()
	found, err := n.LookUp(inTime, host)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return nil, ctx.Err() // nobody wants to know any more
	case err != nil && inTime.Err() != nil:
		err = fmt.Errorf("no answer within %v: %w", herd.LookupTime, inTime.Err())
	case err == nil && len(found) == 0:
		err = errNoAddress
	}
	if err != nil {
		return nil, fmt.Errorf("%w: address %q: %w", errLookup, host, err)
	}
	var list []netip.Addr
	for _, addr := range found {
		if addr = addr.Unmap(); !slices.Contains(list, addr) {
			list = append(list, addr)
		}
	}
	slices.SortStableFunc(list, func(a, b netip.Addr) int { return a.BitLen() - b.BitLen() })
	return list, nil
}

// dialFor dials for one of so many equal parts of the time that is left.
func (n Network) dialFor(ctx context.Context, parts int, to netip.AddrPort) (net.Conn, error) {
	if deadline, bound := ctx.Deadline(); bound && parts > 1 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/time.Duration(parts))
		defer cancel()
	}
	return n.Dial(ctx, to.String())
}
