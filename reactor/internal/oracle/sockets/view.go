//go:build linux

package sockets

import (
	"fmt"
	"os"
	"strconv"
	"syscall"
	"unsafe"
)

// view is what the kernel knows of the connections whose descriptors this
// process has, each by its addresses.
type view map[pair]state

type pair struct{ local, remote syscall.SockaddrInet4 }

type state struct {
	tcp                    byte // TCP's own: established ...
	unacknowledged, unread int
}

// The states that matter: include/net/tcp_states.h.
const (
	established = 1
	synSent     = 2
	finWait1    = 4
	finWait2    = 5
)

// look makes the view of the connections to or from these port numbers.
//
// It has each receiver acknowledge what it owes: the kernel puts that off, for
// up to 40 ms, and what was received long ago would look as if it were on its
// way.
func look(numbers []int) view {
	descriptors, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		panic(fmt.Sprintf("the oracle needs the list of its descriptors: %v", err))
	}
	v := view{}
	for _, d := range descriptors {
		fd, _ := strconv.Atoi(d.Name()) // the kernel's own number
		if ends, ok := addresses(fd, numbers); ok {
			_ = syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1) // a reset may just have come
			v[ends] = state{tcpState(fd), queued(fd, syscall.TIOCOUTQ), queued(fd, syscall.TIOCINQ)}
		}
	}
	return v
}

// addresses are a descriptor's, if it is a connection, also one that is still
// being made, of one of the port numbers.
func addresses(fd int, numbers []int) (ends pair, ok bool) {
	local, err := syscall.Getsockname(fd)
	if err != nil {
		return ends, false
	}
	l, ok := local.(*syscall.SockaddrInet4)
	if !ok {
		return ends, false
	}
	remote, err := syscall.Getpeername(fd)
	if err != nil {
		return pair{local: *l}, tcpState(fd) == synSent
	}
	r := remote.(*syscall.SockaddrInet4) // of the local one's family
	for _, number := range numbers {
		if l.Port == number || r.Port == number {
			return pair{*l, *r}, true
		}
	}
	return ends, false
}

// tcpState is the first byte of tcp_info; 0, none of the states, if there is
// nothing to tell.
func tcpState(fd int) byte {
	info, err := syscall.GetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_INFO)
	if err != nil {
		return 0
	}
	return (*[4]byte)(unsafe.Pointer(&info))[0]
}

// queued is how many bytes are in one of a socket's queues.
func queued(fd int, request uintptr) int {
	var n int32
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), request, uintptr(unsafe.Pointer(&n))); errno != 0 {
		return 0
	}
	return int(n)
}

// onTheWay reports whether the kernel will still do something by itself:
//
//   - a connection is being made;
//   - something sent, an end of stream included, is not acknowledged, but where
//     the receiver has input that it leaves unread: what is behind that waits
//     for the receiver, however long it takes;
//   - the peer's descriptor is closed, or not there yet, and the end of the
//     stream has not come, nor is anything left unread before it.
func (v view) onTheWay() bool {
	for ends, s := range v {
		peer, there := v[pair{ends.remote, ends.local}]
		switch s.tcp {
		case synSent:
			return true
		case established, finWait1, finWait2:
			if !there && s.unread == 0 {
				return true
			}
		}
		if s.unacknowledged > 0 && peer.unread == 0 {
			return true
		}
	}
	return false
}
