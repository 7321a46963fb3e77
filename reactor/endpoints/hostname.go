package endpoints

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

// TCP6ClientEndpoint is a server on IPv6, by name or literal:
// twisted/internet/endpoints.py:556 TCP6ClientEndpoint. It connects to the
// first IPv6 address of the name.
type TCP6ClientEndpoint struct {
	Reactor     reactor.TCP
	Resolver    Resolver // needed for a name, not for a literal
	Host        string
	Port        int
	Timeout     time.Duration   // of the attempt; default 30 s, negative none
	BindAddress reactor.Address // the local address to connect from; nil for any
}

// Connect resolves the name and connects: twisted/internet/endpoints.py:590.
func (e TCP6ClientEndpoint) Connect(factory reactor.Factory) *deferred.Deferred[reactor.Protocol] {
	is6 := func(addr netip.Addr) bool { return addr.Is6() }
	return connectResolved(resolve(e.Resolver, e.Host, is6), HostnameAddress{e.Host, e.Port},
		func(addrs []netip.Addr) *deferred.Deferred[reactor.Protocol] {
			return connect(e.Reactor, addrs[0].String(), e.Port, factory, e.Timeout, e.BindAddress)
		})
}

// HostnameEndpoint is a server by name, with IPv4 and IPv6 addresses: the first
// that answers is taken. twisted/internet/endpoints.py:629 HostnameEndpoint.
type HostnameEndpoint struct {
	Reactor interface {
		reactor.TCP
		reactor.Time
	}
	Resolver    Resolver // needed for a name, not for a literal
	Host        string
	Port        int
	Timeout     time.Duration   // of each attempt; default 30 s, negative none
	BindAddress reactor.Address // the local address to connect from; nil for any
}

// HostnameAddress is a server by name, as the address of a
// reactor.ConnectingCancelledError: twisted/internet/address.py:91
// HostnameAddress.
type HostnameAddress struct {
	Host string
	Port int
}

// Network is "tcp".
func (a HostnameAddress) Network() string { return "tcp" }

// String is host:port.
func (a HostnameAddress) String() string { return fmt.Sprintf("%s:%d", a.Host, a.Port) }

// stagger is the time between two attempts: twisted/internet/endpoints.py:638.
const stagger = 300 * time.Millisecond

// Connect resolves the name and tries its addresses, one more every 0.3
// seconds, until one is connected; the others are cancelled. If all fail, the
// result is the failure that came last. twisted/internet/endpoints.py:659.
func (e HostnameEndpoint) Connect(factory reactor.Factory) *deferred.Deferred[reactor.Protocol] {
	address := HostnameAddress{e.Host, e.Port}
	both := func(netip.Addr) bool { return true }
	return connectResolved(resolve(e.Resolver, e.Host, both), address,
		func(addrs []netip.Addr) *deferred.Deferred[reactor.Protocol] {
			r := &race{endpoint: e, factory: factory, left: addrs}
			r.winner = deferred.New(func(d *deferred.Deferred[reactor.Protocol]) {
				d.Errback(&reactor.ConnectingCancelledError{Address: address})
				r.over()
			})
			r.startNext()
			return r.winner
		})
}

// race is one Connect of a HostnameEndpoint.
type race struct {
	endpoint HostnameEndpoint
	factory  reactor.Factory
	winner   *deferred.Deferred[reactor.Protocol]
	left     []netip.Addr
	pending  []*deferred.Deferred[reactor.Protocol]
	next     reactor.DelayedCall // nil unless another attempt is to start
	done     bool                // won or cancelled: the failures to come are those of cancelling
}

// startNext starts an attempt, and sees to the one after it.
func (r *race) startNext() {
	e, addr := r.endpoint, r.left[0]
	r.left, r.next = r.left[1:], nil
	if len(r.left) > 0 {
		r.next = e.Reactor.CallLater(stagger, r.startNext)
	}
	attempt := connect(e.Reactor, addr.String(), e.Port, r.factory, e.Timeout, e.BindAddress)
	r.pending = append(r.pending, attempt)
	attempt.AddBoth(func(p reactor.Protocol, err error) (reactor.Protocol, error) {
		if i := slices.Index(r.pending, attempt); i >= 0 {
			r.pending = slices.Delete(r.pending, i, i+1)
		}
		r.ended(p, err)
		return nil, nil // the result is the winner's now
	})
}

func (r *race) ended(p reactor.Protocol, err error) {
	switch {
	case r.done:
	case err == nil:
		r.over()
		r.winner.Callback(p)
	case len(r.pending) == 0 && len(r.left) == 0:
		r.winner.Errback(err)
	}
}

// over ends every attempt that is under way or to come.
func (r *race) over() {
	r.done = true
	if r.next != nil {
		_ = r.next.Cancel() // it is pending: startNext clears it when it runs
		r.next = nil
	}
	others := r.pending
	r.pending, r.left = nil, nil
	for _, attempt := range others {
		attempt.Cancel()
	}
}

// connectResolved connects once the addresses are there. Cancelling it cancels
// whichever of the two is under way.
func connectResolved(
	addrs *deferred.Deferred[[]netip.Addr], address reactor.Address,
	connect func([]netip.Addr) *deferred.Deferred[reactor.Protocol],
) *deferred.Deferred[reactor.Protocol] {
	return deferred.Chain(addrs, connect).AddErrback(func(err error) (reactor.Protocol, error) {
		var told *reactor.ConnectingCancelledError
		if errors.Is(err, deferred.ErrCancelled) && !errors.As(err, &told) {
			err = &reactor.ConnectingCancelledError{Address: address}
		}
		return nil, err
	})
}
