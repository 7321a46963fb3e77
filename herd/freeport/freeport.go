// Package freeport finds ports of loopback for a herd that must not be in
// anybody's way: the demo's, and the tests'.
package freeport

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"syscall"
)

// Ports are looked for below those that the system gives to outgoing
// connections: one of these could take a server's port while it is down.
const (
	lowest  = 20000
	highest = 30000
)

// ErrNone is a machine on which too few ports are free.
var ErrNone = errors.New("too few free ports on loopback")

const span = highest - lowest

// next is where this process looks next. Two that look at the same time should not meet,
// so it begins anywhere; and a port that was found may not be taken yet when the next is
// looked for, so it goes on from there.
var next atomic.Uint32

func init() { next.Store(rand.Uint32N(span)) }

// strictly is listening as a program does that does not ask for ports on which old
// connections linger: some of those that are measured are such.
var strictly = net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) (err error) {
	failed := c.Control(func(fd uintptr) {
		err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 0)
	})
	return errors.Join(failed, err)
}}

// Find returns n different addresses, such as 127.0.0.1:20123, on which nobody
// listens now, which no old connection lingers on, and which this process has not found
// lately. The error wraps ErrNone.
func Find(n int) ([]string, error) {
	var found []string
	for i := 0; i < span && len(found) < n; i++ {
		address := fmt.Sprintf("127.0.0.1:%d", lowest+next.Add(1)%span)
		listener, err := strictly.Listen(context.Background(), "tcp", address)
		if err != nil {
			continue
		}
		if err := listener.Close(); err != nil {
			return nil, err
		}
		found = append(found, address)
	}
	if len(found) < n {
		return nil, fmt.Errorf("%w: %d of %d found", ErrNone, len(found), n)
	}
	return found, nil
}
