package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"proxyherd/herd"
)

// errUnreached is the verdict on a herd some of whose addresses nobody answers at.
var errUnreached = errors.New("not every address was reached")

// dialsAtOnce bounds how many connections are under way: the reserve of a shell's
// usual 1,024 open files is not for this.
const dialsAtOnce = 64

// attempt is what became of dialling an address.
type attempt struct {
	Server  string  `json:"server"`
	Port    string  `json:"port"` // clients, peers or http
	Address string  `json:"address"`
	Reached bool    `json:"reached"`
	Skipped bool    `json:"skipped"` // the port is any free one, so nobody can know it
	Error   string  `json:"error"`
	Took    float64 `json:"took_seconds"`
}

// reach dials every address of the config, each for as long as timeout, and hangs
// up without a word. What it found is in the order of the config.
func reach(ctx context.Context, config herd.Config, timeout time.Duration) []attempt {
	list := []attempt{}
	for _, s := range config.Servers {
		for _, a := range []struct{ port, address string }{{"clients", s.Clients}, {"peers", s.Peers}, {"http", s.HTTP}} {
			if a.address != "" {
				list = append(list, attempt{Server: s.Name, Port: a.port, Address: a.address})
			}
		}
	}
	room := make(chan struct{}, dialsAtOnce)
	var dials sync.WaitGroup
	for i := range list {
		room <- struct{}{}
		dials.Go(func() {
			list[i].dial(ctx, timeout)
			<-room
		})
	}
	dials.Wait()
	return list
}

// dial makes the one attempt.
func (a *attempt) dial(ctx context.Context, timeout time.Duration) {
	if _, port, err := net.SplitHostPort(a.Address); err == nil && port == "0" {
		a.Skipped = true
		return
	}
	began := time.Now()
	dialer := net.Dialer{Timeout: timeout}
	conn, err := dialer.DialContext(ctx, "tcp", a.Address)
	a.Took = time.Since(began).Seconds()
	if err != nil {
		a.Error = whyUnreached(err, timeout)
		return
	}
	a.Reached = true
	_ = conn.Close() // there is nothing on its way that this could lose
}

// whyUnreached is a network's error without what everybody knows.
func whyUnreached(err error, timeout time.Duration) string {
	if late, ok := errors.AsType[net.Error](err); ok && late.Timeout() {
		return fmt.Sprintf("no answer within %v; --timeout gives it longer", timeout)
	}
	if dial, ok := errors.AsType[*net.OpError](err); ok {
		err = dial.Err
	}
	if call, ok := errors.AsType[*os.SyscallError](err); ok {
		err = call.Err
	}
	return err.Error()
}

// reachTable tells the attempts to people.
func reachTable(list []attempt) string {
	var t table
	t.row("server", "port", "address", "answer")
	for _, a := range list {
		answer := "not reached: " + a.Error
		switch {
		case a.Reached:
			answer = "reached in " + seconds(a.Took)
		case a.Skipped:
			answer = "not tried: it takes any free port"
		}
		t.row(a.Server, a.Port, a.Address, answer)
	}
	return t.String()
}

// reachVerdict returns nil unless an address was tried in vain.
func reachVerdict(list []attempt) error {
	failed, tried := 0, 0
	for _, a := range list {
		if !a.Skipped {
			tried++
		}
		if !a.Skipped && !a.Reached {
			failed++
		}
	}
	if failed == 0 {
		return nil
	}
	return fmt.Errorf("%w: %d of %d were not", errUnreached, failed, tried)
}
