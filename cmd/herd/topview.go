package main

import (
	"fmt"
	"strings"

	"proxyherd/herd"
)

// line is a line of the screen, and how it is to look where colours are wanted.
type line struct {
	text   string
	colour string // an escape of ANSI; "": as usual
}

const (
	bold   = "\x1b[1m"
	red    = "\x1b[31m"
	yellow = "\x1b[33m"
)

// headline sums up a frame in a line.
func headline(f *frame) line {
	reached, well := 0, 0
	for _, s := range f.Servers {
		if s.Status != nil {
			reached++
		}
	}
	for _, l := range f.Links {
		if l.Well {
			well++
		}
	}
	text := fmt.Sprintf("herd %q at %s: %d of %s reached, %d of %s up and in sync", f.Herd, f.At.Format("15:04:05Z"),
		reached, count(len(f.Servers), "server"), well, count(len(f.Links), "link"))
	if len(f.Rates) > 0 {
		sum := f.total()
		text += fmt.Sprintf("; %s IAMAT/s, %s WHATSAT/s, %s invalid/s", perSecond(sum.Reports), perSecond(sum.Questions), perSecond(sum.Invalid))
	}
	l := line{text: visible(text), colour: bold}
	if !f.Well {
		l.colour = bold + red
	}
	return l
}

// slowestLines name the callback that held a loop up for longest, if any is known.
func slowestLines(f *frame) []line {
	var slowest *herd.Status
	for _, s := range f.Servers {
		if s.Status != nil && slowestTurn(s.Status) > 0 && (slowest == nil || slowestTurn(s.Status) > slowestTurn(slowest)) {
			slowest = s.Status
		}
	}
	if slowest == nil {
		return nil
	}
	return []line{{text: visible(fmt.Sprintf("slowest turn of the last minute or two: %s at %s, longest in: %s",
		seconds(slowest.Loop.Slowest), slowest.Name, slowest.Loop.Callback))}}
}

// serverLines is the servers' table, with a colour for those that do not answer
// or do not serve.
func serverLines(f *frame, o ordering) []line {
	rows := sorted(topServers(f), serverColumns, o, func(s *topServer) bool { return s.Status != nil })
	return lines(serverColumns, o, rows, func(s *topServer) ([]string, string) {
		switch {
		case s.Status == nil:
			return []string{s.Name, s.Error}, red
		case s.Status.Stopping || s.Status.Clients == "":
			return nil, yellow
		}
		return nil, ""
	})
}

// linkLines is the links' table.
func linkLines(f *frame, o ordering) []line {
	rows := sorted(f.Links, linkColumns, o, func(*linkReport) bool { return true })
	return lines(linkColumns, o, rows, func(l *linkReport) ([]string, string) {
		switch {
		case !l.up():
			return nil, red
		case l.Sync == herd.Behind:
			return nil, yellow
		}
		return nil, ""
	})
}

// lines lays out a table. look gives a row's colour, and its cells where they are
// not those of the columns. The column that it is sorted by is marked.
func lines[T any](columns []column[T], o ordering, rows []T, look func(*T) (cells []string, colour string)) []line {
	var t table
	var heads []string
	for i, c := range columns {
		head := c.name
		if o.column == i+1 {
			head += map[bool]string{false: " v", true: " ^"}[o.reversed]
		}
		heads = append(heads, head)
	}
	t.row(heads...)
	colours := []string{bold}
	for i := range rows {
		cells, colour := look(&rows[i])
		if cells == nil {
			for _, c := range columns {
				cells = append(cells, c.text(&rows[i]))
			}
		}
		t.row(cells...)
		colours = append(colours, colour)
	}
	var list []line
	for text := range strings.Lines(t.String()) {
		list = append(list, line{strings.TrimRight(text, " \n"), colours[len(list)]})
	}
	return list
}

// body is all there is to show of a frame.
func body(f *frame, servers, links ordering) []line {
	list := append([]line{headline(f)}, slowestLines(f)...)
	list = append(append(list, line{}), serverLines(f, servers)...)
	if len(f.Links) > 0 {
		list = append(append(list, line{}), linkLines(f, links)...)
	}
	return list
}

// plainFrame is a frame for a file or a pipe, with an empty line behind it.
func plainFrame(f *frame) string {
	var b strings.Builder
	for _, l := range body(f, ordering{}, ordering{}) {
		b.WriteString(l.text + "\n")
	}
	return b.String() + "\n"
}
