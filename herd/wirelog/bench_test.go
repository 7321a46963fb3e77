package wirelog

import (
	"bytes"
	"io"
	"path/filepath"
	"testing"
)

var (
	iamat  = []byte("IAMAT kiwi.cs.ucla.edu +34.068930-118.445127 1353521027.563873386\n")
	answer = []byte("AT Farmar +0.563873386 kiwi.cs.ucla.edu +34.068930-118.445127 1353521027.563873386\n")
)

// discard is a disk that takes everything at once.
func discard(string) (logFile, error) { return logFile{WriteCloser: nowhere{io.Discard}}, nil }

type nowhere struct{ io.Writer }

func (nowhere) Close() error { return nil }

func TestHandingOverAllocatesNothing(t *testing.T) {
	l := open(t, Options{Path: "log", Lines: true, open: discard})
	c := l.Conn(Client, called("c"), noon)
	turn := func() {
		l.In(c, iamat, noon)
		l.Out(c, answer, noon)
	}
	for range 10_000 {
		turn()
	}
	flush(t, l)
	// The writer's goroutine is counted too: what it allocates now and then
	// (a block when it falls behind) is far below one in a turn.
	if n := testing.AllocsPerRun(100_000, turn); n != 0 {
		t.Errorf("%v allocations for a line in and a line out", n)
	}
}

// What a small chunk costs the loop, with the writer at work beside it.
func BenchmarkIn(b *testing.B) {
	l := open(b, Options{Path: "log", Lines: true, open: discard})
	c := l.Conn(Client, called("c"), noon)
	b.ReportAllocs()
	for b.Loop() {
		l.In(c, iamat, noon)
	}
	b.ReportMetric(float64(l.Stats().Dropped)/float64(b.N), "dropped/op")
}

// The copy and the lock alone: a queue that is emptied by nobody costs the same
// until it is full, so it is emptied here, between two measured stretches.
func BenchmarkInWithoutWriter(b *testing.B) {
	l := &Log{lines: true, queue: newQueue(DefaultQueueBytes)}
	c := l.Conn(Client, called("c"), noon)
	var spare [][]byte
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		l.In(c, iamat, noon)
		if n++; n%10_000 == 0 {
			spare = l.queue.take(spare)
			for _, block := range spare {
				l.queue.giveBack(block)
			}
		}
	}
}

// Several goroutines at once, as in the goroutine twin.
func BenchmarkInParallel(b *testing.B) {
	l := open(b, Options{Path: "log", Lines: true, open: discard})
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		c := l.Conn(Client, called("c"), noon)
		for pb.Next() {
			l.In(c, iamat, noon)
		}
	})
	b.ReportMetric(float64(l.Stats().Dropped)/float64(b.N), "dropped/op")
}

// What the writer pays for 16 lines in one chunk, into a real file.
func BenchmarkRecords(b *testing.B) {
	file, err := openFile(filepath.Join(b.TempDir(), "log"))
	if err != nil {
		b.Fatal(err)
	}
	a := newAssembler(newOutput(Options{RotateBytes: -1}, file, nil), 1<<20)
	defer a.out.file.Close()
	chunk := bytes.Repeat(answer, 16)
	h := header{what: dirOut, conn: 12, micros: noon.UnixMicro()}
	b.ReportAllocs()
	for b.Loop() {
		a.chunk(h, chunk)
		h.micros++
		if a.out.file.size > 256<<20 {
			// A real log is rotated; here one file is written over and over.
			if err := a.out.file.WriteCloser.(interface{ Truncate(int64) error }).Truncate(0); err != nil {
				b.Fatal(err)
			}
			a.out.file.size = 0
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/16, "ns/line")
}

// The same without the file.
func BenchmarkRecordsDiscarded(b *testing.B) {
	file, _ := discard("")
	a := newAssembler(newOutput(Options{}, file, nil), 1<<20)
	chunk := bytes.Repeat(answer, 16)
	h := header{what: dirOut, conn: 12, micros: noon.UnixMicro()}
	b.ReportAllocs()
	for b.Loop() {
		a.chunk(h, chunk)
		h.micros++
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/16, "ns/line")
}

func BenchmarkEvent(b *testing.B) {
	l := open(b, Options{Path: "log", open: discard})
	b.ReportAllocs()
	for b.Loop() {
		l.Event(noon, Info, "peer lost", F("server", "Meeks"), F("reason", "silent"))
	}
	b.ReportMetric(float64(l.Stats().Dropped)/float64(b.N), "dropped/op")
}

// What the writer pays for a request and its answer that came alone, without the file.
func BenchmarkRecordsOneByOne(b *testing.B) {
	file, _ := discard("")
	a := newAssembler(newOutput(Options{}, file, nil), 1<<20)
	h := header{conn: 12, micros: noon.UnixMicro()}
	b.ReportAllocs()
	for b.Loop() {
		h.conn = h.conn%50 + 1
		h.what = dirIn
		a.chunk(h, iamat)
		h.what = dirOut
		a.chunk(h, answer)
		h.micros += 7
	}
}
