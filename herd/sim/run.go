package sim

import (
	"errors"

	"proxyherd/reactor"
	"proxyherd/reactor/reactortest"
)

// Result is what a fight came to.
type Result struct {
	Violations []Violation // empty: every promise was kept
	Tally      *Tally
}

// Failed reports whether a promise was broken.
func (r *Result) Failed() bool { return len(r.Violations) > 0 }

// Watch is what a run tells while it goes on, and what its servers do wrong. The
// zero value is a run as it should be that tells nothing.
type Watch struct {
	Variant *Variant                    // the mistake of every server; nil: none
	Event   func(reactortest.Event)     // every event in the network
	Note    func(acts int, text string) // what a client saw, after so many acts
}

// Run carries a fight out, up to the first violation among its acts. A panic, in
// the servers' code or here, is a violation too.
func (f *Fight) Run(watch Watch) *Result {
	w := newWorld(f, watch)
	for _, step := range []func(){w.play, w.sumUp} {
		if err := caught(step); err != nil {
			w.violated("panic", "%v", err)
		}
	}
	return &Result{Violations: w.found, Tally: w.tally}
}

// play carries the fight out.
func (w *world) play() {
	f := w.fight
	for _, a := range f.Acts {
		w.advance(a.At)
		w.act(a)
		w.step++
		if len(w.found) > 0 {
			return
		}
	}
	w.advance(max(w.elapsed(), fightLength))
	w.mend()
	if w.settle() {
		w.checkStores()
		w.checkMessages()
		w.checkClients()
	}
	w.checkBounds()
}

// caught runs f and returns a panic in it as an error.
func caught(f func()) (err error) {
	defer func() { err = reactor.Recovered(recover()) }()
	f()
	return nil
}

// trouble is the log of the reactors: they survive a panic in a server's code, and
// a fight must not.
type trouble struct{ world *world }

// Msg drops what is no trouble.
func (t trouble) Msg(string, string) {}

// Err takes a panic for a violation.
func (t trouble) Err(prefix string, err error, why string) {
	if p, ok := errors.AsType[*reactor.PanicError](err); ok {
		t.world.violated("panic", "%s: %s: %v\n%s", prefix, why, p, p.Stack)
	}
}

// sumUp counts what the fight was like.
func (w *world) sumUp() {
	t := w.tally
	t.Fights++
	t.Messages += w.wires.records
	t.Servers[len(w.members)]++
	for v, said := range w.verbs {
		if said > 0 {
			t.Verbs[verb(v).String()] += said
		}
	}
	for m := range w.live {
		w.count(m)
	}
	if w.fight.Setup.Rotating != 0 {
		t.Paths["a secret being replaced"]++
	}
	if w.bus != nil {
		t.Paths[onABus]++
	}
	if w.config.LinkMAC {
		t.Paths["proofs on links"]++
	}
}
