package endpoints_test

import (
	"net/netip"
	"testing"
	"time"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
	"proxyherd/reactor/endpoints"
	"proxyherd/reactor/reactortest"
)

var example = endpoints.HostnameAddress{Host: "example.com", Port: 80}

// connectTo connects by name, in memory.
func connectTo(r *reactortest.MemoryReactorClock, resolver endpoints.Resolver) (*deferred.Deferred[reactor.Protocol], *result[reactor.Protocol], *reactortest.AccumulatingProtocol) {
	factory, p := accumulating()
	d := endpoints.HostnameEndpoint{Reactor: r, Resolver: resolver, Host: example.Host, Port: example.Port}.Connect(factory)
	return d, watch(d), p
}

// wantOneAddress is what holds for a name with one address, of whichever kind.
func wantOneAddress(t *testing.T, addr string) {
	t.Run("gives the protocol", func(t *testing.T) {
		var r reactortest.MemoryReactorClock
		_, got, p := connectTo(&r, gives(addr))
		c := lastClient(t, &r.MemoryReactor, 1)
		wantSame(t, "the host", c.Host, addr)
		wantSame(t, "the port", c.Port, 80)
		wantSame(t, "the timeout", c.Timeout, 30*time.Second)
		grant(c)
		got.want(t, nil)
		wantSame[reactor.Protocol](t, "the protocol", got.value, p)
	})
	t.Run("gives the failure, and tries no more", func(t *testing.T) {
		var r reactortest.MemoryReactorClock
		_, got, _ := connectTo(&r, gives(addr))
		refuse(lastClient(t, &r.MemoryReactor, 1))
		got.want(t, errBroken)
		r.Advance(time.Hour)
		lastClient(t, &r.MemoryReactor, 1)
	})
	t.Run("can be cancelled", func(t *testing.T) {
		var r reactortest.MemoryReactorClock
		d, got, _ := connectTo(&r, gives(addr))
		d.Cancel()
		got.wantCancelled(t, example)
		c := lastClient(t, &r.MemoryReactor, 1)
		wantSame(t, "the count of Disconnect", c.Connector.Disconnects, 1)
		refuse(c) // as a real connector does
		got.wantCancelled(t, example)
	})
}

// TestHostnameEndpointIPv4 is twisted/internet/test/test_endpoints.py's
// HostnameEndpointsOneIPv4TestCase.
func TestHostnameEndpointIPv4(t *testing.T) {
	wantOneAddress(t, "1.2.3.4")
	t.Run("asks for the name first, and can be cancelled then", func(t *testing.T) {
		var r reactortest.MemoryReactorClock
		var names resolver
		d, got, _ := connectTo(&r, names.resolve)
		if len(names.asked) != 1 || names.asked[0] != "example.com" {
			t.Fatalf("asked for %q", names.asked)
		}
		d.Cancel()
		got.wantCancelled(t, example)
		wantSame(t, "the count of attempts", len(r.TCPClients), 0)
	})
	t.Run("passes on what it is told", func(t *testing.T) {
		var r reactortest.MemoryReactorClock
		factory, _ := accumulating()
		bind := reactor.IPv4Address{Host: "10.0.0.2"}
		endpoints.HostnameEndpoint{
			Reactor: &r, Resolver: gives("1.2.3.4"), Host: "a", Port: 1, Timeout: 5 * second, BindAddress: bind,
		}.Connect(factory)
		c := lastClient(t, &r.MemoryReactor, 1)
		wantSame(t, "the timeout", c.Timeout, 5*second)
		wantSame[reactor.Address](t, "the local address", c.BindAddress, bind)
	})
	t.Run("a literal is not looked up", func(t *testing.T) {
		var r reactortest.MemoryReactorClock
		factory, _ := accumulating()
		endpoints.HostnameEndpoint{Reactor: &r, Host: "1.2.3.4", Port: 1}.Connect(factory)
		wantSame(t, "the host", lastClient(t, &r.MemoryReactor, 1).Host, "1.2.3.4")
	})
}

// TestHostnameEndpointIPv6 is twisted/internet/test/test_endpoints.py's
// HostnameEndpointsOneIPv6TestCase.
func TestHostnameEndpointIPv6(t *testing.T) { wantOneAddress(t, "1:2::3:4") }

// TestHostnameEndpointLookupFails is twisted/internet/test/test_endpoints.py's
// HostnameEndpointsGAIFailureTestCase.
func TestHostnameEndpointLookupFails(t *testing.T) {
	for _, test := range []struct {
		name     string
		resolver endpoints.Resolver
	}{
		{"with an error", func(string) *deferred.Deferred[[]netip.Addr] {
			return deferred.Fail[[]netip.Addr](errBroken)
		}},
		{"with no address", gives()},
	} {
		t.Run(test.name, func(t *testing.T) {
			var r reactortest.MemoryReactorClock
			_, got, _ := connectTo(&r, test.resolver)
			got.want(t, reactor.ErrDNSLookup)
			wantSame(t, "the count of attempts", len(r.TCPClients), 0)
		})
	}
}

