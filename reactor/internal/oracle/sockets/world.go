//go:build linux

package sockets

import (
	"fmt"
	"hash/crc32"
	"maps"
	"slices"
	"strings"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
	"proxyherd/reactor/gnetreactor"
	"proxyherd/reactor/internal/oracle/scenario"
)

const host = "127.0.0.1"

// world is one scenario: a reactor of its own and all that its script names.
// Its twin is World in twisted/sockets.py, statement for statement.
type world struct {
	reactor   *gnetreactor.Reactor
	quiet     quiet
	lines     []string            // the steps still to come
	reactions map[string][]string // statements by "EVENT NAME N"
	entered   map[string]int      // events so far by "EVENT NAME"
	inside    int                 // reactions that are being carried out

	ends     map[string]*end // the latest of each name
	built    map[string]int  // protocols built, by the end's name
	options  map[string][]string
	ports    map[string]*portFactory
	clients  map[string]*client
	triggers map[string]reactor.TriggerID
	waits    map[string]*deferred.Deferred[struct{}]
	reserved *reservation

	lost, stopped int // events so far, for the triggers to tell

	step       string
	streams    map[string][]event
	transcript scenario.Transcript
	muted      bool
}

// event is a line of the transcript, or bytes received, to which more can come.
type event struct {
	text  string
	bytes int
	crc   uint32
}

func (e event) String() string {
	if e.bytes == 0 {
		return e.text
	}
	return fmt.Sprintf("%s %d %08x", e.text, e.bytes, e.crc)
}

// play plays a script on ours.
func play(script scenario.Script) scenario.Transcript {
	log := &faults{}
	w := &world{
		reactor:   gnetreactor.New(gnetreactor.Config{NoSignalHandlers: true, Log: log}),
		reactions: map[string][]string{},
		entered:   map[string]int{},
		ends:      map[string]*end{},
		built:     map[string]int{},
		options:   map[string][]string{},
		ports:     map[string]*portFactory{},
		clients:   map[string]*client{},
		triggers:  map[string]reactor.TriggerID{},
		waits:     map[string]*deferred.Deferred[struct{}]{},
		streams:   map[string][]event{},
		reserved:  reserve("p1", "p2"),
	}
	defer w.reserved.close()
	log.crash = w.reactor.Crash
	w.quiet = quiet{reactor: w.reactor, numbers: w.reserved.all(), over: w.next}
	for _, line := range script {
		if where, inner, reacts := strings.Cut(line, ": "); reacts {
			where = strings.TrimPrefix(where, "in ")
			w.reactions[where] = append(w.reactions[where], strings.Split(inner, "; ")...)
		} else {
			w.lines = append(w.lines, line)
		}
	}
	w.reactor.CallWhenRunning(func() { w.next(true) })
	if err := w.reactor.Run(); err != nil {
		panic(fmt.Sprintf("the oracle's own reactor does not run: %v", err))
	}
	if log.first != nil {
		panic(fmt.Sprintf("the oracle's player of %q: %v\n%s", script, log.first, log.first.Stack))
	}
	w.flush()
	return w.transcript
}

// next ends a step and begins the one after it.
func (w *world) next(settled bool) {
	if !settled {
		w.note("reactor", "unsettled")
		w.lines = nil
	}
	w.flush()
	switch {
	case len(w.lines) > 0:
		line := w.lines[0]
		w.lines = w.lines[1:]
		w.step = "step " + line
		w.act(strings.Split(line, "; "))
		w.quiet.begin()
	case len(w.waits) > 0:
		w.step = "step end"
		for _, name := range slices.Sorted(maps.Keys(w.waits)) {
			fire(w, name)
		}
		w.quiet.begin()
	default:
		w.end()
	}
}

// end leaves nothing behind. What that brings is no part of the scenario.
func (w *world) end() {
	w.muted = true
	for _, e := range w.ends {
		if e.transport != nil {
			e.transport.AbortConnection()
		}
	}
	for _, c := range w.clients {
		c.giveUp()
	}
	w.reactor.CallLater(0, func() {
		w.reactor.CallLater(0, func() { _ = w.reactor.Stop() }) // stopping already is as good
	})
}

// act carries out the statements of a step. What a reaction inside one of them
// raises ends the step: a pull producer is resumed inside RegisterProducer.
func (w *world) act(statements []string) {
	defer func() {
		if v := recover(); v != nil && v != any(boom{}) {
			panic(v)
		}
	}()
	w.perform(statements)
}

// perform carries statements out. An error that one returns is an event.
func (w *world) perform(statements []string) {
	for _, statement := range statements {
		words := strings.Split(statement, " ")
		if err := w.do(words); err != nil {
			w.note(w.streamOf(words[1]), "raised", words[1], nameOf(err))
		}
	}
}

func (w *world) streamOf(name string) string {
	if e := w.ends[name]; e != nil {
		return e.stream
	}
	if w.ports[name] != nil {
		return name
	}
	if c := w.clients[name]; c != nil {
		return c.stream
	}
	return "reactor"
}

// note adds an event to a stream.
func (w *world) note(stream string, words ...any) {
	if w.muted {
		return
	}
	w.quiet.changes++
	text := strings.TrimSuffix(fmt.Sprintln(words...), "\n")
	w.streams[stream] = append(w.streams[stream], event{text: text})
}

// received notes data, as one event with what came just before.
func (w *world) received(e *end, data []byte) {
	if w.muted {
		return
	}
	w.quiet.changes++
	events := w.streams[e.stream]
	if len(events) == 0 || events[len(events)-1].bytes == 0 {
		events = append(events, event{text: "received " + e.label})
		w.streams[e.stream] = events
	}
	last := &events[len(events)-1]
	last.bytes += len(data)
	last.crc = crc32.Update(last.crc, crc32.IEEETable, data)
}

// enter carries out what the script has for this event. A statement that raises
// does so into the reactor.
func (w *world) enter(where string) {
	if w.muted {
		return
	}
	w.entered[where]++
	w.inside++
	defer func() { w.inside-- }()
	w.perform(w.reactions[fmt.Sprintf("%s %d", where, w.entered[where])])
}

// flush adds the step's events to the transcript.
func (w *world) flush() {
	if w.step != "" {
		w.transcript = append(w.transcript, w.step)
	}
	for _, stream := range slices.Sorted(maps.Keys(w.streams)) {
		for _, e := range w.streams[stream] {
			w.transcript = append(w.transcript, e.String())
		}
	}
	w.step = ""
	clear(w.streams)
}

// build makes the protocol of an end; nil if it is refused.
func (w *world) build(name string, refuse, half bool) reactor.Protocol {
	w.built[name]++
	e := &end{world: w, name: name, label: name, stream: name, halfCloseable: half}
	if n := w.built[name]; n > 1 {
		e.label = fmt.Sprintf("%s.%d", name, n)
	}
	if name[0] == 's' {
		e.stream = e.label // a client's protocols come one after the other
	}
	w.note(e.stream, "build", e.label)
	if refuse {
		return nil
	}
	w.ends[name] = e
	if half {
		return halfCloseableEnd{e}
	}
	return e
}
