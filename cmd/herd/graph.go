package main

import (
	"fmt"
	"strings"

	"proxyherd/herd"
)

// graphForm is the value of --graph.
type graphForm string

const (
	graphText graphForm = "text"
	graphSVG  graphForm = "svg"
)

func (g *graphForm) String() string { return string(*g) }
func (g *graphForm) Type() string   { return "text|svg" }

// Set implements pflag.Value.
func (g *graphForm) Set(text string) error {
	switch form := graphForm(text); form {
	case graphText, graphSVG:
		*g = form
		return nil
	}
	return fmt.Errorf("write %s or %s", graphText, graphSVG)
}

// cut is a server that the herd hangs on: without it, others cannot reach each
// other.
type cut struct {
	Server string     `json:"server"`
	Pieces [][]string `json:"pieces"` // that those with whom it is one fall into
}

// cutsOf finds the servers that the herd hangs on, in the order of its pieces.
func cutsOf(t *herd.Topology) []cut {
	list := []cut{}
	for _, piece := range t.Pieces() {
		for _, name := range piece {
			if parts := partsWithout(t, piece, name); len(parts) > 1 {
				list = append(list, cut{name, parts})
			}
		}
	}
	return list
}

// partsWithout returns what a piece of a herd falls into without one server.
func partsWithout(t *herd.Topology, piece []string, name string) (parts [][]string) {
	part := map[string]int{name: -1}
	for _, from := range piece {
		if _, seen := part[from]; seen {
			continue
		}
		part[from] = len(parts)
		for queue := []string{from}; len(queue) > 0; queue = queue[1:] {
			for _, peer := range t.Neighbours(queue[0]) {
				if _, seen := part[peer]; !seen {
					part[peer] = len(parts)
					queue = append(queue, peer)
				}
			}
		}
		parts = append(parts, nil)
	}
	for _, member := range piece { // in its order, whatever the walk's was
		if n := part[member]; n >= 0 {
			parts[n] = append(parts[n], member)
		}
	}
	return parts
}

// String tells what becomes of the others.
func (c cut) String() string {
	groups := make([]string, len(c.Pieces))
	for i, p := range c.Pieces {
		groups[i] = "(" + strings.Join(p, ", ") + ")"
	}
	return fmt.Sprintf("Without %s these cannot reach each other: %s.", c.Server, strings.Join(groups, " "))
}

// linkList is every link once, the end that stands first in the config first.
func linkList(t *herd.Topology) [][2]string {
	list := [][2]string{}
	seen := make(map[[2]string]bool)
	for _, name := range t.Names() {
		for _, peer := range t.Neighbours(name) {
			if !seen[[2]string{peer, name}] {
				seen[[2]string{name, peer}] = true
				list = append(list, [2]string{name, peer})
			}
		}
	}
	return list
}

// textGraph draws each piece of a herd as a tree, from its server with the most
// neighbours, by shortest ways. Links that the tree leaves out stand behind the
// later of their two ends, so that each link is there once.
func textGraph(t *herd.Topology) string {
	var b strings.Builder
	for _, piece := range t.Pieces() {
		root := piece[0]
		for _, name := range piece {
			if len(t.Neighbours(name)) > len(t.Neighbours(root)) {
				root = name
			}
		}
		g := treeDrawing{t: t, children: make(map[string][]string), parent: map[string]string{root: root}, drawn: make(map[string]bool)}
		g.grow(root)
		g.draw(&b, root, "", "")
	}
	return b.String()
}

// treeDrawing is one piece while it is drawn.
type treeDrawing struct {
	t        *herd.Topology
	children map[string][]string
	parent   map[string]string
	drawn    map[string]bool
}

// grow finds the shortest ways from the root.
func (g *treeDrawing) grow(root string) {
	for queue := []string{root}; len(queue) > 0; queue = queue[1:] {
		name := queue[0]
		for _, peer := range g.t.Neighbours(name) {
			if _, reached := g.parent[peer]; !reached {
				g.parent[peer] = name
				g.children[name] = append(g.children[name], peer)
				queue = append(queue, peer)
			}
		}
	}
}

// draw writes a server behind its branch, and below it what grows from it.
func (g *treeDrawing) draw(b *strings.Builder, name, branch, below string) {
	g.drawn[name] = true
	b.WriteString(branch + visible(name))
	var others []string
	for _, peer := range g.t.Neighbours(name) {
		if g.drawn[peer] && g.parent[name] != peer && g.parent[peer] != name {
			others = append(others, visible(peer))
		}
	}
	if len(others) > 0 {
		b.WriteString(", linked to " + strings.Join(others, ", ") + " too")
	}
	b.WriteString("\n")
	for i, child := range g.children[name] {
		if i == len(g.children[name])-1 {
			g.draw(b, child, below+"`-- ", below+"    ")
		} else {
			g.draw(b, child, below+"|-- ", below+"|   ")
		}
	}
}
