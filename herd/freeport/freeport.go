// Package freeport finds ports of loopback for a herd that must not be in
// anybody's way: the demo's, and the tests'.
package freeport

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"syscall"
)

// Ports are looked for below those that the system gives to outgoing
// connections: one of these could take a server's port while it is down.
//
// They are divided into blocks, each of which is one process's for as long as that lives:
// it listens on the block's first port. A server that is down for a moment then finds its
// port again, even while other programs and tests look for theirs.
const (
	lowest   = 20000
	blocks   = 100
	inABlock = 100
	// capacity is how many there are to hand out, were this process alone.
	capacity = blocks * (inABlock - 1)
)

// ErrNone is a machine on which too few ports are free.
var ErrNone = errors.New("too few free ports on loopback")

// A port that was found may not be taken yet when the next is looked for, so each is
// handed out once; and all of them once more when no block is left.
var (
	mu    sync.Mutex
	owned []*net.TCPListener // the first ports of this process's blocks
	next  int                // how many ports of the blocks have been looked at
)

// strictly is listening as a program does that does not ask for ports on which old
// connections linger: some of those that are measured are such.
var strictly = net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) (err error) {
	failed := c.Control(func(fd uintptr) {
		err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 0)
	})
	return errors.Join(failed, err)
}}

// Find returns n different addresses, such as 127.0.0.1:20123, on which nobody
// listens now, which no old connection lingers on, which this process has not found
// lately, and which no other process finds while this one lives. The error wraps ErrNone.
func Find(n int) ([]string, error) {
	if n > capacity {
		return nil, fmt.Errorf("%w: there are %d, and %d were asked for", ErrNone, capacity, n)
	}
	mu.Lock()
	defer mu.Unlock()
	var found []string
	for tried := 0; tried < capacity && len(found) < n; tried++ {
		address, ok := candidate()
		if !ok {
			break
		}
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

// candidate returns the next address of this process's blocks, of one more block when
// all were looked at, or of the first again when there is no more.
func candidate() (address string, ok bool) {
	const usable = inABlock - 1
	if next == usable*len(owned) && !claim() {
		next = 0
	}
	if len(owned) == 0 {
		return "", false
	}
	first := owned[next/usable].Addr().(*net.TCPAddr).Port
	address = fmt.Sprintf("127.0.0.1:%d", first+1+next%usable)
	next++
	return address, true
}

// claim makes one more block this process's, and reports whether there was one.
func claim() bool {
	start := rand.IntN(blocks) // not where a process was that has just ended
	for i := range blocks {
		port := lowest + (start+i)%blocks*inABlock
		guard, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
		if err == nil {
			owned = append(owned, guard)
			return true
		}
	}
	return false
}
