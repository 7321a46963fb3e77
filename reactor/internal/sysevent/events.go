// Package sysevent fires a reactor's system events in their three phases:
// twisted/internet/base.py:294 _ThreePhaseEvent. Both reactors share it.
package sysevent

import (
	"slices"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

// Events holds the triggers of every event. Guard must be set.
type Events struct {
	// Guard runs f and takes care of a panic in it, so that one trigger cannot
	// keep the next from running.
	Guard func(f func())

	number uint64
	events map[string]*event
}

type event struct{ phases [3][]entry }

type entry struct {
	number  uint64
	trigger reactor.Trigger
}

// Add registers a trigger; reactor.ErrInvalidPhase for a phase that does not
// exist.
func (e *Events) Add(phase reactor.Phase, eventType string, trigger reactor.Trigger) (reactor.TriggerID, error) {
	if phase < reactor.Before || phase > reactor.After {
		return reactor.TriggerID{}, reactor.ErrInvalidPhase
	}
	e.number++
	ev := e.event(eventType)
	ev.phases[phase-1] = append(ev.phases[phase-1], entry{e.number, trigger})
	return reactor.TriggerID{Phase: phase, EventType: eventType, Number: e.number}, nil
}

// Prepend registers a trigger that runs before those of its phase that are
// there already: the reactor's own part of the shutdown comes before the
// application's.
func (e *Events) Prepend(phase reactor.Phase, eventType string, trigger reactor.Trigger) (reactor.TriggerID, error) {
	id, err := e.Add(phase, eventType, trigger)
	if err == nil {
		list := e.event(eventType).phases[phase-1]
		last := len(list) - 1
		added := list[last]
		copy(list[1:], list[:last])
		list[0] = added
	}
	return id, err
}

// Remove takes a trigger back; reactor.ErrInvalidPhase for an id that Add never
// gave, reactor.ErrUnknownTrigger for one that was removed or has run.
func (e *Events) Remove(id reactor.TriggerID) error {
	if id.Phase < reactor.Before || id.Phase > reactor.After {
		return reactor.ErrInvalidPhase
	}
	ev := e.events[id.EventType]
	if ev == nil {
		return reactor.ErrUnknownTrigger
	}
	list := &ev.phases[id.Phase-1]
	i := slices.IndexFunc(*list, func(en entry) bool { return en.number == id.Number })
	if i < 0 {
		return reactor.ErrUnknownTrigger
	}
	*list = slices.Delete(*list, i, i+1)
	return nil
}

// Fire runs the Before triggers, waits for the Deferreds that they returned,
// and runs During and After. Triggers are used up by running. done, if not nil,
// is called after the last.
func (e *Events) Fire(eventType string, done func()) {
	ev := e.event(eventType)
	waiting := 1 // for this function itself, so that it goes on only once
	proceed := func() {
		waiting--
		if waiting > 0 {
			return
		}
		e.run(&ev.phases[reactor.During-1], nil)
		e.run(&ev.phases[reactor.After-1], nil)
		if done != nil {
			done()
		}
	}
	e.run(&ev.phases[reactor.Before-1], func(d *deferred.Deferred[struct{}]) {
		waiting++
		d.AddBoth(func(v struct{}, err error) (struct{}, error) {
			proceed()
			return v, err
		})
	})
	proceed()
}

// run works off one phase, each trigger taken out before it runs; one that is
// added meanwhile runs too.
func (e *Events) run(list *[]entry, wait func(*deferred.Deferred[struct{}])) {
	for len(*list) > 0 {
		trigger := (*list)[0].trigger
		*list = slices.Delete(*list, 0, 1)
		e.Guard(func() {
			if d := trigger(); d != nil && wait != nil {
				wait(d)
			}
		})
	}
}

func (e *Events) event(eventType string) *event {
	if e.events == nil {
		e.events = map[string]*event{}
	}
	ev := e.events[eventType]
	if ev == nil {
		ev = &event{}
		e.events[eventType] = ev
	}
	return ev
}
