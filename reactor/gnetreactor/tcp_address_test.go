//go:build linux

package gnetreactor

import (
	"errors"
	"net"
	"net/netip"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"

	"proxyherd/reactor"
)

// TestLiteral is what counts as a numeric address, so that it is not looked up:
// twisted/internet/abstract.py:484 isIPAddress and :510 isIPv6Address.
func TestLiteral(t *testing.T) {
	type kind struct{ four, six bool }
	for _, c := range []struct {
		name  string
		hosts []string
		want  kind
	}{
		{"a dotted quad is one", []string{"0.0.0.0", "1.2.3.4", "127.0.0.1", "255.255.255.255"}, kind{four: true}},
		{"other than four parts are none", []string{"0", "1.2", "1.2.3", "1.2.3.4.5"}, kind{}},
		{"letters are none", []string{"a.2.3.4", "1.b.3.4", "1.2.c.4", "1.2.3.d"}, kind{}},
		{"odd punctuation is none", []string{",1.2.3.4", "1,2.3.4", "1.2,3.4", "1.2.3.4;", "1.2.3..4", "1.2.3.4."}, kind{}},
		{"nothing is no IPv4 address", []string{""}, kind{}},
		{"nothing is no IPv6 address, nor is it with a scope", []string{"", "%eth0"}, kind{}},
		{"a negative part is none", []string{"-1.0.0.0", "1.-2.0.0", "1.2.3.-4"}, kind{}},
		{"a part above 255 is none", []string{"256.0.0.0", "0.256.0.0", "0.0.0.4294967296"}, kind{}},
		// Python's int takes these, and the system's own parser other values.
		{"signs, blanks and leading zeros are none", []string{"01.2.3.4", "+1.2.3.4", "1. 2.3.4", "1.2.3.4 "}, kind{}},
		{"a colon alone is none", []string{":"}, kind{}},
		{"the IPv6 loopback is one", []string{"::1"}, kind{six: true}},
		{"a scope may follow an IPv6 address", []string{"::1%eth0", "fe80::1%2"}, kind{six: true}},
		{"a scope makes nothing valid", []string{"%eth0", ":%eth0", "hello%eth0", "127.0.0.1%eth0", "::1%"}, kind{}},
		{"IPv4 mapped into IPv6 is IPv4", []string{"::ffff:1.2.3.4"}, kind{four: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, host := range c.hosts {
				addr, err := literal(host)
				if got := (kind{addr.Is4(), addr.Is6()}); got != c.want || (err == nil) != (got != kind{}) {
					t.Errorf("%q is %+v (%v), want %+v", host, got, err, c.want)
				}
			}
		})
	}
}

// meeting is what both sides of one connection say of where they are.
type meeting struct {
	port, built, serverHost, serverPeer reactor.Address
	clientBuilt, clientHost, clientPeer reactor.Address
	serverText, clientText              string
}

// meet connects two protocols through a port on iface, by the host to.
func meet(t *testing.T, iface, to string) (m meeting) {
	t.Helper()
	r, _ := newTestReactor(t, Config{})
	p, err := r.ListenTCP(0, &builder{build: func(a reactor.Address) reactor.Protocol {
		m.built = a
		return &conversation{made: func(c *conversation) {
			m.serverHost, m.serverPeer = c.transport.GetHost(), c.transport.GetPeer()
			m.serverText = c.transport.(*transport).String()
			c.transport.Write([]byte("x"))
		}}
	}}, 0, iface)
	if err != nil {
		t.Fatalf("ListenTCP on %q: %v", iface, err)
	}
	m.port = p.GetHost()
	_, number := reactor.SplitAddress(m.port)
	r.ConnectTCP(to, number, &builder{
		build: func(a reactor.Address) reactor.Protocol {
			m.clientBuilt = a
			return &conversation{
				made: func(c *conversation) {
					m.clientHost, m.clientPeer = c.transport.GetHost(), c.transport.GetPeer()
					m.clientText = c.transport.(*transport).String()
				},
				received: func(*conversation, []byte) error { stop(r); return nil },
			}
		},
		failed: func(err error) { t.Errorf("connecting to %q: %v", to, err); stop(r) },
	}, 0, nil)
	run(t, r)
	return m
}

