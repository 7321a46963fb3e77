package endpoints_test

import (
	"net/netip"
	"testing"
	"time"

	"proxyherd/reactor"
	"proxyherd/reactor/endpoints"
	"proxyherd/reactor/reactortest"
)

// TestServerEndpoints is twisted/internet/test/test_endpoints.py's
// ServerEndpointTestCaseMixin for TCP, and EP1.
func TestServerEndpoints(t *testing.T) {
	type made func(r reactor.TCP, port, backlog int, iface string) endpoints.StreamServerEndpoint
	for _, kind := range []struct {
		name, everywhere, here string
		made                   made
	}{
		{"TCP4", "", "127.0.0.1", func(r reactor.TCP, port, backlog int, iface string) endpoints.StreamServerEndpoint {
			return endpoints.TCP4ServerEndpoint{Reactor: r, Port: port, Backlog: backlog, Interface: iface}
		}},
		{"TCP6", "::", "::1", func(r reactor.TCP, port, backlog int, iface string) endpoints.StreamServerEndpoint {
			return endpoints.TCP6ServerEndpoint{Reactor: r, Port: port, Backlog: backlog, Interface: iface}
		}},
	} {
		factory, _ := accumulating()
		t.Run(kind.name+" gives the port", func(t *testing.T) {
			var r reactortest.MemoryReactor
			got := watch(kind.made(&r, 80, 0, "").Listen(factory))
			got.want(t, nil)
			asked := r.TCPServers[0]
			wantSame[reactor.ListeningPort](t, "the port", got.value, asked.Listening)
			wantSame[reactor.Factory](t, "the factory", asked.Factory, factory)
			wantSame(t, "the number", asked.Port, 80)
			wantSame(t, "the backlog", asked.Backlog, 50)
			wantSame(t, "the interface", asked.Interface, kind.everywhere)
		})
		t.Run(kind.name+" passes on what it is told", func(t *testing.T) {
			var r reactortest.MemoryReactor
			kind.made(&r, 81, 7, kind.here).Listen(factory)
			asked := r.TCPServers[0]
			wantSame(t, "the backlog", asked.Backlog, 7)
			wantSame(t, "the interface", asked.Interface, kind.here)
		})
		t.Run(kind.name+" gives the error", func(t *testing.T) {
			r := &reactortest.RaisingMemoryReactor{ListenError: &reactor.CannotListenError{Port: 80, Err: errBroken}}
			watch(kind.made(r, 80, 0, "").Listen(factory)).want(t, errBroken)
		})
	}
}

// TestClientEndpoints is twisted/internet/test/test_endpoints.py's
// ClientEndpointTestCaseMixin for TCP, and EP2 and EP3.
func TestClientEndpoints(t *testing.T) {
	type made func(r reactor.TCP, timeout time.Duration, bind reactor.Address) endpoints.StreamClientEndpoint
	for _, kind := range []struct {
		name        string
		destination reactor.Address
		made        made
	}{
		{"TCP4", reactor.IPv4Address{Host: "10.0.0.9", Port: 8}, func(r reactor.TCP, timeout time.Duration, bind reactor.Address) endpoints.StreamClientEndpoint {
			return endpoints.TCP4ClientEndpoint{Reactor: r, Host: "10.0.0.9", Port: 8, Timeout: timeout, BindAddress: bind}
		}},
		{"TCP6", reactor.IPv6Address{Host: "::9", Port: 8}, func(r reactor.TCP, timeout time.Duration, bind reactor.Address) endpoints.StreamClientEndpoint {
			return endpoints.TCP6ClientEndpoint{Reactor: r, Host: "::9", Port: 8, Timeout: timeout, BindAddress: bind}
		}},
	} {
		t.Run(kind.name+" gives the protocol", func(t *testing.T) {
			var r reactortest.MemoryReactor
			factory, p := accumulating()
			got := watch(kind.made(&r, 0, nil).Connect(factory))
			c := lastClient(t, &r, 1)
			got.wantNothing(t)
			grant(c)
			got.want(t, nil)
			wantSame[reactor.Protocol](t, "the protocol", got.value, p)
			wantSame(t, "the destination", c.Connector.GetDestination(), kind.destination)
			wantSame(t, "the timeout", c.Timeout, 30*time.Second)
			wantSame(t, "the local address", c.BindAddress, nil)
		})
		t.Run(kind.name+" gives the failure", func(t *testing.T) {
			var r reactortest.MemoryReactor
			factory, _ := accumulating()
			got := watch(kind.made(&r, 0, nil).Connect(factory))
			refuse(lastClient(t, &r, 1))
			got.want(t, errBroken)
		})
		t.Run(kind.name+" can be cancelled", func(t *testing.T) {
			var r reactortest.MemoryReactor
			factory, _ := accumulating()
			d := kind.made(&r, 0, nil).Connect(factory)
			got := watch(d)
			d.Cancel()
			got.wantCancelled(t, kind.destination)
			c := lastClient(t, &r, 1)
			wantSame(t, "the count of Disconnect", c.Connector.Disconnects, 1)
			refuse(c) // as a real connector does
			got.wantCancelled(t, kind.destination)
		})
		t.Run(kind.name+" passes on what it is told", func(t *testing.T) {
			var r reactortest.MemoryReactor
			factory, _ := accumulating()
			bind := reactor.IPv4Address{Host: "127.0.0.2"}
			kind.made(&r, 5*second, bind).Connect(factory)
			c := lastClient(t, &r, 1)
			wantSame(t, "the timeout", c.Timeout, 5*second)
			wantSame[reactor.Address](t, "the local address", c.BindAddress, bind)
		})
	}
}

