package reactor

import (
	"fmt"
	"net/netip"
	"testing"
)

func TestAddress(t *testing.T) {
	t.Run("equal addresses are equal values and the same key", func(t *testing.T) {
		for _, pair := range [][2]Address{
			{IPv4Address{"127.0.0.1", 80}, IPv4Address{"127.0.0.1", 80}},
			{IPv6Address{"::1", 80}, IPv6Address{"::1", 80}},
		} {
			if pair[0] != pair[1] {
				t.Errorf("%v and %v differ", pair[0], pair[1])
			}
			if seen := map[Address]bool{pair[0]: true}; !seen[pair[1]] {
				t.Errorf("%v is not the key that %v is", pair[1], pair[0])
			}
		}
	})
	t.Run("host, port and kind tell addresses apart", func(t *testing.T) {
		all := []Address{
			IPv4Address{"127.0.0.1", 80}, IPv4Address{"127.0.0.1", 81}, IPv4Address{"127.0.0.2", 80},
			IPv6Address{"::1", 80}, IPv6Address{"::1", 81}, IPv6Address{"::2", 80},
			IPv4Address{"same", 80}, IPv6Address{"same", 80},
		}
		keys := map[Address]int{}
		for i, a := range all {
			for j, b := range all {
				if (a == b) != (i == j) {
					t.Errorf("%#v == %#v is %t", a, b, a == b)
				}
			}
			keys[a] = i
		}
		if len(keys) != len(all) {
			t.Errorf("%d addresses are %d keys", len(all), len(keys))
		}
	})
	t.Run("its text is host and port, and in Go's syntax Twisted's repr", func(t *testing.T) {
		for _, test := range []struct {
			address    Address
			text, repr string
		}{
			{IPv4Address{"127.0.0.1", 80}, "127.0.0.1:80", "IPv4Address(TCP, '127.0.0.1', 80)"},
			{IPv4Address{"example.org", 1}, "example.org:1", "IPv4Address(TCP, 'example.org', 1)"},
			{IPv6Address{"::1", 80}, "[::1]:80", "IPv6Address(TCP, '::1', 80)"},
		} {
			if got := fmt.Sprint(test.address); got != test.text {
				t.Errorf("its text is %q, want %q", got, test.text)
			}
			if got := fmt.Sprintf("%#v", test.address); got != test.repr {
				t.Errorf("in Go's syntax it is %q, want %q", got, test.repr)
			}
			if got := test.address.Network(); got != "tcp" {
				t.Errorf("its network is %q", got)
			}
		}
	})
}

func TestAddressFrom(t *testing.T) {
	for _, test := range []struct {
		from string
		want Address
	}{
		{"127.0.0.1:80", IPv4Address{"127.0.0.1", 80}},
		{"[::1]:80", IPv6Address{"::1", 80}},
		{"[::ffff:127.0.0.1]:80", IPv4Address{"127.0.0.1", 80}},
		{"[fe80::1%eth0]:65535", IPv6Address{"fe80::1%eth0", 65535}},
	} {
		got := AddressFrom(netip.MustParseAddrPort(test.from))
		if got != test.want {
			t.Errorf("of %s it makes %#v, want %#v", test.from, got, test.want)
		}
		host, port := SplitAddress(got)
		if back := netip.AddrPortFrom(netip.MustParseAddr(host), uint16(port)); AddressFrom(back) != got {
			t.Errorf("%#v was taken apart as %s and %d", got, host, port)
		}
	}
	if host, port := SplitAddress(nil); host != "" || port != 0 {
		t.Errorf("no address was taken apart as %q and %d", host, port)
	}
	if host, port := SplitAddress(elsewhere{}); host != "elsewhere" || port != 0 {
		t.Errorf("an address of another kind was taken apart as %q and %d", host, port)
	}
}

// elsewhere is an Address of another kind.
type elsewhere struct{}

func (elsewhere) Network() string { return "none" }
func (elsewhere) String() string  { return "elsewhere" }

func TestNamesOfPhasesAndStates(t *testing.T) {
	for _, test := range []struct {
		value fmt.Stringer
		want  string
	}{
		{Before, "before"}, {During, "during"}, {After, "after"}, {Phase(0), "invalid phase"},
		{Disconnected, "disconnected"}, {Connecting, "connecting"}, {Connected, "connected"},
	} {
		if got := test.value.String(); got != test.want {
			t.Errorf("%d is %q, want %q", test.value, got, test.want)
		}
	}
}