// TestHostnameEndpointRace is twisted/internet/test/test_endpoints.py's
// HostnameEndpointsFasterConnectionTestCase, and EP5.
func TestHostnameEndpointRace(t *testing.T) {
	const step = 300 * time.Millisecond
	three := gives("1.2.3.4", "1:2::3:4", "::ffff:1.2.3.4", "5.6.7.8") // one of them twice

	t.Run("starts an attempt every 0.3 seconds, one an address", func(t *testing.T) {
		var r reactortest.MemoryReactorClock
		_, got, _ := connectTo(&r, three)
		for i, host := range []string{"1.2.3.4", "1:2::3:4", "5.6.7.8"} {
			wantSame(t, "the host", lastClient(t, &r.MemoryReactor, i+1).Host, host)
			r.Advance(step - 1)
			lastClient(t, &r.MemoryReactor, i+1)
			r.Advance(1)
		}
		lastClient(t, &r.MemoryReactor, 3)
		got.wantNothing(t)
	})
	t.Run("the first that connects wins and the others are cancelled", func(t *testing.T) {
		var r reactortest.MemoryReactorClock
		_, got, p := connectTo(&r, three)
		r.Advance(step)
		grant(lastClient(t, &r.MemoryReactor, 2))
		got.want(t, nil)
		wantSame[reactor.Protocol](t, "the protocol", got.value, p)
		wantSame(t, "the loser's count of Disconnect", r.TCPClients[0].Connector.Disconnects, 1)
		wantSame(t, "the winner's count of Disconnect", r.TCPClients[1].Connector.Disconnects, 0)
		refuse(r.TCPClients[0]) // as a real connector does
		r.Advance(time.Hour)
		lastClient(t, &r.MemoryReactor, 2)
		wantSame(t, "the count of results", got.fired, 1)
	})
	t.Run("a failure waits for the others", func(t *testing.T) {
		var r reactortest.MemoryReactorClock
		_, got, _ := connectTo(&r, three)
		refuse(lastClient(t, &r.MemoryReactor, 1))
		got.wantNothing(t)
		r.Advance(step)
		grant(lastClient(t, &r.MemoryReactor, 2))
		got.want(t, nil)
	})
	t.Run("when all have failed, the last failure is the result", func(t *testing.T) {
		var r reactortest.MemoryReactorClock
		_, got, _ := connectTo(&r, three)
		r.Advance(step)
		r.Advance(step)
		lastClient(t, &r.MemoryReactor, 3)
		for i, reason := range []error{reactor.ErrNoRoute, reactor.ErrTimeout, errBroken} {
			got.wantNothing(t)
			c := r.TCPClients[i]
			c.Factory.ClientConnectionFailed(c.Connector, reason)
		}
		got.want(t, errBroken)
	})
	t.Run("cancelled, every attempt is, and those to come", func(t *testing.T) {
		var r reactortest.MemoryReactorClock
		d, got, _ := connectTo(&r, three)
		r.Advance(step)
		d.Cancel()
		got.wantCancelled(t, example)
		for i, c := range r.TCPClients {
			if c.Connector.Disconnects != 1 {
				t.Errorf("attempt %d was not cancelled", i)
			}
		}
		r.Advance(time.Hour)
		lastClient(t, &r.MemoryReactor, 2)
		wantSame(t, "the count of timers", len(r.GetDelayedCalls()), 0)
	})
}

// TestSystemResolver asks the system, but for nothing that leaves the machine.
func TestSystemResolver(t *testing.T) {
	n := reactortest.NewNetwork(reactortest.Options{})
	r := n.Reactor("r")
	resolve := endpoints.SystemResolver(r)
	var found, failed *result[[]netip.Addr]
	r.CallWhenRunning(func() {
		found = watch(resolve("127.0.0.1"))
		failed = watch(resolve("")) // no name at all
		found.wantNothing(t)        // it is done elsewhere
	})
	n.Advance(second)
	found.want(t, nil)
	if len(found.value) != 1 || found.value[0].Unmap() != netip.MustParseAddr("127.0.0.1") {
		t.Errorf("found %v", found.value)
	}
	failed.want(t, reactor.ErrDNSLookup)
	if err := r.Stop(); err != nil {
		t.Fatal(err)
	}
	n.Advance(second)
	watch(resolve("localhost")).want(t, reactor.ErrDNSLookup) // and does not wait for ever
}
