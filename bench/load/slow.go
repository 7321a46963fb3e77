package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"time"
)

// slowRead is how much of its answers a slow reader takes in a second.
const slowRead = 100

// readSlow starts the slow readers, waits until all are stuck, and returns what ends them.
func (r *run) readSlow(ctx context.Context) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	var all, unready sync.WaitGroup
	for number := range r.o.SlowReaders {
		unready.Add(1)
		stuck := sync.OnceFunc(unready.Done)
		all.Go(func() {
			defer stuck()
			_ = slowReader(ctx, r.o.Addresses[number%len(r.o.Addresses)], number, stuck) // a server may well cut it off
		})
	}
	unready.Wait()
	return func() {
		cancel()
		all.Wait()
	}
}

// A slow reader whose write takes stuckAfter is stuck; one that the server goes on to take
// from for fillFor never will be.
const (
	slowBuffer = 64 << 10 // bytes
	stuckAfter = 50 * time.Millisecond
	fillFor    = 5 * time.Second
)

// slowReader sends reports as fast as they are taken, and says when that ends.
func slowReader(ctx context.Context, address string, number int, stuck func()) error {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	defer conn.Close()
	// A client that reads slowly has no need of a large buffer, and fills sooner.
	if tcp, ok := conn.(*net.TCPConn); ok {
		if err := tcp.SetReadBuffer(slowBuffer); err != nil {
			return err
		}
	}
	go readSlowly(ctx, conn)
	line := fmt.Sprintf("IAMAT slow%d.load.test +34.068930-118.445127 %d\n", number, time.Now().Unix())
	lines := []byte(strings.Repeat(line, 200))
	rest, until := lines, time.Now().Add(fillFor)
	for {
		if err := conn.SetWriteDeadline(time.Now().Add(stuckAfter)); err != nil {
			return errors.Join(ctx.Err(), err)
		}
		n, err := conn.Write(rest)
		if rest = rest[n:]; len(rest) == 0 {
			rest = lines
		}
		full := errors.Is(err, os.ErrDeadlineExceeded)
		if full || time.Now().After(until) {
			stuck()
		}
		if err != nil && !full {
			return errors.Join(ctx.Err(), err)
		}
	}
}

// readSlowly takes a few bytes a second.
func readSlowly(ctx context.Context, conn net.Conn) {
	each := time.NewTicker(time.Second)
	defer each.Stop()
	few := make([]byte, slowRead)
	for {
		select {
		case <-each.C:
		case <-ctx.Done():
			return
		}
		if _, err := io.ReadFull(conn, few); err != nil {
			return
		}
	}
}
