package main

import (
	"bytes"
	"fmt"
	"html"
	"strings"
)

// write makes the page.
func write(pairs []pair, measured string) []byte {
	var b bytes.Buffer
	b.WriteString(introduction)
	b.WriteString("\n## What a line costs\n\n" + measuredBegins + measured + measuredEnds + comparison)
	writeTotals(&b, pairs)
	writeNotes(&b, pairs)
	writeExcerpts(&b, pairs)
	writeFiles(&b, pairs)
	return b.Bytes()
}

const introduction = `# The two designs, side by side

<!-- Written by make twins (herd/internal/twins): change that, or the source. -->

The same server twice: [herd/reactorherd](../herd/reactorherd), where one goroutine
runs a loop and everything is a callback, and
[herd/goroutineherd](../herd/goroutineherd), where each connection has goroutines and
what they share has locks. Both stand on the same core
([herd](../herd): lines, records, digests, handshakes, without I/O, clock or lock),
have the same files with the same functions in the same order, and are played the
same tests ([herd/herdtest](../herd/herdtest)).

` + "`make twins`" + ` writes this page from the source, and measures. A test fails when the
page is not what the source says, when a file has no twin and does not say why, when
functions stand in another order, and when two files differ and do not both say why.
`

const comparison = `
What to expect: servers that do the same job and nothing else (parse, keep the newest,
answer; no herd around it), each on a core of its own with 50 clients, came to 1.07, 1.39
and 1.40 times the processor time in goroutines, well tuned, that an epoll loop in Go took,
for 1, 16 and 64 lines at a time; with two cores and a sharded store goroutines reached
1.15 times the lines of gnet's loop at 64, for 1.41 times its time. The rows with one core,
50 clients and no neighbour are to be held against the former, and those with two cores
against the latter. In three runs of this table on 2026-11-22, on a machine that others
share, the former were 1.27 to 1.39, 1.07 to 1.21 and 0.89 to 1.89: no row of one run is
worth more than that. Where they differ:

- At 1 line at a time goroutines cost more here. A line is one wake-up of its goroutine in
  both; but here whoever has carried one out looks whether links wait for it, has borrowed
  a desk and a buffer and gives them back, and counts itself among those that have input.
- At 16 the surplus is smaller than there, and at 64 too uncertain to say: a piece of input
  is carried out under one lock of its session, and its updates go to the links and its
  answers to the client with one write each.
- With two cores they answer more lines than the loop where one comes at a time and no
  neighbour has to be told, and fewer at 16 and 64: the generator, which needs about as much
  as the server, is on the same two cores, and leaves no second core to be had. What can be
  seen there is that they take more processor time for a line.
- With a neighbour there is a second writer: to hand a line to another goroutine costs a
  wake-up, so a session writes to the links itself, where nobody else is at it.
`

// column is one thing that is counted.
type column struct {
	what string
	of   func(c *counts) int
}

var columns = []column{
	{"lines of code", func(c *counts) int { return c.code }},
	{"lines of comment", func(c *counts) int { return c.comments }},
	{"branches: if, for, case", func(c *counts) int { return c.branches }},
	{"methods that others call: callbacks, on a reactor", func(c *counts) int { return c.callbacks }},
	{"locks taken", func(c *counts) int { return c.locks }},
	{"waits for others", func(c *counts) int { return c.waits }},
	{"goroutines begun", func(c *counts) int { return c.goroutines }},
	{"channels: made, sent to, received from", func(c *counts) int { return c.channels }},
	{"selects", func(c *counts) int { return c.selects }},
	{"uses of package context", func(c *counts) int { return c.contexts }},
	{"uses of package sync/atomic", func(c *counts) int { return c.atomics }},
	{"timers and deadlines", func(c *counts) int { return c.timers }},
}

func writeTotals(b *bytes.Buffer, pairs []pair) {
	var reactor, goroutine counts
	for _, p := range pairs {
		if p.reactor != nil {
			reactor.add(p.reactor.counts)
		}
		if p.goroutine != nil {
			goroutine.add(p.goroutine.counts)
		}
	}
	b.WriteString("\n## In numbers\n\nWithout tests, as places in the source. What stands around it counts too: the loop has\na reactor below it, goroutines have the runtime's scheduler.\n\n| | reactorherd | goroutineherd |\n|---|--:|--:|\n")
	for _, c := range columns {
		fmt.Fprintf(b, "| %s | %d | %d |\n", c.what, c.of(&reactor), c.of(&goroutine))
	}
}

