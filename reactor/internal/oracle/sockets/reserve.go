//go:build linux

package sockets

import (
	"fmt"
	"maps"
	"slices"
	"syscall"
)

// reservation is port numbers that nobody else gets: each is bound to a socket
// that does not listen, beside which a port with SO_REUSEADDR, as every
// reactor's, can be opened again and again. A connection to one is refused
// while none is open.
type reservation struct {
	numbers map[string]int
	sockets []int
}

// reserve reserves a number for each name.
func reserve(names ...string) *reservation {
	r := &reservation{numbers: map[string]int{}}
	for _, name := range names {
		fd, number, err := boundSocket()
		if err != nil {
			r.close()
			panic(fmt.Sprintf("the oracle needs a port on loopback: %v", err))
		}
		r.sockets = append(r.sockets, fd)
		r.numbers[name] = number
	}
	return r
}

func boundSocket() (fd, number int, err error) {
	fd, err = syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, 0, err
	}
	defer func() {
		if err != nil {
			_ = syscall.Close(fd)
		}
	}()
	if err = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err != nil {
		return fd, 0, err
	}
	if err = syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return fd, 0, err
	}
	at, err := syscall.Getsockname(fd)
	if err != nil {
		return fd, 0, err
	}
	return fd, at.(*syscall.SockaddrInet4).Port, nil // of the family that was bound
}

// number is the one reserved for name; that of a name unknown is 1, where
// nobody listens.
func (r *reservation) number(name string) int {
	if n, ok := r.numbers[name]; ok {
		return n
	}
	return 1
}

func (r *reservation) all() []int { return slices.Sorted(maps.Values(r.numbers)) }

func (r *reservation) close() {
	for _, fd := range r.sockets {
		_ = syscall.Close(fd)
	}
}
