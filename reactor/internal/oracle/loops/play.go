// Package loops has scenarios of LoopingCalls.
package loops

import (
	"errors"
	"time"

	"proxyherd/reactor/deferred"
	"proxyherd/reactor/internal/oracle/noting"
	"proxyherd/reactor/internal/oracle/scenario"
	"proxyherd/reactor/task"
)

// mostCalls is after how many calls a loop stops itself: on a Clock one with an
// interval of 0 would never let Advance return.
const mostCalls = 30

// errTold is what the statement "fail" gives a Deferred.
var errTold = errors.New("told to fail")

// player has a clock, loops, and Deferreds that their functions return. Its
// twin is Player in loops.py.
type player struct {
	stage  *scenario.Stage
	clock  task.Clock
	loops  map[string]*loop
	waits  map[string]*deferred.Deferred[struct{}]
	result *deferred.Deferred[struct{}] // of the call under way
}

type loop struct {
	*task.LoopingCall
	counts bool
	calls  int
	under  int // calls under way, those included whose Deferred has not fired
}

// do plays one statement.
func (p *player) do(w scenario.Words) {
	l := p.loops[w.Word(1)]
	d := p.waits[w.Word(1)]
	switch w.Word(0) {
	case "make", "makeCount":
		if l == nil {
			p.loops[w.Word(1)] = p.loop(w.Word(1), w.Word(0) == "makeCount")
		}
	case "start":
		if l != nil {
			p.start(w, l)
		}
	case "stop":
		if l != nil {
			p.asked("stop", l.Stop())
		}
	case "reset":
		if l != nil {
			p.asked("reset", l.Reset())
		}
	case "look":
		if l != nil {
			p.stage.Note("running", w.Word(1), l.Running())
		}
	case "advance":
		p.clock.Advance(w.Ticks(1))
	case "wait":
		if d == nil {
			p.waits[w.Word(1)] = deferred.New[struct{}](nil)
			p.result = p.waits[w.Word(1)]
		}
	case "fire":
		if d != nil && !d.Called() {
			d.Callback(struct{}{})
		}
	case "fail":
		if d != nil && !d.Called() {
			d.Errback(errTold)
		}
	case "raise":
		panic(noting.Boom{})
	}
}

func (p *player) loop(name string, counts bool) *loop {
	l := &loop{counts: counts}
	if counts {
		l.LoopingCall = task.WithCount(&p.clock, func(count int) *deferred.Deferred[struct{}] {
			p.stage.Note("call", name, p.now(), "count", count)
			return p.call(l)
		})
	} else {
		l.LoopingCall = task.NewLoopingCall(&p.clock, func() *deferred.Deferred[struct{}] {
			p.stage.Note("call", name, p.now())
			return p.call(l)
		})
	}
	return l
}

// call is what the function of every loop does.
func (p *player) call(l *loop) *deferred.Deferred[struct{}] {
	l.calls++
	l.under++
	pending := false // until a Deferred is returned
	defer func() {
		if !pending {
			l.under--
		}
	}()
	outer := p.result
	p.result = nil
	p.stage.Enter("call")
	result := p.result
	p.result = outer
	if l.calls >= mostCalls && l.Running() {
		p.asked("stop", l.Stop())
	}
	if result != nil {
		pending = true
		result.AddBoth(func(_ struct{}, err error) (struct{}, error) {
			l.under--
			return struct{}{}, err
		})
	}
	return result
}

func (p *player) start(w scenario.Words, l *loop) {
	if l.under > 0 && !l.Running() || l.counts && w.Int(2) <= 0 {
		return // see Family
	}
	done, err := l.Start(w.Ticks(2), w.Word(3) == "now")
	if err != nil {
		p.stage.Note("refused", "start")
		return
	}
	name := w.Word(1)
	done.AddBoth(func(ended *task.LoopingCall, err error) (*task.LoopingCall, error) {
		switch {
		case errors.Is(err, errTold):
			p.stage.Note("ended", name, "told")
		case err != nil && errors.Is(err, noting.Boom{}):
			p.stage.Note("ended", name, "Boom")
		case err != nil:
			p.stage.Note("ended", name, "for a reason that is not foreseen:", err)
		default:
			p.stage.Note("ended", name, "itself", ended == l.LoopingCall)
		}
		p.stage.Enter("end")
		return nil, nil
	})
}

// asked notes what came of asking a loop for something.
func (p *player) asked(what string, err error) {
	if err != nil {
		p.stage.Note("refused", what)
	} else {
		p.stage.Note("did", what)
	}
}

func (p *player) now() int { return scenario.InTicks(p.clock.Seconds().Sub(time.Unix(0, 0))) }

func play(script scenario.Script) scenario.Transcript {
	return scenario.Play(script, noting.Name, func(stage *scenario.Stage) func(scenario.Words) {
		return (&player{stage: stage, loops: make(map[string]*loop), waits: make(map[string]*deferred.Deferred[struct{}])}).do
	})
}
