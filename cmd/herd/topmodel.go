package main

import (
	"fmt"
	"strings"
)

// The tables of the screen.
const (
	tableServers = iota
	tableLinks
	tables
)

// topModel is what herd top shows and how: what was seen and which keys were
// pressed go in, the screen comes out. It asks nothing and waits for nothing.
type topModel struct {
	coloured bool

	last   *frame // to compare with; nil before the first
	shown  *frame // the last, but for a pause
	chosen int    // the table that the keys sort
	orders [tables]ordering
	top    int // how many lines are scrolled away
	paused bool
	done   bool
}

// saw takes a look at the herd.
func (m *topModel) saw(seen *overview) {
	m.last = m.last.next(seen)
	if !m.paused {
		m.shown = m.last
	}
}

// pageLines is how far the keys for a page go.
const pageLines = 10

// press takes a key, by its name as keysOf gives it. Others than those in help do
// nothing.
func (m *topModel) press(key string) {
	o := &m.orders[m.chosen]
	columns := 1 + len(serverColumns)
	if m.chosen == tableLinks {
		columns = 1 + len(linkColumns)
	}
	switch key {
	case "q":
		m.done = true
	case "tab":
		m.chosen = (m.chosen + 1) % tables
	case "right":
		*o = ordering{column: (o.column + 1) % columns}
	case "left":
		*o = ordering{column: (o.column + columns - 1) % columns}
	case "r":
		o.reversed = o.column != 0 && !o.reversed
	case "space":
		if m.paused = !m.paused; !m.paused {
			m.shown = m.last
		}
	case "up":
		m.top--
	case "down":
		m.top++
	case "page up":
		m.top -= pageLines
	case "page down":
		m.top += pageLines
	}
	m.top = max(0, m.top)
}

// view is the screen, as so many lines of at most so many characters, each but the
// last with its end. Where not all fits, what is scrolled to is shown, and always
// the last line, which tells the keys.
func (m *topModel) view(width, height int) string {
	list := []line{{text: "asking the servers..."}}
	if m.shown != nil {
		list = body(m.shown, m.orders[tableServers], m.orders[tableLinks])
	}
	room := max(0, height-1)
	// A smaller herd or a larger screen must not leave nothing to be seen.
	m.top = min(m.top, max(0, len(list)-room))
	var b strings.Builder
	for i := range room {
		if at := m.top + i; at < len(list) {
			b.WriteString(m.paint(list[at], width))
		}
		b.WriteString("\n")
	}
	b.WriteString(m.paint(line{text: m.help(len(list) - m.top - room)}, width))
	return b.String()
}

// paint fits a line into the screen, and colours it.
func (m *topModel) paint(l line, width int) string {
	text := l.text
	if letters := []rune(text); len(letters) > width {
		text = string(letters[:max(0, width)])
	}
	if m.coloured && l.colour != "" && text != "" {
		return l.colour + text + colourOff
	}
	return text
}

// help is the last line: how it stands, and which keys there are.
func (m *topModel) help(below int) string {
	var parts []string
	if m.paused {
		parts = append(parts, "PAUSED")
	}
	if below > 0 {
		parts = append(parts, count(below, "more line")+" below")
	}
	name := [tables]string{"servers", "links"}[m.chosen]
	return strings.Join(append(parts, fmt.Sprintf("q quit  tab sorts %s  left/right column  r reverse  up/down scroll  space pause", name)), "  ")
}
