// Package membus is a backbone.Bus in memory, for tests and the simulator: what
// becomes of each message on its way is for them to say.
package membus

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"proxyherd/herd/backbone"
)

// Hub is where the servers' ends meet. The zero value carries everything at once.
type Hub struct {
	// Pass, if not nil, says what becomes of a message from one server to another: a
	// delay for each copy that arrives, and none if it is lost. It is called by one
	// goroutine at a time.
	Pass func(from, to string) []time.Duration
	// Later has f called after a while; nil: at once.
	Later func(to string, wait time.Duration, f func())

	passing sync.Mutex // held while Pass is called

	mu   sync.Mutex
	ends []*End // in the order of their making
}

// End is one server's end of a Hub: its Bus.
type End struct {
	hub  *Hub
	name string

	// Guarded by the hub's mu.
	subjects []string
	to       backbone.Receiver // nil before Start, and after Close
	cut      bool
}

// errCut is why a connection is lost.
var errCut = errors.New("the connection with the bus is cut")

// End makes an end for the named server.
func (h *Hub) End(name string) *End {
	h.mu.Lock()
	defer h.mu.Unlock()
	e := &End{hub: h, name: name}
	h.ends = append(h.ends, e)
	return e
}

// Start implements backbone.Bus.
func (e *End) Start(subjects []string, to backbone.Receiver) {
	e.hub.mu.Lock()
	e.subjects, e.to = subjects, to
	cut := e.cut
	e.hub.mu.Unlock()
	if !cut {
		to.Opened()
	}
}

// Publish implements backbone.Bus.
func (e *End) Publish(m backbone.Message) bool {
	h := e.hub
	h.mu.Lock()
	if e.cut || !slices.Contains(h.ends, e) {
		h.mu.Unlock()
		return false
	}
	var heard []*End
	for _, other := range h.ends {
		if other != e && !other.cut && other.hears(m.Subject) {
			heard = append(heard, other)
		}
	}
	h.mu.Unlock()
	if len(heard) == 0 && m.Reply != "" {
		e.give(backbone.Message{Subject: m.Reply, Unheard: true})
	}
	for _, other := range heard {
		h.carry(e.name, other, m)
	}
	return true
}

// hears reports whether the end listens to a subject.
func (e *End) hears(subject string) bool {
	return e.to != nil && slices.ContainsFunc(e.subjects, func(own string) bool {
		before, any := strings.CutSuffix(own, "*")
		rest, within := strings.CutPrefix(subject, before)
		return own == subject || any && within && rest != "" && !strings.Contains(rest, ".")
	})
}

// carry brings a message to another end, or loses it.
func (h *Hub) carry(from string, to *End, m backbone.Message) {
	if h.Pass == nil {
		to.give(m)
		return
	}
	h.passing.Lock()
	delays := h.Pass(from, to.name)
	h.passing.Unlock()
	for _, delay := range delays {
		h.Later(to.name, delay, func() { to.give(m) })
	}
}

// give hands the end a message, unless it is cut off or gone.
func (e *End) give(m backbone.Message) {
	e.hub.mu.Lock()
	to := e.to
	if e.cut || !slices.Contains(e.hub.ends, e) {
		to = nil
	}
	e.hub.mu.Unlock()
	if to != nil {
		to.Received([]backbone.Message{m}, func() {})
	}
}

// Cut cuts the named server's connection with the hub, or mends it, and tells it. Until
// then what is sent is lost.
func (h *Hub) Cut(name string, cut bool) {
	h.mu.Lock()
	var told backbone.Receiver
	for _, e := range h.ends {
		if e.name == name && e.cut != cut {
			e.cut, told = cut, e.to
		}
	}
	h.mu.Unlock()
	switch {
	case told == nil:
	case cut:
		told.Lost(errCut)
	default:
		told.Opened()
	}
}

// Gone ends the named server's end, as when its process is no more.
func (h *Hub) Gone(name string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ends = slices.DeleteFunc(h.ends, func(e *End) bool { return e.name == name })
}
