package reactor

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
)

// Address is where a connection or a port is:
// twisted/internet/interfaces.py:15 IAddress. It satisfies net.Addr. Addresses
// compare with ==.
type Address interface {
	// Network is "tcp".
	Network() string
	// String is host:port, with an IPv6 host in brackets.
	String() string
}

// IPv4Address is twisted/internet/address.py:53 IPv4Address. Host is a dotted
// quad, or a name where it is the destination of a connector.
type IPv4Address struct {
	Host string
	Port int
}

// Network is "tcp".
func (a IPv4Address) Network() string { return "tcp" }

// String is host:port.
func (a IPv4Address) String() string { return net.JoinHostPort(a.Host, strconv.Itoa(a.Port)) }

// GoString shows the value as Twisted's repr does.
func (a IPv4Address) GoString() string {
	return fmt.Sprintf("IPv4Address(TCP, '%s', %d)", a.Host, a.Port)
}

// IPv6Address is twisted/internet/address.py:71 IPv6Address. Host is a literal
// without brackets, with its zone if it has one.
type IPv6Address struct {
	Host string
	Port int
}

// Network is "tcp".
func (a IPv6Address) Network() string { return "tcp" }

// String is [host]:port.
func (a IPv6Address) String() string { return net.JoinHostPort(a.Host, strconv.Itoa(a.Port)) }

// GoString shows the value as Twisted's repr does.
func (a IPv6Address) GoString() string {
	return fmt.Sprintf("IPv6Address(TCP, '%s', %d)", a.Host, a.Port)
}

// AddressFrom makes the Address of a numeric host and port. An IPv4 address
// mapped into IPv6 is IPv4.
func AddressFrom(ap netip.AddrPort) Address {
	host := ap.Addr().Unmap()
	if host.Is4() {
		return IPv4Address{Host: host.String(), Port: int(ap.Port())}
	}
	return IPv6Address{Host: host.String(), Port: int(ap.Port())}
}

// SplitAddress is an Address's host and port; an Address of another type gives
// its text and 0.
func SplitAddress(a Address) (host string, port int) {
	switch a := a.(type) {
	case IPv4Address:
		return a.Host, a.Port
	case IPv6Address:
		return a.Host, a.Port
	case nil:
		return "", 0
	}
	return a.String(), 0
}
