// Package clock has scenarios of a Clock and its DelayedCalls.
package clock

import (
	"errors"
	"slices"
	"time"

	"proxyherd/reactor"
	"proxyherd/reactor/internal/oracle/noting"
	"proxyherd/reactor/internal/oracle/scenario"
	"proxyherd/reactor/task"
)

// player has the clock and the calls that a script has made. Its twin is Player
// in clock.py.
type player struct {
	stage *scenario.Stage
	clock task.Clock
	names []string
	calls map[string]reactor.DelayedCall
}

// do plays one statement.
func (p *player) do(w scenario.Words) {
	call := p.calls[w.Word(1)]
	switch w.Word(0) {
	case "later":
		if call == nil && w.Ticks(2) >= 0 {
			p.later(w.Word(1), w.Ticks(2))
		}
	case "advance":
		p.clock.Advance(w.Ticks(1))
		p.stage.Note("now", p.now())
	case "pump":
		var timings []time.Duration
		for i := range w[1:] {
			timings = append(timings, w.Ticks(1+i))
		}
		p.clock.Pump(timings...)
		p.stage.Note("now", p.now())
	case "pending":
		p.pending()
	case "raise":
		panic(noting.Boom{})
	default:
		if call != nil {
			p.change(w, call)
		}
	}
}

func (p *player) later(name string, delay time.Duration) {
	p.names = append(p.names, name)
	p.calls[name] = p.clock.CallLater(delay, func() {
		p.stage.Note("called", name, p.due(p.calls[name]), "now", p.now())
		p.stage.Enter("call")
	})
	p.stage.Note("made", name, p.due(p.calls[name]))
}

// change does something to a call that exists.
func (p *player) change(w scenario.Words, call reactor.DelayedCall) {
	var err error
	switch w.Word(0) {
	case "cancel":
		err = call.Cancel()
	case "reset":
		err = call.Reset(w.Ticks(2))
	case "delay":
		err = call.Delay(w.Ticks(2))
	case "look":
		p.stage.Note("active", w.Word(1), call.Active())
		return
	default:
		return
	}
	switch {
	case errors.Is(err, reactor.ErrAlreadyCalled):
		p.stage.Note("refused", "AlreadyCalled")
	case errors.Is(err, reactor.ErrAlreadyCancelled):
		p.stage.Note("refused", "AlreadyCancelled")
	case w.Word(0) == "cancel":
		p.stage.Note("cancelled", w.Word(1))
	default:
		p.stage.Note("moved", w.Word(1), p.due(call))
	}
}

// pending notes the calls that wait, in the order in which they were made.
func (p *player) pending() {
	waiting := p.clock.GetDelayedCalls()
	words := []any{"pending", len(waiting)}
	for _, name := range p.names {
		if slices.Contains(waiting, p.calls[name]) {
			words = append(words, name)
		}
	}
	p.stage.Note(words...)
}

func (p *player) now() int { return p.since(p.clock.Seconds()) }

func (p *player) due(call reactor.DelayedCall) int { return p.since(call.GetTime()) }

func (p *player) since(t time.Time) int { return scenario.InTicks(t.Sub(time.Unix(0, 0))) }

func play(script scenario.Script) scenario.Transcript {
	return scenario.Play(script, noting.Name, func(stage *scenario.Stage) func(scenario.Words) {
		return (&player{stage: stage, calls: make(map[string]reactor.DelayedCall)}).do
	})
}
