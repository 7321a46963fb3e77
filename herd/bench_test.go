package herd

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// benchClients is how many clients the large benchmarks know: more than a cache
// holds.
const benchClients = 100_000

// benchLine is a line that is written anew for each use, so that what is measured
// is the Node and not the fetching of lines from memory.
type benchLine struct {
	line   []byte
	client []byte // the digits of the client's number: six, or more
	time   []byte // the nine digits of the time's fraction, if there is one
}

func newBenchLine(text string) *benchLine {
	l := &benchLine{line: []byte(text)}
	at := strings.Index(text, "000000")
	l.client = l.line[at:]
	l.client = l.client[:bytes.IndexByte(l.client, '.')]
	if strings.HasSuffix(text, ".000000000") {
		l.time = l.line[len(text)-9:]
	}
	return l
}

// set writes the client's number, and a later time for each step.
func (l *benchLine) set(client, step int) []byte {
	for i := len(l.client) - 1; i >= 0; i-- {
		l.client[i] = byte('0' + client%10)
		client /= 10
	}
	for i := len(l.time) - 1; i >= 0; i-- {
		l.time[i] = byte('0' + step%10)
		step /= 10
	}
	return l.line
}

// benchNode returns a Node that knows so many clients.
func benchNode(b *testing.B, clients int) *Node {
	b.Helper()
	node := newNode(b, "Farmar")
	line := newBenchLine("IAMAT client000000.cs.ucla.edu +27.5916+086.5640 1353118103.000000000")
	for i := range clients {
		node.Receive(line.set(i, 0), Unix(1353118103, 672266767))
	}
	return node
}

// stride visits the clients in an order that no cache can guess, each as often
// as any other.
const stride = 61_643

var benchSizes = []struct {
	name    string
	clients int
}{{"one client", 1}, {"100000 clients", benchClients}}

func BenchmarkNode(b *testing.B) {
	for _, kind := range []struct {
		verb Verb
		line string
	}{
		{IAMAT, "IAMAT client000000.cs.ucla.edu +27.5916+086.5640 1353118104.000000000"},
		{WHATSAT, "WHATSAT client000000.cs.ucla.edu 100 2"},
		{Invalid, "IAMAT client000000.cs.ucla.edu +27.5916+186.5640 1353118104.000000000"},
	} {
		for _, size := range benchSizes {
			b.Run(fmt.Sprintf("%v/%s", kind.verb, size.name), func(b *testing.B) {
				node, line := benchNode(b, size.clients), newBenchLine(kind.line)
				b.ReportAllocs()
				i := 0
				for b.Loop() {
					i++
					got := node.Receive(line.set(i*stride%size.clients, i), Unix(1353118104, 672266767))
					if got.Verb != kind.verb {
						b.Fatalf("%s is %v", line.line, got.Verb)
					}
				}
			})
		}
	}
}

func BenchmarkNodePeer(b *testing.B) {
	for _, size := range benchSizes {
		for _, newer := range []int{1, 0} {
			b.Run(fmt.Sprintf("AT/newer=%d/%s", newer, size.name), func(b *testing.B) {
				node := benchNode(b, size.clients)
				line := newBenchLine("AT Meeks +0.563873386 client000000.cs.ucla.edu +27.5916+086.5640 1353118103.000000000")
				b.ReportAllocs()
				i := 0
				for b.Loop() {
					i++
					if _, err := node.ReceivePeer(line.set(i*stride%size.clients, 500_000_000*newer+i*newer)); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkParts(b *testing.B) {
	command, at := []byte(kiwiIAMAT), []byte(kiwiAT)
	var c Command
	var older, newer Record
	b.Run("ParseCommand", func(b *testing.B) {
		for b.Loop() {
			ParseCommand(command, &c)
		}
	})
	b.Run("ParseAT", func(b *testing.B) {
		for b.Loop() {
			_ = ParseAT(at, &newer)
		}
	})
	b.Run("AppendDifference", func(b *testing.B) {
		var text []byte
		for b.Loop() {
			text = AppendDifference(text[:0], Timestamp{0, 563873386})
		}
	})
	b.Run("Compare", func(b *testing.B) {
		older, newer = *record(b, kiwiAT), *record(b, kiwiAT)
		older.Client.Sec--
		for b.Loop() {
			Compare(&newer, &older, testFuture)
		}
	})
}
