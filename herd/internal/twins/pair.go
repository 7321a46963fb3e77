package main

import (
	"maps"
	"slices"
)

// pair is a file of each design, of the same name; nil where there is none.
type pair struct {
	name               string
	reactor, goroutine *source
}

// row is a function and its twin; nil where a file has none.
type row struct{ reactor, goroutine *function }

func readPairs(root string) (pairs []pair, err error) {
	reactor, err := readFolder(root, reactorFolder)
	if err != nil {
		return nil, err
	}
	goroutine, err := readFolder(root, goroutineFolder)
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for name := range reactor {
		names[name] = true
	}
	for name := range goroutine {
		names[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		pairs = append(pairs, pair{name, reactor[name], goroutine[name]})
	}
	return pairs, nil
}

// both are the functions that both files have, each list in its own file's order.
func (p *pair) both() (reactor, goroutine []*function) {
	if p.reactor == nil || p.goroutine == nil {
		return nil, nil
	}
	for i := range p.reactor.functions {
		if f := &p.reactor.functions[i]; mutual(p.goroutine, p.reactor, f) != nil {
			reactor = append(reactor, f)
		}
	}
	for i := range p.goroutine.functions {
		if f := &p.goroutine.functions[i]; mutual(p.reactor, p.goroutine, f) != nil {
			goroutine = append(goroutine, f)
		}
	}
	return reactor, goroutine
}

// mutual finds the twin in a file of a function in another, whose twin that is.
func mutual(in, of *source, f *function) *function {
	if in == nil {
		return nil
	}
	if twin := twinOf(in, f); twin != nil && twinOf(of, twin) == f {
		return twin
	}
	return nil
}

// twinOf finds a function's twin in a file: of the same receiver, or, where that is
// another type in the other design, of the same name.
func twinOf(s *source, of *function) *function {
	var like *function
	for i := range s.functions {
		f := &s.functions[i]
		if f.key() != of.key() {
			continue
		}
		if f.receiver == of.receiver {
			return f
		}
		like = f
	}
	// What both are methods of has twins of its own.
	if like == nil || slices.Contains(sharedTypes, like.receiver) && slices.Contains(sharedTypes, of.receiver) {
		return nil
	}
	return like
}

// sharedTypes are those that have methods in both designs.
var sharedTypes = []string{"Server", "session", "link", "neighbour", "outbox", "comparing", "heart", "sealed", "answers", "cause", "rarely", "Faulty", "tally"}

// rows are a pair's functions side by side, in the order of both files.
func (p *pair) rows() (rows []row) {
	var right []function
	if p.goroutine != nil {
		right = p.goroutine.functions
	}
	next := 0
	if p.reactor != nil {
		for i := range p.reactor.functions {
			left := &p.reactor.functions[i]
			twin := mutual(p.goroutine, p.reactor, left)
			if twin == nil {
				rows = append(rows, row{reactor: left})
				continue
			}
			for ; next < len(right) && right[next].line < twin.line; next++ {
				rows = append(rows, row{goroutine: &right[next]})
			}
			rows = append(rows, row{left, twin})
			next++
		}
	}
	for ; next < len(right); next++ {
		rows = append(rows, row{goroutine: &right[next]})
	}
	return rows
}

// same reports whether the two are the same code.
func (r *row) same() bool {
	return r.reactor != nil && r.goroutine != nil && r.reactor.code == r.goroutine.code
}
