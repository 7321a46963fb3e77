package reactortest

import (
	"fmt"
	"net/netip"
	"strconv"
	"syscall"

	"proxyherd/reactor"
)

// The ports that are given out, as Linux's net.ipv4.ip_local_port_range says.
const (
	firstEphemeral = 32768
	lastEphemeral  = 60999
)

var (
	loopback4 = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	loopback6 = netip.IPv6Loopback()
)

// portAt is the open port that a connection to an address reaches: that of the
// very address, or else the one of every address of its family, or of both.
func (n *Network) portAt(to netip.AddrPort) *port {
	for _, at := range reachedBy(to) {
		if p := n.ports[at]; p != nil {
			return p
		}
	}
	return nil
}

// reachedBy are the addresses to listen on of which one may be reached by dialling to.
func reachedBy(to netip.AddrPort) [3]netip.AddrPort {
	return [...]netip.AddrPort{to, everyAddress(to), netip.AddrPortFrom(netip.IPv6Unspecified(), to.Port())}
}

// ownerOf names the reactor that listens at an address, or did before: its link
// is the one that a connection takes. Where nobody ever has, it is the asking
// reactor, which then refuses itself.
func (n *Network) ownerOf(to netip.AddrPort, asking string) string {
	if p := n.portAt(to); p != nil {
		return p.r.name
	}
	for _, at := range reachedBy(to) {
		if name, known := n.owners[at]; known {
			return name
		}
	}
	return asking
}

// bindable tells why no port can be opened at an address, nil if one can.
func (n *Network) bindable(at netip.AddrPort) error {
	if n.portAt(at) != nil || n.locals[at] {
		return syscall.EADDRINUSE
	}
	if at.Addr().IsUnspecified() {
		for other := range n.ports {
			if reachedBy(other)[1] == at || reachedBy(other)[2] == at {
				return syscall.EADDRINUSE
			}
		}
	}
	return nil
}

// everyAddress is an address's port on every address of its family.
func everyAddress(at netip.AddrPort) netip.AddrPort {
	if at.Addr().Is4() {
		return netip.AddrPortFrom(netip.IPv4Unspecified(), at.Port())
	}
	return netip.AddrPortFrom(netip.IPv6Unspecified(), at.Port())
}

// freePort is a port that nobody has on addr. The numbers go round, so that one
// that was just given up is not soon given out again.
func (n *Network) freePort(addr netip.Addr) (netip.AddrPort, error) {
	for range lastEphemeral - firstEphemeral + 1 {
		at := netip.AddrPortFrom(addr, n.ephemeral)
		if n.ephemeral++; n.ephemeral > lastEphemeral {
			n.ephemeral = firstEphemeral
		}
		if n.bindable(at) == nil {
			return at, nil
		}
	}
	return netip.AddrPort{}, syscall.EADDRNOTAVAIL
}

// bindLocal chooses and takes the local address of a connection to an address:
// bind's, or the one that is connected to, as on one machine.
func (n *Network) bindLocal(bind reactor.Address, to netip.AddrPort) (netip.AddrPort, error) {
	addr, number := to.Addr(), uint16(0)
	if bind != nil {
		host, asked := reactor.SplitAddress(bind)
		literal, err := netip.ParseAddr(host)
		if err != nil {
			return netip.AddrPort{}, err
		}
		if number, err = portNumber(asked); err != nil {
			return netip.AddrPort{}, err
		}
		if !literal.IsUnspecified() {
			addr = literal.Unmap()
		}
	}
	if addr.Is4() != to.Addr().Is4() {
		return netip.AddrPort{}, syscall.EAFNOSUPPORT
	}
	local := netip.AddrPortFrom(addr, number)
	var err error
	if number == 0 {
		local, err = n.freePort(addr)
	} else {
		err = n.bindable(local)
	}
	if err == nil {
		n.locals[local] = true
	}
	return local, err
}

// dialable is the address that a connection to addr reaches: an unspecified one
// means this machine.
func dialable(addr netip.Addr) netip.Addr {
	switch addr = addr.Unmap(); {
	case !addr.IsUnspecified():
		return addr
	case addr.Is4():
		return loopback4
	}
	return loopback6
}

func portNumber(number int) (uint16, error) {
	if number < 0 || number > 65535 {
		return 0, fmt.Errorf("port %s is not within 0 to 65535", strconv.Itoa(number))
	}
	return uint16(number), nil
}
