package load

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// slowRead is how much of its answers a slow reader takes in a second.
const slowRead = 100

// beside starts the connections that nothing is counted of, and returns what ends them.
func (r *run) beside(ctx context.Context) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	for i := range r.o.SlowReaders {
		address := r.o.Addresses[i%len(r.o.Addresses)]
		all.Go(func() { _ = slowReader(ctx, address, i) }) // a server may well cut it off
	}
	for i := range r.o.Askers {
		address := r.o.Addresses[i%len(r.o.Addresses)]
		all.Go(func() { _ = asker(ctx, address, i, &r.o) })
	}
	return func() {
		cancel()
		all.Wait()
	}
}

// slowReader sends reports as fast as they are taken.
func slowReader(ctx context.Context, address string, number int) error {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	defer conn.Close()
	go func() {
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
	}()
	for n := 0; ; n++ {
		line := fmt.Sprintf("IAMAT slow%d.load.test +34.068930-118.445127 %d.%09d\n", number, time.Now().Unix(), n)
		if _, err := io.WriteString(conn, line); err != nil {
			return errors.Join(ctx.Err(), err)
		}
	}
}

// asker asks, one WHATSAT after the other, what is near a client of its own.
func asker(ctx context.Context, address string, number int, o *Options) error {
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
	for err == nil {
		err = say(fmt.Sprintf("WHATSAT %s %d %d\n", id, o.Radius, o.Limit), 2)
	}
	return errors.Join(ctx.Err(), err)
}
