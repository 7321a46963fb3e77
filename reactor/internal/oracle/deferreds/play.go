// Package deferreds has scenarios of Deferreds, and of what is made of them.
package deferreds

import (
	"strconv"

	"proxyherd/reactor/deferred"
	"proxyherd/reactor/internal/oracle/noting"
	"proxyherd/reactor/internal/oracle/scenario"
)

// node is a Deferred of the script's.
type node struct {
	*deferred.Deferred[int]
	pauses int  // that were not undone
	run    bool // it is Run's
}

// player has everything that a script has made, by name. Its twin is Player in
// deferreds.py.
type player struct {
	stage  *scenario.Stage
	nodes  map[string]*node
	things map[string]interface{ Cancel() } // lists, and waiting for turns
	turns  map[string]turns
	queues map[string]*deferred.DeferredQueue[int]
	stack  []string            // the names of those whose steps are under way
	waits  map[string]bool     // that a Deferred may be waiting for another one
	feeds  map[string][]string // whom the result of a Deferred may run
	begun  map[string]bool     // the functions that Run has called
}

// do plays one statement.
func (p *player) do(w scenario.Words) {
	switch what, n := w.Word(0), p.nodes[w.Word(1)]; what {
	case "new", "newCancel", "succeed", "failed":
		if n == nil {
			p.nodes[w.Word(1)] = p.make(w)
		}
	case "list", "first", "gather":
		p.list(w)
	case "lock", "semaphore", "acquire", "release", "run", "runWait":
		p.primitive(w)
	case "queue", "put", "get":
		p.queue(w)
	case "cancel":
		if n != nil {
			n.Cancel()
		} else if thing := p.things[w.Word(1)]; thing != nil {
			thing.Cancel()
		}
	case "raise":
		panic(noting.Boom{})
	default:
		if n != nil {
			p.change(w, n)
		}
	}
}

// make makes a Deferred.
func (p *player) make(w scenario.Words) *node {
	switch w.Word(0) {
	case "succeed":
		return &node{Deferred: deferred.Succeed(w.Int(2))}
	case "failed":
		return &node{Deferred: deferred.Fail[int](failure(w.Int(2)))}
	case "new":
		return &node{Deferred: deferred.New[int](nil)}
	}
	return &node{Deferred: deferred.New(func(d *deferred.Deferred[int]) {
		p.stage.Note("cancelling", w.Word(1))
		p.stage.Enter("cancelling")
		switch w.Word(2) {
		case "fire":
			d.Callback(w.Int(3))
		case "fail":
			d.Errback(failure(w.Int(3)))
		case "raise":
			panic(noting.Boom{})
		}
	})}
}

// change does something to a Deferred that exists.
func (p *player) change(w scenario.Words, n *node) {
	switch what := w.Word(0); {
	case what == "cb":
		n.AddCallback(func(value int) (int, error) { return p.step(w, 2, value, nil) })
	case what == "eb":
		n.AddErrback(func(err error) (int, error) { return p.step(w, 2, 0, err) })
	case what == "both":
		n.AddBoth(func(value int, err error) (int, error) { return p.step(w, 2, value, err) })
	case what == "cbs":
		n.AddCallbacks(
			func(value int) (int, error) { return p.step(w, 2, value, nil) },
			func(err error) (int, error) { return p.step(w, 4, 0, err) })
	case what == "cbWait" && p.mayWait(w):
		n.AddDeferred(func(value int) *deferred.Deferred[int] { return p.wait(w, value, nil) })
	case what == "ebWait" && p.mayWait(w):
		n.AddErrbackDeferred(func(err error) *deferred.Deferred[int] { return p.wait(w, 0, err) })
	case n.run: // in Twisted it is the one of acquire: see Family
	case what == "fire":
		n.Callback(w.Int(2))
	case what == "fail":
		n.Errback(failure(w.Int(2)))
	case what == "pause":
		p.notePaused(w.Word(1))
		n.pauses++
		n.Pause()
	case what == "unpause" && n.pauses > 0:
		n.pauses--
		n.Unpause()
	case what == "called":
		p.stage.Note("called", w.Word(1), n.Called())
	case what == "chain":
		if other := p.nodes[w.Word(2)]; other != nil && other != n && !other.run {
			p.feed(w.Word(1), w.Word(2))
			n.ChainDeferred(other.Deferred)
		}
	}
}

// step is what every callback and errback does: the words from the i-th on say
// with what it ends.
func (p *player) step(w scenario.Words, i, value int, err error) (int, error) {
	name := w.Word(1)
	if w.Word(0) == "run" || w.Word(0) == "runWait" {
		name = w.Word(2)
	}
	p.stack = append(p.stack, name)
	delete(p.waits, name)
	defer func() { p.stack = p.stack[:len(p.stack)-1] }()
	p.stage.Note(w.Word(0), w.Word(1), show(value, err))
	p.stage.Enter("step")
	switch w.Word(i) {
	case "value":
		return w.Int(i + 1), nil
	case "error":
		return 0, failure(w.Int(i + 1))
	case "raise":
		panic(noting.Boom{})
	}
	return value, err
}

// mayWait reports that the second Deferred exists and has the higher number, so
// that none waits for itself, which hangs in Twisted (DF8).
func (p *player) mayWait(w scenario.Words) bool {
	return p.nodes[w.Word(2)] != nil && w.Int(2) > w.Int(1)
}

// wait is a step that ends with another Deferred.
func (p *player) wait(w scenario.Words, value int, err error) *deferred.Deferred[int] {
	_, _ = p.step(w, 3, value, err) // there are no such words: only its events count
	p.noteAwaited(w.Word(1), w.Word(2))
	p.waits[w.Word(1)] = true
	p.feed(w.Word(2), w.Word(1))
	return p.nodes[w.Word(2)].Deferred
}

func play(script scenario.Script) scenario.Transcript {
	return scenario.Play(script, nameOf, func(stage *scenario.Stage) func(scenario.Words) {
		return (&player{
			stage: stage, nodes: make(map[string]*node), things: make(map[string]interface{ Cancel() }),
			turns: make(map[string]turns), queues: make(map[string]*deferred.DeferredQueue[int]),
			waits: make(map[string]bool), begun: make(map[string]bool), feeds: make(map[string][]string),
		}).do
	})
}

// show is a result as a word.
func show(value int, err error) string {
	if err != nil {
		return nameOf(err)
	}
	return strconv.Itoa(value)
}
