//go:build linux

package sockets

import (
	"slices"
	"strings"
)

// ofEnd are the statements about an end of a connection. Some are passed over,
// on both sides, where Twisted and ours are known to differ: see differences.
var ofEnd = map[string]func(e *end, rest []string) error{
	"write": func(e *end, rest []string) error {
		write(e, number(rest, 0))
		return nil
	},
	"writeseq": func(e *end, rest []string) error {
		if e.mayWrite() {
			var parts [][]byte
			for i := range rest {
				parts = append(parts, e.pattern(number(rest, i)))
			}
			e.transport.WriteSequence(parts)
		}
		return nil
	},
	"lose":          func(e *end, _ []string) error { return e.close(e.transport.LoseConnection) },
	"stopproducing": func(e *end, _ []string) error { return e.close(e.transport.StopProducing) },
	"losewrite": func(e *end, _ []string) error {
		if !e.gone && !e.halfClosed && (e.readLost || !e.peerEnds()) {
			e.halfClosed = true
			e.transport.LoseWriteConnection()
		}
		return nil
	},
	"abort": func(e *end, _ []string) error {
		if e.resetIsNoticed() {
			e.losing = true
			e.transport.AbortConnection()
		}
		return nil
	},
	"pause": func(e *end, _ []string) error {
		e.paused = true
		e.transport.PauseProducing()
		return nil
	},
	"resume": func(e *end, _ []string) error {
		if !e.readLost {
			e.paused = false
			e.transport.ResumeProducing()
		}
		return nil
	},
	"push":       func(e *end, rest []string) error { return register(e, rest, true) },
	"pull":       func(e *end, rest []string) error { return register(e, rest, false) },
	"unregister": func(e *end, _ []string) error { e.transport.UnregisterProducer(); return nil },
	"give": func(e *end, rest []string) error {
		if !(e.halfCloseable && rest[0] == "ConnectionDone") {
			e.result = givable[rest[0]]
		}
		return nil
	},
	"raise": func(e *end, _ []string) error {
		if e.world.inside > 0 && !e.accepting {
			panic(boom{})
		}
		return nil
	},
}

// write is the statement, and what a producer does.
func write(e *end, size int) {
	if e.mayWrite() {
		e.transport.Write(e.pattern(size))
	}
}

// mayWrite reports whether what the peer makes of it does not depend on when it
// comes, and will be noticed.
func (e *end) mayWrite() bool {
	peer := e.peer()
	switch {
	case e.gone || peer == nil:
		return true
	case peer.losing || peer.gone:
		return e.reading() && !e.halfCloseable
	}
	return e.halfCloseable || !peer.halfClosed
}

// peerEnds reports whether the end of the peer's stream is on its way, or here.
func (e *end) peerEnds() bool {
	peer := e.peer()
	return peer != nil && (peer.halfClosed || peer.losing || peer.gone)
}

// resetIsNoticed reports whether the peer hears of an abort.
func (e *end) resetIsNoticed() bool {
	peer := e.peer()
	switch {
	case e.gone:
		return true // nothing comes of it
	case peer == nil || peer.transport == nil:
		return !e.halfClosed || !e.peerGoesOn() // it hears of either end once it is there
	case peer.gone:
		return true
	}
	return peer.reading() && !(e.halfClosed && e.peerGoesOn())
}

// peerGoesOn reports whether the other end is, or will be, half-closeable.
func (e *end) peerGoesOn() bool {
	half := map[byte]string{'c': "shalf", 's': "chalf"}[e.name[0]]
	return slices.Contains(e.world.options[e.name[1:]], half)
}

func register(e *end, rest []string, streaming bool) error {
	return e.transport.RegisterProducer(&producer{e, number(rest, 0), number(rest, 1)}, streaming)
}

// close ends the connection by one of the ways that send everything first, but
// not where input left unread spoils that.
func (e *end) close(lose func()) error {
	if peer := e.peer(); peer != nil && peer.sent > e.got && (peer.halfCloseable || e.sent > peer.got) {
		return nil
	}
	e.losing = true
	lose()
	return nil
}

const alphabet = "abcdefghijklmnopqrstuvwxyz"

// pattern is the bytes of the next write: each begins with another letter.
func (e *end) pattern(size int) []byte {
	first := e.writes % len(alphabet)
	turned := alphabet[first:] + alphabet[:first]
	data := []byte(strings.Repeat(turned, size/len(turned)+1))[:size]
	e.writes++
	e.sent += size
	return data
}
