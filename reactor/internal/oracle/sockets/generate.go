//go:build linux

package sockets

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"proxyherd/reactor/internal/oracle/scenario"
)

// plot is a kind of scenario: what its lines are taken from.
type plot struct {
	connections int      // at most
	before      []string // the first lines
	connect     []string // how a connection begins
	reactions   []string
	steps       []string
	most        int // of steps
	after       []string
}

// generate makes a script: a plot's lines, chosen and filled in at random.
func generate(r *rand.Rand) scenario.Script {
	d := &scenario.Draw{Rand: r}
	p := scenario.Pick(d, plots...)
	g := generator{d, d.Between(1, p.connections), map[string]bool{}}
	if len(p.reactions) > 0 {
		for range d.IntN(5) {
			g.react(scenario.Pick(d, p.reactions...))
		}
	}
	d.Script = append(d.Script, p.before...)
	for n := range g.connections {
		d.Say("%s", g.fillFor(n+1, scenario.Pick(d, p.connect...)))
	}
	for range d.Between(2, p.most) {
		d.Say("%s", g.fill(scenario.Pick(d, p.steps...)))
	}
	for _, line := range p.after {
		d.Say("%s", g.fill(line))
	}
	return d.Script
}

type generator struct {
	*scenario.Draw
	connections int
	made        map[string]bool // connections one of whose ends has said something at once
}

// react says a reaction, but for that of a second end to the same connection's
// making: what the two do would cross.
func (g *generator) react(template string) {
	reaction := g.fill(template)
	if who, made := strings.CutPrefix(reaction, "in made "); made {
		if g.made[who[1:2]] {
			return
		}
		g.made[who[1:2]] = true
	}
	g.Say("%s", reaction)
}

// fill takes a line for one of the connections.
func (g *generator) fill(template string) string {
	return g.fillFor(g.Between(1, g.connections), template)
}

// fillFor puts names and numbers for the capitals and signs of a template: C
// and S are connection n's ends, E one of them and P the other, F its client's
// factory; # is a size that one read takes, @ one that needs several, and ! one
// that no kernel takes from a writer whose peer does not read.
func (g *generator) fillFor(n int, template string) string {
	e, p := "c", "s"
	if g.Chance(50) {
		e, p = p, e
	}
	filled := strings.Fields(template)
	for i, word := range filled {
		switch strings.TrimRight(word, ";:") {
		case "C":
			word = strings.Replace(word, "C", fmt.Sprint("c", n), 1)
		case "S":
			word = strings.Replace(word, "S", fmt.Sprint("s", n), 1)
		case "E":
			word = strings.Replace(word, "E", fmt.Sprint(e, n), 1)
		case "P":
			word = strings.Replace(word, "P", fmt.Sprint(p, n), 1)
		case "F":
			word = strings.Replace(word, "F", fmt.Sprint("f", n), 1)
		case "N":
			word = strings.Replace(word, "N", fmt.Sprint(g.Between(1, 3)), 1)
		case "#":
			word = strings.Replace(word, "#", fmt.Sprint(scenario.Pick(g.Draw, 1, 2, 10, 100, 1000, 10000)), 1)
		case "@":
			word = strings.Replace(word, "@", fmt.Sprint(scenario.Pick(g.Draw, 65536, 65537, 100000, 131072, 131073, 200000, 500000)), 1)
		case "!":
			word = strings.Replace(word, "!", fmt.Sprint(flood), 1)
		}
		filled[i] = word
	}
	return strings.Join(filled, " ")
}

// flood is more bytes than two sockets' buffers take: reactortest's own suite
// reckons with as many.
const flood = 33 << 20
