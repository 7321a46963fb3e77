package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"proxyherd/herd/chaos/account"
	"proxyherd/herd/chaos/load"
	"proxyherd/herd/chaos/stage"
)

const (
	// anew is the server that is started anew, so often.
	anew      = "Young"
	anewTimes = 12
	// bound is how long the servers may take to start, to end and to agree.
	bound = 3 * time.Minute
)

// soak lets the herd work, and takes samples.
func (o *options) soak(ctx context.Context, w io.Writer, r *results) (err error) {
	dir, err := os.MkdirTemp("", "herd-soak-")
	if err != nil {
		return err
	}
	s, err := stage.Open(stage.Settings{
		Dir: dir, Binary: o.binary, Design: o.design, Journal: o.journal, Plain: true, Lacks: stage.LacksAll("nobody is hurt here"),
	})
	if err != nil {
		return err
	}
	defer func() {
		_ = s.Close(false)    // without disks of its own there is nothing that could fail
		_ = os.RemoveAll(dir) // what is left of it is in a place for such
	}()
	for _, name := range s.Names() {
		if _, err := s.Start(name, 0); err != nil {
			return err
		}
	}
	if _, err := s.Agree(ctx, bound); err != nil {
		return err
	}
	crowd := &load.Crowd{
		Stage: s, Books: account.NewBooks(account.Order{Future: time.Duration(s.Config.Future)}), History: &account.History{},
		Rate: o.rate, ReadEvery: 100 * time.Millisecond, Seed: uint64(time.Now().UnixNano()),
	}
	r.Design, r.Rate, r.Anew = o.design, o.rate, anew
	fmt.Fprintf(w, "soak: %v, a sample every %v, design %s, %d reports a second, %s is started anew %d times\n",
		o.length, o.every, o.design, o.rate, anew, anewTimes-1)
	working, end := context.WithCancel(ctx)
	defer end()
	crowd.Start(working)
	err = o.sample(ctx, crowd, r)
	end()
	crowd.Wait()
	if err != nil {
		return err
	}
	return settle(ctx, w, crowd, r)
}

// sample takes samples until the time is over, and starts a server anew in between.
func (o *options) sample(ctx context.Context, crowd *load.Crowd, r *results) error {
	began := time.Now()
	next := time.NewTicker(o.every)
	defer next.Stop()
	restarts := 0
	for time.Since(began) < o.length {
		select {
		case <-next.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		one, err := take(ctx, crowd, began)
		if err != nil {
			return err
		}
		r.Samples = append(r.Samples, one)
		if due := int(anewTimes * time.Since(began) / o.length); due > restarts && due < anewTimes {
			restarts = due
			if err := startAnew(ctx, crowd.Stage); err != nil {
				return err
			}
		}
	}
	return nil
}

// startAnew ends a server in order and starts it again, under load.
func startAnew(ctx context.Context, s *stage.Stage) error {
	if err := s.Term(anew, bound); err != nil {
		return err
	}
	l, err := s.Start(anew, 0)
	if err != nil {
		return err
	}
	select {
	case <-l.Ready():
		return nil
	case <-l.Done():
		return fmt.Errorf("%s ended while it started", anew)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// settle looks whether anything was lost, and what was shown.
func settle(ctx context.Context, w io.Writer, crowd *load.Crowd, r *results) error {
	s := crowd.Stage
	if _, err := s.Agree(ctx, bound); err != nil {
		return err
	}
	var servers []account.Evidence
	for _, name := range s.Names() {
		held, err := load.Held(ctx, crowd, name, crowd.Books.IDs())
		if err != nil {
			return err
		}
		// A log of an hour has been rotated away in part: what servers have acknowledged
		// is evidence enough, as all but one have lived on.
		servers = append(servers, account.Evidence{
			Life: account.Life{Server: name, Number: s.Life(name).Number}, Received: &account.Received{}, Held: held,
		})
	}
	a := crowd.Books.Settle(servers, false)
	fmt.Fprintf(w, "%d reports acknowledged, of %d clients; the newest of %d by a process that has lived on; of %d by none, of which %d are lost\n",
		a.Acknowledged, a.Clients, a.Holders, a.Without, a.Lost)
	v := crowd.History.Check(crowd.Books.Order, 5*time.Minute)
	fmt.Fprintf(w, "%d answers to WHATSAT, in %d histories of one process and one client: porcupine refuses %d of them\n",
		crowd.History.Reads(), v.Places, len(v.Wrong))
	r.Wrong = append(append(s.Wrongs(), a.Wrong...), v.Wrong...)
	return nil
}
