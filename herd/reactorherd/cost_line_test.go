package reactorherd

import (
	"bytes"
	"strconv"
	"testing"

	"proxyherd/herd"
)

// counted is a sink that counts lines.
type counted struct {
	sink
	lines int
}

func (c *counted) Write(data []byte) { c.lines += bytes.Count(data, newline) }

// linked is a server with a client and a link to each neighbour, and what counts the
// lines that it sends to them: the client's first.
func linked(tb testing.TB) (c *session, links []*link, sent []*counted) {
	tb.Helper()
	s := crowded(tb, 1)
	c = s.sessions[0]
	sent = append(sent, &counted{})
	c.Transport = sent[0]
	for _, n := range s.neighbours {
		l := newLink(s, nil, n)
		out := &counted{}
		l.Transport, l.open, n.link, l.MaxLength = out, true, l, herd.MaxPeerLine+1
		l.outbox.begin(l)
		links, sent = append(links, l), append(sent, out)
	}
	return c, links, sent
}

// From a report to its flood and its answer, and from a neighbour's update to its flood,
// nothing makes garbage. The reactor's own part is measured beside it.
func TestNoAllocationFromLineToFlood(t *testing.T) {
	c, links, sent := linked(t)
	report := []byte("IAMAT kiwi.cs.ucla.edu +27.5916+086.5640 1353118103.100000000\n")
	update := []byte("AT Meeks +0.563873386 kiwi.cs.ucla.edu +27.5916+086.5640 1353118103.100000000\n")
	count := int64(100_000_000)
	newer := func(line []byte) []byte { // each is later than all before it
		count++
		return append(strconv.AppendInt(line[:len(line)-len("100000000\n")], count, 10), '\n')
	}
	for _, path := range []struct {
		name string
		line func() error
		want [3]int // lines to the client, and to each neighbour
	}{
		{"IAMAT", func() error { return c.DataReceived(c, newer(report)) }, [3]int{1, 1, 1}},
		{"AT", func() error { return links[0].DataReceived(links[0], newer(update)) }, [3]int{0, 0, 1}},
	} {
		var before [3]int
		for i := range sent {
			before[i] = sent[i].lines
		}
		const runs = 1000
		if n := testing.AllocsPerRun(runs, func() {
			if err := path.line(); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", path.name, n)
		}
		for i := range sent { // AllocsPerRun warms up once
			if got, want := sent[i].lines-before[i], path.want[i]*(runs+1); got != want {
				t.Errorf("%s: connection %d was sent %d lines, want %d", path.name, i, got, want)
			}
		}
	}
}

// BenchmarkFlood is the way of a line through the server, with two neighbours and the
// reactor left out: a report to its flood and its answer, and an update to its flood.
func BenchmarkFlood(b *testing.B) {
	c, links, sent := linked(b)
	line := []byte("IAMAT kiwi.cs.ucla.edu +27.5916+086.5640 ")
	end := len(line)
	b.Run("IAMAT", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			line = append(strconv.AppendInt(line[:end], int64(i), 10), '\n')
			if err := c.DataReceived(c, line); err != nil {
				b.Fatal(err)
			}
		}
	})
	at := []byte("AT Meeks +0.563873386 lime.cs.ucla.edu +27.5916+086.5640 ")
	endAT := len(at)
	b.Run("AT", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			at = append(strconv.AppendInt(at[:endAT], int64(i), 10), '\n')
			if err := links[0].DataReceived(links[0], at); err != nil {
				b.Fatal(err)
			}
		}
	})
	if sent[0].lines == 0 || sent[2].lines <= sent[1].lines {
		b.Errorf("the client was sent %d lines, the neighbours %d and %d", sent[0].lines, sent[1].lines, sent[2].lines)
	}
}
