package main

import (
	"bufio"
	"fmt"
	"net"
	"sync"
)

// inGoroutines counts on each connection's own goroutine. A sync.Mutex around count
// is what was forgotten.
func inGoroutines(r reports) (address string, stop func() error, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return // closed
			}
			running.Go(func() { serve(conn, r) })
		}
	})
	return l.Addr().String(), func() error {
		err := l.Close()
		running.Wait()
		return err
	}, nil
}

func serve(conn net.Conn, r reports) {
	defer conn.Close()
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		r.count(lines.Text())
		fmt.Fprint(conn, "counted\r\n")
	}
}
