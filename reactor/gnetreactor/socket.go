//go:build linux

package gnetreactor

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"

	"proxyherd/reactor"
)

// newSocket makes a TCP socket of addr's family that never blocks.
func newSocket(addr netip.Addr) (int, error) {
	family := unix.AF_INET
	if addr.Is6() {
		family = unix.AF_INET6
	}
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, unix.IPPROTO_TCP)
	return fd, os.NewSyscallError("socket", err)
}

// literal reads a numeric address; an error means that host is a name, or
// nothing. An IPv4 address mapped into IPv6 is IPv4.
func literal(host string) (netip.Addr, error) {
	addr, err := netip.ParseAddr(host)
	return addr.Unmap(), err
}

// addrPortFrom is netip.AddrPortFrom for a port number that may not exist.
func addrPortFrom(addr netip.Addr, number int) (netip.AddrPort, error) {
	if number < 0 || number > 65535 {
		return netip.AddrPort{}, fmt.Errorf("port %d is not within 0 to 65535", number)
	}
	return netip.AddrPortFrom(addr, uint16(number)), nil
}

// sockaddr is an address in the system's form.
func sockaddr(ap netip.AddrPort) unix.Sockaddr {
	if ap.Addr().Is4() {
		return &unix.SockaddrInet4{Port: int(ap.Port()), Addr: ap.Addr().As4()}
	}
	return &unix.SockaddrInet6{Port: int(ap.Port()), Addr: ap.Addr().As16(), ZoneId: zoneID(ap.Addr().Zone())}
}

// addrPort is the inverse of sockaddr.
func addrPort(sa unix.Sockaddr) netip.AddrPort {
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), uint16(sa.Port))
	case *unix.SockaddrInet6:
		addr := netip.AddrFrom16(sa.Addr)
		if sa.ZoneId != 0 {
			addr = addr.WithZone(zoneName(sa.ZoneId))
		}
		return netip.AddrPortFrom(addr, uint16(sa.Port))
	}
	return netip.AddrPort{}
}

// rawAddrPort is addrPort for what the system has written.
func rawAddrPort(raw *unix.RawSockaddrAny) netip.AddrPort {
	switch raw.Addr.Family {
	case unix.AF_INET:
		in := (*unix.RawSockaddrInet4)(unsafe.Pointer(raw))
		return netip.AddrPortFrom(netip.AddrFrom4(in.Addr), fromNetwork(in.Port))
	case unix.AF_INET6:
		in := (*unix.RawSockaddrInet6)(unsafe.Pointer(raw))
		return addrPort(&unix.SockaddrInet6{Port: int(fromNetwork(in.Port)), Addr: in.Addr, ZoneId: in.Scope_id})
	}
	return netip.AddrPort{}
}

// fromNetwork is a port number that is stored with its high byte first.
func fromNetwork(port uint16) uint16 {
	return binary.BigEndian.Uint16(binary.NativeEndian.AppendUint16(nil, port))
}

// zoneID is the number of the interface that a scoped IPv6 address names.
func zoneID(zone string) uint32 {
	if zone == "" {
		return 0
	}
	if n, err := strconv.ParseUint(zone, 10, 32); err == nil {
		return uint32(n)
	}
	if i, err := net.InterfaceByName(zone); err == nil {
		return uint32(i.Index)
	}
	return 0 // no such interface: the system says so when the address is used
}

// zoneName is the inverse of zoneID: the interface's name, or its number if it
// has gone.
func zoneName(id uint32) string {
	if i, err := net.InterfaceByIndex(int(id)); err == nil {
		return i.Name
	}
	return strconv.FormatUint(uint64(id), 10)
}

func localAddr(fd int) netip.AddrPort {
	sa, err := unix.Getsockname(fd)
	if err != nil {
		return netip.AddrPort{}
	}
	return addrPort(sa)
}

// destination is where a connector connects to, as it was told.
func destination(host string, number int) reactor.Address {
	if addr, err := literal(host); err == nil && addr.Is6() {
		return reactor.IPv6Address{Host: host, Port: number}
	}
	return reactor.IPv4Address{Host: host, Port: number}
}
