package main

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"proxyherd/herd/monitor/web"
)

// What cannot be done to the demo's herd, and why.
var (
	errPlaying  = errors.New("the demo is still playing: wait until it is over")
	errRuns     = errors.New("it runs already")
	errRunsNot  = errors.New("it does not run")
	errNoServer = errors.New("there is no server of that name")
	errNoAct    = errors.New("that is nothing that can be done")
)

// hands are what the live page does to the demo's herd, once the play is over.
type hands struct {
	st *stage

	acting sync.Mutex // one thing is done at a time

	mu   sync.Mutex
	open bool
	note string
}

// set opens the page's buttons or closes them, and says why.
func (h *hands) set(open bool, note string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.open, h.note = open, note
}

func (h *hands) isOpen() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.open
}

// shut closes the buttons, and returns once nothing is done any more.
func (h *hands) shut(note string) {
	h.set(false, note)
	h.acting.Lock()
	defer h.acting.Unlock()
}

// State implements web.Stage.
func (h *hands) State() web.State {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := web.State{Open: h.open, Note: h.note, Stopped: []string{}, Cut: h.st.wires.areCut()}
	for _, server := range h.st.config.Servers {
		if !h.st.runs(server.Name) {
			s.Stopped = append(s.Stopped, server.Name)
		}
	}
	return s
}

// Do implements web.Stage.
func (h *hands) Do(_ context.Context, a web.Act) error {
	h.acting.Lock()
	defer h.acting.Unlock()
	if !h.isOpen() {
		return errPlaying
	}
	if _, found := h.st.config.Server(a.Server); !found {
		return fmt.Errorf("%q: %w", a.Server, errNoServer)
	}
	runs := h.st.runs(a.Server)
	switch a.What {
	case "cut", "mend":
		return h.st.wires.cut(a.Server, a.Peer, a.What == "cut")
	case "start":
		if runs {
			return fmt.Errorf("%s: %w", a.Server, errRuns)
		}
		return h.st.startOne(a.Server)
	case "stop", "kill":
		if !runs {
			return fmt.Errorf("%s: %w", a.Server, errRunsNot)
		}
		if a.What == "kill" {
			return h.st.killed(a.Server)
		}
		return h.st.stopOne(a.Server)
	}
	return fmt.Errorf("%q: %w", a.What, errNoAct)
}
