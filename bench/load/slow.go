package load

import (
	"bufio"
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

// beside starts the connections that nothing is counted of, waits until all are at what
// they are there for, and returns what ends them all.
func (r *run) beside(ctx context.Context) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	var all, unready sync.WaitGroup
	start := func(number int, does func(ctx context.Context, address string, number int, ready func()) error) {
		unready.Add(1)
		ready := sync.OnceFunc(unready.Done)
		address := r.o.Addresses[number%len(r.o.Addresses)]
		all.Go(func() {
			defer ready()
			_ = does(ctx, address, number, ready) // a server may well cut it off
		})
	}
	for i := range r.o.SlowReaders {
		start(i, slowReader)
	}
	for i := range r.o.Askers {
		start(i, func(ctx context.Context, address string, number int, ready func()) error {
			return asker(ctx, address, number, &r.o, ready)
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

// settleFor is how long the load waits for an asker to be ready, at the most.
const settleFor = 5 * time.Second

// asker asks, one WHATSAT after the other, what is near a client of its own. It is ready
// when it has asked once and has then waited: before, all askers do the same at one moment.
func asker(ctx context.Context, address string, number int, o *Options, ready func()) error {
	defer time.AfterFunc(settleFor, ready).Stop()
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	defer conn.Close()
	answers := bufio.NewReader(conn)
	say := func(line string, lines int) error {
		if _, err := io.WriteString(conn, line); err != nil {
			return err
		}
		for range lines {
			if _, err := answers.ReadString('\n'); err != nil {
				return err
			}
		}
		return nil
	}
	id := fmt.Sprintf("asker%d.load.test", number)
	// Nobody else asks about a place like this one: no answer is had without asking.
	err = say(fmt.Sprintf("IAMAT %s +34.%06d-118.445127 %d\n", id, number, time.Now().Unix()), 1)
	ask := func() { err = say(fmt.Sprintf("WHATSAT %s %d %d\n", id, o.Radius, o.Limit), 2) }
	if err == nil {
		asked := time.Now()
		ask()
		select {
		case <-time.After(spread(time.Since(asked), number, o.Askers)):
		case <-ctx.Done():
		}
	}
	ready()
	for err == nil {
		ask()
	}
	return errors.Join(ctx.Err(), err)
}

// spread is how long one of so many askers waits after its first answer, so that they do
// not all ask in the same moments from then on, as no clients would: its share of the time
// that the answer took.
func spread(took time.Duration, number, askers int) time.Duration {
	return took * time.Duration(number) / time.Duration(askers)
}