// TestTCPAddresses is twisted/internet/test/test_tcp.py TCPPortTestsMixin.
func TestTCPAddresses(t *testing.T) {
	ipv4 := func(host string) func(reactor.Address) bool {
		return func(a reactor.Address) bool {
			v, ok := a.(reactor.IPv4Address)
			return ok && v.Host == host && v.Port > 0
		}
	}
	ipv6 := func(host string) func(reactor.Address) bool {
		return func(a reactor.Address) bool {
			v, ok := a.(reactor.IPv6Address)
			return ok && v.Host == host && v.Port > 0
		}
	}
	for _, c := range []struct {
		name, iface, to string
		port, ends      func(reactor.Address) bool
	}{
		{"IPv4", "", "127.0.0.1", ipv4("0.0.0.0"), ipv4("127.0.0.1")},
		{"IPv6", "::1", "::1", ipv6("::1"), ipv6("::1")},
		{"IPv4 through IPv6", "::", "127.0.0.1", ipv6("::"), ipv4("127.0.0.1")},
		{"by name", "127.0.0.1", "localhost", ipv4("127.0.0.1"), ipv4("127.0.0.1")},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.iface != "" && c.iface != "127.0.0.1" {
				needIPv6(t)
			}
			m := meet(t, c.iface, c.to)
			for _, is := range []struct {
				name string
				got  reactor.Address
				want func(reactor.Address) bool
			}{
				{"the port's host", m.port, c.port},
				{"a server's BuildProtocol gets the peer", m.built, c.ends},
				{"a server's host", m.serverHost, c.ends},
				{"a server's peer", m.serverPeer, c.ends},
				{"a client's BuildProtocol gets the server", m.clientBuilt, c.ends},
				{"a client's host", m.clientHost, c.ends},
				{"a client's peer", m.clientPeer, c.ends},
			} {
				t.Run(is.name, func(t *testing.T) {
					if !is.want(is.got) {
						t.Errorf("it is %#v", is.got)
					}
				})
			}
			t.Run("both sides agree", func(t *testing.T) {
				if m.serverHost != m.clientPeer || m.clientHost != m.serverPeer || m.built != m.serverPeer || m.clientBuilt != m.clientPeer {
					t.Errorf("the server is at %v and sees %v, the client is at %v and sees %v; built for %v and %v",
						m.serverHost, m.serverPeer, m.clientHost, m.clientPeer, m.built, m.clientBuilt)
				}
			})
			t.Run("a connection's text names protocol and port", func(t *testing.T) {
				_, number := reactor.SplitAddress(m.port)
				at := strconv.Itoa(number)
				if want := "gnetreactor.conversation #0 on " + at; m.serverText != want || !c.ends(m.serverPeer) {
					t.Errorf("the server is %q and its peer is %v, want %q", m.serverText, m.serverPeer, want)
				}
				if want := "gnetreactor.conversation to " + net.JoinHostPort(c.to, at); m.clientText != want {
					t.Errorf("the client is %q, want %q", m.clientText, want)
				}
			})
		})
	}
}

// needIPv6 skips a test on a machine without IPv6.
func needIPv6(t *testing.T) {
	t.Helper()
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skipf("this machine has no IPv6 loopback: %v", err)
	}
	_ = l.Close()
}

// TestScopedAddresses shows that an address keeps its scope on the way through
// the system's form. Where the machine has a link-local address, which is its
// own and no more than loopback, a connection to it shows the same.
func TestScopedAddresses(t *testing.T) {
	const scoped = "fe80::1%lo"
	lo, err := net.InterfaceByName("lo")
	if err != nil {
		t.Fatal(err)
	}
	fromSystem := func() reactor.Address {
		sa := &unix.SockaddrInet6{Port: 80, Addr: netip.MustParseAddr("fe80::1").As16(), ZoneId: uint32(lo.Index)}
		return reactor.AddressFrom(addrPort(sa))
	}
	live := linkLocal(t)
	var m meeting
	if live != "" {
		m = meet(t, live, live)
	}
	for _, c := range []struct {
		name string
		got  reactor.Address
	}{
		{"the port's host", m.port},
		{"a server's BuildProtocol gets the peer", m.built},
		{"a server's host", m.serverHost},
		{"a server's peer", m.serverPeer},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, want := fromSystem(), (reactor.IPv6Address{Host: scoped, Port: 80}); got != want {
				t.Errorf("the system's form of %v reads as %#v", want, got)
			}
			if live == "" {
				t.Log("no link-local address to connect to: only the conversion was checked")
			} else if host, _ := reactor.SplitAddress(c.got); host != live {
				t.Errorf("on %s it is %#v", live, c.got)
			}
		})
	}
	t.Run("the system is given the interface's number", func(t *testing.T) {
		for zone, want := range map[string]uint32{"lo": uint32(lo.Index), "7": 7, "": 0, "no such interface": 0} {
			if got := sockaddr(netip.AddrPortFrom(netip.MustParseAddr("fe80::1").WithZone(zone), 80)).(*unix.SockaddrInet6).ZoneId; got != want {
				t.Errorf("zone %q is %d, want %d", zone, got, want)
			}
		}
	})
	t.Run("an interface that has gone leaves its number", func(t *testing.T) {
		sa := &unix.SockaddrInet6{Addr: netip.MustParseAddr("fe80::1").As16(), ZoneId: 1 << 30}
		if got := addrPort(sa).Addr().Zone(); got != "1073741824" {
			t.Errorf("the zone is %q", got)
		}
	})
}

// linkLocal is a link-local address of this machine with its scope, "" if there
// is none.
func linkLocal(t *testing.T) string {
	interfaces, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range interfaces {
		addresses, err := i.Addrs()
		if err != nil || i.Flags&net.FlagUp == 0 {
			continue
		}
		for _, a := range addresses {
			if n, ok := a.(*net.IPNet); ok && n.IP.To4() == nil && n.IP.IsLinkLocalUnicast() {
				return n.IP.String() + "%" + i.Name
			}
		}
	}
	return ""
}

func TestAnInterfaceIsALiteral(t *testing.T) {
	r, _ := newTestReactor(t, Config{})
	for _, iface := range []string{"localhost", "256.0.0.1", ":", "127.0.0.1%lo"} {
		var cannot *reactor.CannotListenError
		if _, err := r.ListenTCP(0, each(nil), 0, iface); !errors.As(err, &cannot) || cannot.Interface != iface {
			t.Errorf("ListenTCP on %q: %v", iface, err)
		}
	}
}
