package supervise

import (
	"context"
	"errors"
	"time"
)

// Rules say how a child is kept.
type Rules struct {
	// Restart starts a child again that died after it had been ready. One that
	// never was has something that another try will not mend.
	Restart bool

	// Grace is how long a child may take to end when it is asked to. At least 0.
	Grace time.Duration
}

const (
	// firstPause and longestPause bound the time between a death and the next
	// start; it doubles with each death, so that a child that cannot live costs
	// little, and starts anew once a child has lived for healthy.
	firstPause   = 100 * time.Millisecond
	longestPause = 10 * time.Second
	healthy      = 10 * time.Second
)

// What is what happened to a child.
type What int

// The things that happen to a child.
const (
	Said     What = iota // Text is a line of its output
	WasReady             // Text is what it said about itself, "ready" included
	Died                 // Err is why; it is started again after Pause
	Ended                // Err is why, nil if it was asked to; it is not started again
)

// Event is something that happened to a child. Ended comes once, and last.
type Event struct {
	Name  string
	What  What
	Text  string
	Err   error
	Pause time.Duration
}

// ErrUnasked is a child that ended well, but too soon.
var ErrUnasked = errors.New("it ended, though nobody had asked it to")

// Keep runs a program until ctx is done, and then asks it to end; once hurry is
// done too, it is killed. It returns when the child has ended and is not to be
// started again. report is told of everything, from several goroutines.
func Keep(ctx, hurry context.Context, program Program, rules Rules, report func(Event)) {
	k := keeper{ctx, hurry, program, rules, report, false}
	err := k.keep()
	report(Event{Name: program.Name, What: Ended, Err: err})
}

type keeper struct {
	ctx, hurry context.Context
	program    Program
	rules      Rules
	report     func(Event)
	wasReady   bool // at least once; written before the process counts as ended
}

// keep returns why the last process ended.
func (k *keeper) keep() error {
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		began := time.Now()
		err := k.once()
		if k.ctx.Err() != nil {
			return err
		}
		if err == nil {
			err = ErrUnasked
		}
		if !k.wasReady || !k.rules.Restart {
			return err
		}
		if time.Since(began) >= healthy {
			pause = firstPause
		}
		k.report(Event{Name: k.program.Name, What: Died, Err: err, Pause: pause})
		if !k.rest(pause) {
			return nil
		}
	}
}

// once runs one process to its end.
func (k *keeper) once() error {
	name := k.program.Name
	process, err := Start(k.program, Ears{
		Said: func(line string) { k.report(Event{Name: name, What: Said, Text: line}) },
		Ready: func(news string) {
			k.wasReady = true
			k.report(Event{Name: name, What: WasReady, Text: news})
		},
	})
	if err != nil {
		return err
	}
	select {
	case <-process.Done():
		return process.Err()
	case <-k.ctx.Done():
		late, cancel := context.WithTimeout(k.hurry, k.rules.Grace)
		defer cancel()
		return process.Stop(late)
	}
}

// rest waits, and reports whether the child is still wanted.
func (k *keeper) rest(pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-k.ctx.Done():
		return false
	}
}