func writeNotes(b *bytes.Buffer, pairs []pair) {
	b.WriteString("\n## What each must remember that the other need not\n\nThese are the source's comments that begin with `" + strings.TrimSpace(noteBegins) + "`.\n\n| file | on the loop | in goroutines |\n|---|---|---|\n")
	for _, p := range pairs {
		fmt.Fprintf(b, "| %s | %s | %s |\n", p.name, cell(p.reactor), cell(p.goroutine))
	}
}

func cell(s *source) string {
	if s == nil {
		return ""
	}
	var notes []string
	for _, note := range s.notes {
		if !strings.HasPrefix(note, "reactorherd") {
			note = strings.ToUpper(note[:1]) + note[1:]
		}
		notes = append(notes, note)
	}
	return strings.ReplaceAll(strings.Join(notes, " "), "|", "\\|")
}

// excerpts are the functions that are shown whole, and what to see there.
var excerpts = []struct{ file, reactor, goroutine, see string }{
	{"session.go", "session.DataReceived", "session.dataReceived", "A piece of input. LineReceiver cuts it into lines and calls back for each; without it the lines are a loop, and the lock is held but while somebody is waited for."},
	{"flow.go", "session.endTurn", "session.endTurn", "A client with many commands lets the others have their turn: on the loop it must be held and let go again, in goroutines the scheduler is asked."},
	{"peers.go", "Server.flood", "Server.flood", "An update for the neighbours. The two are the same but for who may change the links meanwhile."},
	{"outbox.go", "outbox.put", "outbox.put", "An update for one neighbour, that may be slow."},
	{"guard.go", "session.guard", "session.guard", "A panic ends one connection. In goroutines it may come while that is ending already."},
	{"stop.go", "Server.drain", "Server.drain", "The orderly end: callbacks that hand on to each other, or lines that wait."},
}

func writeExcerpts(b *bytes.Buffer, pairs []pair) {
	b.WriteString("\n## Some functions\n")
	for _, e := range excerpts {
		for _, p := range pairs {
			if p.name == e.file {
				left, right := find(p.reactor, e.reactor), find(p.goroutine, e.goroutine)
				fmt.Fprintf(b, "\n%s\n\n<table>\n<tr><th>%s</th><th>%s</th></tr>\n<tr valign=\"top\">\n", wrap(e.see), link(p.reactor, left), link(p.goroutine, right))
				fmt.Fprintf(b, "<td><pre lang=\"go\">%s</pre></td>\n<td><pre lang=\"go\">%s</pre></td>\n</tr>\n</table>\n", code(left), code(right))
			}
		}
	}
}

func find(s *source, name string) *function {
	for i := range s.functions {
		if f := &s.functions[i]; f.String() == name {
			return f
		}
	}
	panic("excerpts: " + s.path + " has no " + name)
}

// link is HTML, as Markdown is none within a table of HTML.
func link(s *source, f *function) string {
	return fmt.Sprintf(`<a href="../%s#L%d">%s</a>`, s.path, f.line, html.EscapeString(f.String()))
}

// code is a function for an HTML table: an empty line would end that.
func code(f *function) string {
	text := strings.ReplaceAll(html.EscapeString(f.text), "\t", "    ")
	return strings.ReplaceAll(text, "\n\n", "\n&nbsp;\n")
}

// wrap breaks a paragraph into lines.
func wrap(text string) string {
	const width = 86
	var b strings.Builder
	at := 0
	for i, word := range strings.Fields(text) {
		if i > 0 && at+1+len(word) > width {
			b.WriteByte('\n')
			at = 0
		} else if i > 0 {
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += len(word)
	}
	return b.String()
}

func writeFiles(b *bytes.Buffer, pairs []pair) {
	b.WriteString("\n## File by file\n\n= says that the two functions are the same code, ≠ that they are not. A function\nthat stands alone has no twin of its name in that file.\n")
	for _, p := range pairs {
		fmt.Fprintf(b, "\n### %s\n\n", p.name)
		if p.reactor != nil && p.goroutine != nil {
			l, r := &p.reactor.counts, &p.goroutine.counts
			fmt.Fprintf(b, "%d and %d lines of code, %d and %d branches, %d and %d locks.\n\n", l.code, r.code, l.branches, r.branches, l.locks, r.locks)
		}
		b.WriteString("| reactorherd | | goroutineherd |\n|---|:-:|---|\n")
		for _, r := range p.rows() {
			fmt.Fprintf(b, "| %s | %s | %s |\n", place(p.reactor, r.reactor), mark(r), place(p.goroutine, r.goroutine))
		}
	}
}

func mark(r row) string {
	switch {
	case r.reactor == nil || r.goroutine == nil:
		return ""
	case r.same():
		return "="
	}
	return "≠"
}

func place(s *source, f *function) string {
	if f == nil {
		return ""
	}
	return fmt.Sprintf("[%v](../%s#L%d)", f, s.path, f.line)
}