// TestTCP6ClientEndpointResolves is twisted/internet/test/test_endpoints.py's
// TCP6EndpointNameResolutionTestCase.
func TestTCP6ClientEndpointResolves(t *testing.T) {
	endpoint := func(r reactor.TCP, resolver endpoints.Resolver) endpoints.StreamClientEndpoint {
		return endpoints.TCP6ClientEndpoint{Reactor: r, Resolver: resolver, Host: "ipv6.example", Port: 4321}
	}
	t.Run("asks for the name and connects to the first IPv6 address", func(t *testing.T) {
		var r reactortest.MemoryReactor
		var names resolver
		factory, _ := accumulating()
		endpoint(&r, names.resolve).Connect(factory)
		if len(names.asked) != 1 || names.asked[0] != "ipv6.example" || len(r.TCPClients) != 0 {
			t.Fatalf("asked for %q, %d attempts to connect", names.asked, len(r.TCPClients))
		}
		names.pending.Callback([]netip.Addr{
			netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("2001:db8::2"), netip.MustParseAddr("2001:db8::3"),
		})
		c := lastClient(t, &r, 1)
		wantSame(t, "the host", c.Host, "2001:db8::2")
		wantSame(t, "the port", c.Port, 4321)
	})
	t.Run("a name without an IPv6 address cannot be connected to", func(t *testing.T) {
		var r reactortest.MemoryReactor
		factory, _ := accumulating()
		watch(endpoint(&r, gives("10.0.0.1")).Connect(factory)).want(t, reactor.ErrDNSLookup)
		wantSame(t, "the count of attempts", len(r.TCPClients), 0)
	})
	t.Run("without a resolver a name is an error that says so", func(t *testing.T) {
		var r reactortest.MemoryReactor
		factory, _ := accumulating()
		watch(endpoint(&r, nil).Connect(factory)).want(t, endpoints.ErrNoResolver)
	})
	t.Run("cancelled while it resolves, it does not connect", func(t *testing.T) {
		var r reactortest.MemoryReactor
		var names resolver
		factory, _ := accumulating()
		d := endpoint(&r, names.resolve).Connect(factory)
		got := watch(d)
		d.Cancel()
		got.wantCancelled(t, endpoints.HostnameAddress{Host: "ipv6.example", Port: 4321})
		names.pending.Callback([]netip.Addr{netip.MustParseAddr("::2")}) // too late
		wantSame(t, "the count of attempts", len(r.TCPClients), 0)
	})
}

// TestConnectProtocol is twisted/internet/test/test_endpoints.py's
// ConnectProtocolTests, and EP10.
func TestConnectProtocol(t *testing.T) {
	t.Run("connects the protocol itself, and gives it", func(t *testing.T) {
		var r reactortest.MemoryReactor
		p := &reactortest.AccumulatingProtocol{}
		got := watch(endpoints.ConnectProtocol(endpoints.TCP4ClientEndpoint{Reactor: &r, Host: "10.0.0.9", Port: 8}, p))
		c := lastClient(t, &r, 1)
		c.Factory.DoStart(c.Factory)
		grant(c)
		c.Factory.DoStop(c.Factory)
		got.want(t, nil)
		wantSame(t, "the protocol", got.value, p)
		wantSame(t, "the count of ConnectionMade", p.Made, 1)
	})
	t.Run("gives the endpoint's failure", func(t *testing.T) {
		var r reactortest.MemoryReactor
		got := watch(endpoints.ConnectProtocol(endpoints.TCP4ClientEndpoint{Reactor: &r, Host: "10.0.0.9", Port: 8},
			&reactortest.AccumulatingProtocol{}))
		refuse(lastClient(t, &r, 1))
		got.want(t, errBroken)
	})
}
