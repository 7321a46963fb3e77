package sim

import (
	"strconv"
	"time"

	"proxyherd/reactor/reactortest"
)

// act does one thing. What cannot be done now, such as killing a server that is
// down, is left out: so a fight stays one when acts are taken out of it.
func (w *world) act(a Act) {
	done := false
	switch {
	case w.named[a.Name] != nil && len(a.Rest) > 0 && w.named[a.Rest[0]] != nil:
		done = w.actOnLink(a)
	case w.named[a.Name] != nil:
		done = w.actOnServer(a, w.named[a.Name])
	case a.Verb == "upstream":
		done = w.source.turn(a.Name)
	default:
		done = w.actOfClient(a)
	}
	if done {
		w.tally.Faults[a.Verb]++
	}
	w.checkBounds()
}

func (w *world) actOnLink(a Act) bool {
	if w.bus != nil {
		return w.bus.act(a)
	}
	n, from, to := w.network, a.Name, a.Rest[0]
	link := w.fight.Setup.link()
	switch a.Verb {
	case "cut":
		n.Cut(from, to)
	case "cutoneway":
		n.CutOneWay(from, to)
	case "sever":
		n.Sever(from, to)
	case "slow":
		link.BytesPerSecond, _ = strconv.Atoi(a.Rest[1])
		w.setLink(from, to, link)
	case "delay":
		link.Latency, _ = time.ParseDuration(a.Rest[1])
		w.setLink(from, to, link)
	case "heal":
		w.healLink(from, to)
		return false
	}
	return true
}

func (w *world) setLink(a, b string, l reactortest.Link) {
	w.network.SetLink(a, b, l)
	w.network.SetLink(b, a, l)
}

// healLink makes a link what it was.
func (w *world) healLink(a, b string) {
	w.setLink(a, b, w.fight.Setup.link())
	w.network.Heal(a, b)
	if w.bus != nil {
		w.bus.heal(a, b)
	}
}

func (w *world) actOnServer(a Act, m *member) bool {
	if a.Verb == "start" {
		w.start(m)
		return false
	}
	if m.server == nil || m.ending && a.Verb != "kill" {
		return false
	}
	switch a.Verb {
	case "kill":
		m.reactor.Kill()
		w.ledger.died(w, m)
		w.end(m)
		m.ending = false
	case "stop":
		w.ledger.died(w, m)
		if m.reactor.Stop() != nil {
			return false
		}
		m.ending = true
		w.excuse(m)
	case "pause":
		m.reactor.Pause()
	case "resume":
		m.reactor.Resume()
		return false
	case "clock":
		ahead, err := time.ParseDuration(a.Rest[0])
		if err != nil || ahead == m.ahead {
			return false
		}
		w.setBack += max(m.ahead-ahead, 0)
		m.ahead, m.set = ahead, true
		m.reactor.SetClock(ahead)
		w.excuse(m)
	}
	return true
}

// excuse lets a server end the connections that it has now.
func (w *world) excuse(m *member) {
	for _, c := range w.all {
		if c.to == m && c.life == m.life {
			c.excused = true
		}
	}
}

func (w *world) actOfClient(a Act) bool {
	if a.Verb == "->" {
		if m := w.named[a.Text]; m != nil {
			w.connect(a.Name, m)
		}
		return false
	}
	c := w.talkers[a.Name]
	if c == nil {
		return false
	}
	switch a.Verb {
	case ">":
		c.send(a.Text, true)
	case ">|":
		c.send(a.Text, false)
	case "ends":
		c.end()
	case "aborts":
		return c.abort()
	case "rests":
		return c.rest()
	case "reads":
		c.read()
	}
	return false
}

// mend ends everything that is broken among the fight's part.
func (w *world) mend() {
	g := w.fight.Graph
	for _, e := range g.Edges {
		a, b := g.Names[e[0]], g.Names[e[1]]
		if w.inPart(a) && w.inPart(b) {
			w.healLink(a, b)
		}
	}
	for _, m := range w.members {
		if !w.inPart(m.name) {
			continue
		}
		if m.server != nil && !m.ending {
			m.reactor.Resume()
		}
		w.start(m)
		w.healLink(clientsName, m.name)
	}
	if w.bus != nil {
		w.bus.whole = true
	}
	for _, c := range w.all {
		c.read()
	}
	w.source.turn("works")
	w.ledger.left(w)
}
