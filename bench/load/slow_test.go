package load

import (
	"bufio"
	"context"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestAskersAreSpread(t *testing.T) {
	const askers, took = 20, 300 * time.Millisecond
	for number := range askers {
		if got, want := spread(took, number, askers), time.Duration(number)*15*time.Millisecond; got != want {
			t.Errorf("asker %d waits %v, want %v", number, got, want)
		}
	}
}

// An asker reports once, and then asks again and again until it is told to end, wherever it
// is: before its wait, in it, or while it waits for an answer.
func TestAnAskerAsksUntilTheEnd(t *testing.T) {
	for _, ends := range []int{1, 2, 5} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		ctx, end := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		// The number is that of one who would wait for nearly as long as its answer took.
		o := Options{Radius: 7, Limit: 3, Askers: 4}
		var ready atomic.Bool
		go func() { ended <- asker(ctx, listener.Addr().String(), 3, &o, func() { ready.Store(true) }) }()
		conn, err := listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		lines := bufio.NewScanner(conn)
		for n := 0; lines.Scan(); n++ {
			answer := "AT\n{}\n"
			if n == 0 {
				if !strings.HasPrefix(lines.Text(), "IAMAT asker3.load.test +34.000003-118.445127 ") {
					t.Errorf("it reported %q", lines.Text())
				}
				answer = "AT\n"
			} else if lines.Text() != "WHATSAT asker3.load.test 7 3" {
				t.Errorf("it asked %q", lines.Text())
			}
			// Its second question is the first that counts.
			if got := ready.Load(); got != (n >= 2) {
				t.Errorf("before answer %d, ready is %t", n, got)
			}
			if n == ends {
				end() // before its answer
			}
			if _, err := conn.Write([]byte(answer)); err != nil {
				break
			}
		}
		select {
		case err := <-ended:
			if err == nil {
				t.Error("it ended without a reason")
			}
		case <-time.After(20 * time.Second):
			t.Fatal("it did not end")
		}
		end()
	}
}
