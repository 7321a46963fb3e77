package wirelog

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// newBench makes an assembler that writes into memory, without a goroutine.
func newBench(maxHeld int) (*assembler, *disk) {
	d := newDisk()
	file, _ := d.open("")
	options := Options{Path: "log"}
	return newAssembler(newOutput(options, file, nil), maxHeld), d
}

func feed(a *assembler, dir byte, conn uint64, data []byte) {
	a.chunk(header{what: dir, conn: conn, micros: noon.UnixMicro()}, data)
}

// The same bytes give the same records, wherever they are cut into chunks.
func TestChunkingDoesNotShow(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	text := []byte("IAMAT naïve +1+2 3\r\n\n\xff\xfe\nWHATSAT \"q\" \\ 5 5\n\u2028e\u0301\n")
	text = append(text, 'a')                                     // so that the next ones are cut in half:
	text = append(text, bytes.Repeat([]byte("ü"), maxText)...)   // longer than a record, and two bytes each
	text = append(text, '\n')                                    //
	text = append(text, bytes.Repeat([]byte("x"), maxText)...)   // exactly as long as a record
	text = append(text, '\n')                                    //
	text = append(text, bytes.Repeat([]byte("y"), maxText+1)...) // one more, without an end

	whole, d := newBench(1 << 30)
	feed(whole, dirIn, 1, text)
	whole.closeAll(noon.UnixMicro())
	whole.out.flush()
	want := d.String()
	if n := strings.Count(want, "\n"); n != 5+3+1+2 {
		t.Fatalf("%d records:\n%.500s", n, want)
	}
	got, _ := joined(entries(t, want), 1, In)
	if !bytes.Equal(got, text) {
		t.Fatal("the records do not give the text back")
	}
	const rounds = 18
	for round := range rounds {
		a, d := newBench(1 << 30)
		most := 1 + random.IntN(1<<(round%18))
		for rest := text; len(rest) > 0; {
			n := min(len(rest), 1+random.IntN(most))
			feed(a, dirIn, 1, rest[:n])
			// Another connection in between must not matter.
			feed(a, dirIn, 2, []byte("z\nz"))
			feed(a, dirOut, 1, []byte("z\nz"))
			rest = rest[n:]
		}
		a.closed(header{conn: 2}, "")
		a.drop(a.streams[1], dirOut)
		a.closeAll(noon.UnixMicro())
		a.out.flush()
		var lines []string
		for line := range strings.Lines(d.String()) {
			if strings.Contains(line, " < client#1 ") {
				lines = append(lines, line)
			}
		}
		if strings.Join(lines, "") != want {
			t.Fatalf("round %d, chunks of up to %d: the records differ", round, most)
		}
		if a.held != 0 {
			t.Fatalf("round %d: %d bytes are still counted as held", round, a.held)
		}
	}
}

func TestNothingIsRememberedOfWhatIsWhole(t *testing.T) {
	a, _ := newBench(1 << 20)
	for conn := range uint64(100) {
		feed(a, dirIn, conn, []byte("begun"))
		feed(a, dirOut, conn, []byte("begun too"))
	}
	if len(a.streams) != 100 || a.held != 100*len("begunbegun too") {
		t.Fatalf("%d streams hold %d bytes", len(a.streams), a.held)
	}
	for conn := range uint64(50) {
		feed(a, dirIn, conn, []byte(" and ended\n"))
		feed(a, dirOut, conn, []byte("\n"))
	}
	for conn := range uint64(50) {
		a.closed(header{conn: 50 + conn}, "gone")
	}
	if len(a.streams) != 0 || a.held != 0 || len(a.spare) != maxSpare {
		t.Errorf("%d streams hold %d bytes, %d spare", len(a.streams), a.held, len(a.spare))
	}
}

// Ten thousand clients that each begin a line and never end it are bounded.
func TestBegunLinesAreBoundedTogether(t *testing.T) {
	const bound = 100_000
	a, d := newBench(bound)
	sent := bytes.Repeat([]byte("n"), 1000)
	for conn := range uint64(1000) {
		feed(a, dirIn, conn, sent)
		if a.held > bound {
			t.Fatalf("%d bytes are held, the bound is %d", a.held, bound)
		}
	}
	for conn := range uint64(1000) {
		feed(a, dirIn, conn, []byte("end\n"))
	}
	a.out.flush()
	all := entries(t, d.String())
	cut := 0
	for conn := range uint64(1000) {
		if got, _ := joined(all, conn, In); string(got) != string(sent)+"end\n" {
			t.Fatalf("connection %d: %d bytes came back", conn, len(got))
		}
	}
	for _, e := range all {
		if e.End == EndCut {
			cut++
		}
	}
	if cut != 1000-bound/len(sent) {
		t.Errorf("%d lines were cut, want %d", cut, 1000-bound/len(sent))
	}
}

