package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"proxyherd/herd"
)

const (
	// lookEvery is how long the logs are left alone.
	lookEvery = 100 * time.Millisecond

	// holdBack is how old an update must be to be told: by then the other servers'
	// logs have those that came before it. A log is written 5 ms after the fact.
	holdBack = 150 * time.Millisecond

	// fewBuckets of a digest are enough for a store that is compared with none.
	fewBuckets = 16
)

// run follows the logs until ctx is done, or to their end.
func (w *watchRun) run(ctx context.Context, config herd.Config) error {
	if err := w.begin(config); err != nil {
		return err
	}
	defer func() {
		for _, l := range w.tails {
			l.close()
		}
	}()
	if w.once {
		return w.merge(ctx, time.Time{})
	}
	again := time.NewTicker(lookEvery)
	defer again.Stop()
	for {
		if err := w.merge(ctx, time.Now().Add(-holdBack)); err != nil {
			return err
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// begin opens the logs.
func (w *watchRun) begin(config herd.Config) error {
	w.known = make(map[string]*herd.Store)
	w.future = time.Duration(config.Future)
	rand.Read(w.key[:]) // never fails: it ends the program rather than give weak bytes
	there := 0
	for _, s := range config.Servers {
		l := &logTail{server: s.Name, path: filepath.Join(config.Log.Dir, s.Name+".log")}
		w.tails = append(w.tails, l)
		err := l.open(!w.past && !w.once)
		switch {
		case err == nil:
			there++
		case errors.Is(err, os.ErrNotExist):
			fmt.Fprintf(w.warn, "herd: warning: there is no %s (is %s on another machine, or not started yet?)\n", l.path, s.Name)
		default:
			return fmt.Errorf("reading the log of %s: %w", s.Name, err)
		}
	}
	if there == 0 && w.once {
		return fmt.Errorf("%w in %s; --log names another directory", errNoLogs, config.Log.Dir)
	}
	return nil
}

// merge tells the updates that the logs have up to a time, the oldest first; all
// of them if the time is zero. Each log is in order, so the next one is always at
// the head of one of them.
func (w *watchRun) merge(ctx context.Context, until time.Time) error {
	for _, l := range w.tails {
		l.dry = false
	}
	for ctx.Err() == nil {
		var next *logTail
		for _, l := range w.tails {
			if err := l.fill(ctx); err != nil {
				return fmt.Errorf("reading the log of %s: %w", l.server, err)
			}
			if l.head != nil && (next == nil || l.head.at.Before(next.head.at)) {
				next = l
			}
		}
		if next == nil || !until.IsZero() && next.head.at.After(until) {
			return nil
		}
		if err := w.tell(*next.head); err != nil {
			return err
		}
		next.head = nil
	}
	return nil
}
