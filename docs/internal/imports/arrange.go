package main

import (
	"cmp"
	"slices"
)

// layers are nodes in rows, the lowest first: a node stands above all that it
// imports. Within a row, near to what it is connected with.
type layers struct {
	rows  [][]*placed
	nodes map[string]*placed
}

// placed is a node with its arrows, those left out that others imply.
type placed struct {
	node
	row    int
	at     float64 // its place in the row, for the order
	arrows []*placed
	from   []*placed // whose arrows end here
	x, y   float64   // of its middle, once drawn
}

func arrange(all []node) *layers {
	l := &layers{nodes: map[string]*placed{}}
	for _, n := range all {
		l.nodes[n.name] = &placed{node: n, row: -1}
	}
	for _, n := range all {
		p := l.nodes[n.name]
		for len(l.rows) <= l.rowOf(p) {
			l.rows = append(l.rows, nil)
		}
		l.rows[p.row] = append(l.rows[p.row], p)
		for _, to := range n.imports {
			if !l.implied(n, to) {
				p.arrows = append(p.arrows, l.nodes[to])
				l.nodes[to].from = append(l.nodes[to].from, p)
			}
		}
	}
	l.order()
	return l
}

// rowOf is one more than the highest row of what a node imports.
func (l *layers) rowOf(p *placed) int {
	if p.row >= 0 {
		return p.row
	}
	p.row = 0 // Go has no circles of imports, and folding makes none
	row := 0
	for _, to := range p.imports {
		row = max(row, 1+l.rowOf(l.nodes[to]))
	}
	p.row = row
	return row
}

// implied reports whether something else that n imports leads to it.
func (l *layers) implied(n node, to string) bool {
	return slices.ContainsFunc(n.imports, func(by string) bool { return by != to && l.leads(by, to) })
}

func (l *layers) leads(from, to string) bool {
	return slices.ContainsFunc(l.nodes[from].imports, func(by string) bool { return by == to || l.leads(by, to) })
}

// order moves nodes within their rows towards the middle of those that they are
// connected with, up and down a few times.
func (l *layers) order() {
	for _, row := range l.rows {
		spread(row)
	}
	for range 8 {
		for _, row := range l.rows {
			towards(row, func(p *placed) []*placed { return p.arrows })
		}
		for _, row := range slices.Backward(l.rows) {
			towards(row, func(p *placed) []*placed { return p.from })
		}
	}
}

func towards(row []*placed, others func(*placed) []*placed) {
	for _, p := range row {
		if connected := others(p); len(connected) > 0 {
			sum := 0.0
			for _, o := range connected {
				sum += o.at
			}
			p.at = sum / float64(len(connected))
		}
	}
	slices.SortStableFunc(row, func(a, b *placed) int { return cmp.Compare(a.at, b.at) })
	spread(row)
}

// spread gives places from 0 to 1.
func spread(row []*placed) {
	for i, p := range row {
		p.at = (float64(i) + 0.5) / float64(len(row))
	}
}