// Whatever a peer or a client sends, one record stays one line of the file, and
// no record can be made to look like another.
func TestNothingSentCanForgeARecord(t *testing.T) {
	forged := "x\"\n2012-11-21T12:00:00.000000Z - client#1 \"forged\"\n"
	d := newDisk()
	l := open(t, Options{Path: "log", Lines: true, open: d.open})
	var every []byte
	for c := range 256 {
		every = append(every, byte(c))
	}
	texts := []string{forged, string(every), "\u2028\u2029\u0085\u202e", "\x1b[2J\x1b]0;title\x07", "\r", "\x00", "=", ""}
	for _, text := range texts {
		c := l.Conn(Peer, called(text), noon)
		l.Named(c, text, noon)
		l.In(c, []byte(text+"\n"), noon)
		l.Event(noon, Info, text, F(text, text), F("k", text))
		l.Logger().WithTime(noon).WithField(text, text).Info(text)
		l.Closed(c, text, noon)
	}
	flush(t, l)
	for i, c := range []byte(d.String()) {
		if c < ' ' && c != '\n' || c == 0x7f {
			t.Fatalf("byte %d of the file is %#x", i, c)
		}
	}
	all := entries(t, d.String())
	for i, text := range texts {
		conn := uint64(i + 1)
		var mine []Entry
		for _, e := range all {
			if e.Conn == conn {
				mine = append(mine, e)
			}
		}
		want := 4 + strings.Count(text, "\n")
		if len(mine) != want {
			t.Fatalf("%q: %d records, want %d", text, len(mine), want)
		}
		if got, _ := joined(mine, conn, In); string(got) != text+"\n" {
			t.Errorf("%q came back as %q", text, got)
		}
		if mine[2].Name != text || string(mine[want-1].Text) != text || mine[want-1].Mark != Closed {
			t.Errorf("%q: the name or the reason is not what was given", text)
		}
		events := find(all, Event, text)
		if len(events) != 2 || events[0].Field("k") != text || events[1].Field(text) != text {
			t.Errorf("%q: the events are %+v", text, events)
		}
	}
}

func FuzzTheRecordsGiveTheBytesBack(f *testing.F) {
	f.Add([]byte("IAMAT a +1+2 3\nWHATSAT"), []byte("? x\r\n\xff"), uint16(3))
	f.Add([]byte("\n\n\"\\\u2028"), []byte{0, 255, '\n'}, uint16(1))
	f.Fuzz(func(t *testing.T, in, out []byte, step uint16) {
		a, d := newBench(1 << 20)
		size := int(step)%100 + 1
		for i := 0; i < max(len(in), len(out)); i += size {
			for dir, data := range [2][]byte{in, out} {
				if i < len(data) {
					feed(a, byte(dir), 1, data[i:min(len(data), i+size)])
				}
			}
		}
		a.closeAll(0)
		a.out.flush()
		all := entries(t, d.String())
		gotIn, _ := joined(all, 1, In)
		gotOut, _ := joined(all, 1, Out)
		if !bytes.Equal(gotIn, in) || !bytes.Equal(gotOut, out) {
			t.Errorf("%q and %q came back as %q and %q", in, out, gotIn, gotOut)
		}
	})
}

func FuzzParseLine(f *testing.F) {
	for _, line := range goodRecords {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		e, err := ParseLine(line)
		if err != nil {
			return
		}
		// A record that can be read says the same when it is written again.
		again, err := ParseLine(written(e))
		if err != nil || fmt.Sprint(again) != fmt.Sprint(e) {
			t.Errorf("%q is read as %+v, written again as %+v, %v", line, e, again, err)
		}
	})
}

// written is the record that says e.
func written(e Entry) []byte {
	var c clock
	b := c.append(nil, e.At.UnixMicro())
	b = append(b, ' ', byte(e.Mark), ' ')
	if e.Mark == Event {
		b = appendQuoted(append(append(b, e.Level.String()...), ' '), e.Text)
		for _, f := range e.Fields {
			b = appendWord(append(appendWord(append(b, ' '), f.Key), '='), f.Value)
		}
		return b
	}
	b = appendQuoted(append(appendConn(b, e.Kind, e.Conn, e.Name), ' '), e.Text)
	return append(b, []string{"", endCut, endOpen, fmt.Sprint(endGap, e.Gap)}[e.End]...)
}

func TestTheClockWritesAnyTime(t *testing.T) {
	var c clock
	times := []int64{0, 1, 999_999, 1_000_000, -1, -1_000_000, 1353499200065123, 1353499200065124, 1353499201000000}
	// Between the two rounds one comes twice in a row: its text is kept.
	for _, micros := range slices.Concat(times, slices.Repeat(times[3:4], 2), times) {
		got := string(c.append([]byte("x "), micros))
		at, err := ParseLine([]byte(got[2:] + ` < client#1 ""`))
		if err != nil || at.At.UnixMicro() != micros {
			t.Errorf("%d us is written %s, read back as %v, %v", micros, got, at.At, err)
		}
	}
}

func TestPlainBytesAreFoundEightAtATime(t *testing.T) {
	const sizes = 36
	checked := 0
	for size := range sizes {
		for at := range size {
			for c := range 256 {
				text := bytes.Repeat([]byte("~ "), sizes/2)[:size]
				text[at] = byte(c)
				want := size
				if !plain[c] {
					want = at
				}
				if got := plainPrefix(text); got != want {
					t.Fatalf("%q: %d bytes are plain, want %d", text, got, want)
				}
				if unquoted, err := strconv.Unquote(string(appendQuoted(nil, text))); err != nil || unquoted != string(text) {
					t.Fatalf("%q comes back as %q, %v", text, unquoted, err)
				}
				checked++
			}
		}
	}
	if checked != (sizes-1)*sizes/2*256 {
		t.Errorf("%d texts checked", checked)
	}
}
