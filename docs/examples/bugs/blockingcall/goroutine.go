package main

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"sync"
)

// inGoroutines serves each connection on a goroutine of its own, which may wait for as
// long as it likes.
func inGoroutines(s *service) (address string, stop func() string, err error) {
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
			running.Go(func() { serve(conn, s) })
		}
	})
	return l.Addr().String(), func() string {
		_ = l.Close()
		running.Wait()
		return "nothing" // nobody measures anything here
	}, nil
}

func serve(conn net.Conn, s *service) {
	defer conn.Close()
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		fmt.Fprintf(conn, "%s\r\n", s.answer(strings.TrimSuffix(lines.Text(), "\r")))
	}
}
