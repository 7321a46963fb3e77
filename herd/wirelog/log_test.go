package wirelog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// A day in the life of a log: a client asks, a neighbour hears, both go.
func TestWhatTheFileLooksLike(t *testing.T) {
	path := filepath.Join(t.TempDir(), "logs", "Farmar.log")
	l := open(t, Options{Path: path, Lines: true})

	client := l.Conn(Client, called("127.0.0.1:51234"), noon)
	peer := l.Conn(Peer, called(""), noon)
	l.In(peer, []byte("HELLO\n"), after(time.Microsecond))
	l.Named(peer, "Meeks", after(2*time.Microsecond))
	l.In(client, []byte("IAMAT kiwi.cs.ucla.edu +34.0-118.4 1.5\r\n"), after(time.Second))
	l.Out(peer, []byte("AT Farmar +0.1 kiwi.cs.ucla.edu +34.0-118.4 1.5\n"), after(time.Second))
	l.Event(after(2*time.Second), Warn, "peer lost", F("server", "Meeks"), F("reason", "silent"), F("after", 6*time.Second))
	l.Closed(peer, "silent", after(2*time.Second))
	l.Closed(client, "connection_done", after(3*time.Second))
	flush(t, l)

	want := strings.Join([]string{
		`2012-11-21T12:00:00.065123Z + client#1 "127.0.0.1:51234"`,
		`2012-11-21T12:00:00.065123Z + peer#2 ""`,
		`2012-11-21T12:00:00.065124Z < peer#2 "HELLO"`,
		`2012-11-21T12:00:00.065125Z = peer#2 "Meeks"`,
		`2012-11-21T12:00:01.065123Z < client#1 "IAMAT kiwi.cs.ucla.edu +34.0-118.4 1.5\r"`,
		`2012-11-21T12:00:01.065123Z > peer#2=Meeks "AT Farmar +0.1 kiwi.cs.ucla.edu +34.0-118.4 1.5"`,
		`2012-11-21T12:00:02.065123Z ! warn "peer lost" after=6s reason=silent server=Meeks`,
		`2012-11-21T12:00:02.065123Z - peer#2=Meeks "silent"`,
		`2012-11-21T12:00:03.065123Z - client#1 "connection_done"`,
		"",
	}, "\n")
	if got := read(t, path); got != want {
		t.Errorf("the file is\n%swant\n%s", got, want)
	}
	if peer.String() != "peer#2" || peer.Number() != 2 {
		t.Errorf("the link is %s, number %d", peer, peer.Number())
	}
}

func TestWithoutLinesTheFileHoldsEventsOnly(t *testing.T) {
	l := open(t, Options{Path: filepath.Join(t.TempDir(), "log"), Level: Warn})
	c := l.Conn(Client, called("127.0.0.1:1"), noon)
	l.In(c, []byte("IAMAT\n"), noon)
	l.Out(c, []byte("? IAMAT\n"), noon)
	l.Named(c, "x", noon)
	l.Event(noon, Info, "too quiet to keep")
	l.Event(noon, Error, "kept")
	l.Closed(c, "connection_done", noon)
	flush(t, l)
	if got, want := read(t, l.writer.out.path), "2012-11-21T12:00:00.065123Z ! error \"kept\"\n"; got != want {
		t.Errorf("the file is %q, want %q", got, want)
	}
	if s := l.Stats(); s.Events != 1 || s.Chunks != 0 || s.Dropped != 0 {
		t.Errorf("counted %+v", s)
	}
}

func TestANilLogKeepsNothing(t *testing.T) {
	var l *Log
	c := l.Conn(Peer, called("Meeks"), noon)
	l.In(c, []byte("x\n"), noon)
	l.Out(c, []byte("x\n"), noon)
	l.Named(c, "Meeks", noon)
	l.Closed(c, "over", noon)
	l.Event(noon, Error, "unheard")
	l.Logger().Error("unheard")
	l.Reopen()
	if err := errors.Join(l.Flush(context.Background()), l.Close()); err != nil {
		t.Error(err)
	}
	if s := l.Stats(); s != (Stats{}) {
		t.Errorf("counted %+v", s)
	}
}

func TestOrderIsTheOrderOfHandingOver(t *testing.T) {
	l := open(t, Options{Path: filepath.Join(t.TempDir(), "log"), Lines: true})
	c := l.Conn(Client, called("c"), noon)
	const rounds = 5000
	for i := range rounds {
		l.In(c, fmt.Appendf(nil, "in %d\n", i), noon)
		l.Event(noon, Info, fmt.Sprint("event ", i))
		l.Logger().WithTime(noon).Info("logrus ", i)
		l.Out(c, fmt.Appendf(nil, "out %d\n", i), noon)
	}
	flush(t, l)
	all := entries(t, read(t, l.writer.out.path))[1:]
	if len(all) != 4*rounds {
		t.Fatalf("%d records, want %d", len(all), 4*rounds)
	}
	for i, e := range all {
		want := fmt.Sprint([]string{"in", "event", "logrus", "out"}[i%4], " ", i/4)
		if string(e.Text) != want {
			t.Fatalf("record %d is %q, want %q", i, e.Text, want)
		}
	}
}

func TestManyGoroutinesShareOneLog(t *testing.T) {
	l := open(t, Options{Path: filepath.Join(t.TempDir(), "log"), Lines: true, RotateBytes: 1 << 30})
	const workers, lines = 8, 2000
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			c := l.Conn(Client, called(fmt.Sprint("worker ", w)), noon)
			for i := range lines {
				line := fmt.Appendf(nil, "%d %d\n", w, i)
				l.In(c, line[:1], noon)
				l.In(c, line[1:], noon)
				if i%100 == 0 {
					l.Event(noon, Info, "progress", F("worker", w))
					l.Reopen()
					l.Stats()
				}
			}
			l.Closed(c, "done", noon)
		})
	}
	all.Wait()
	flush(t, l)
	byConn := make(map[uint64]int)
	events := 0
	worker := make(map[uint64]string)
	for _, e := range entries(t, read(t, l.writer.out.path)) {
		switch e.Mark {
		case Opened:
			worker[e.Conn] = strings.TrimPrefix(string(e.Text), "worker ")
		case In:
			if want := fmt.Sprint(worker[e.Conn], " ", byConn[e.Conn]); string(e.Text) != want {
				t.Fatalf("connection %d says %q, want %q", e.Conn, e.Text, want)
			}
			byConn[e.Conn]++
		case Event:
			events++
		}
	}
	for conn, n := range byConn {
		if n != lines {
			t.Errorf("connection %d has %d lines, want %d", conn, n, lines)
		}
	}
	if len(byConn) != workers || events != workers*lines/100 {
		t.Errorf("%d connections and %d events, want %d and %d", len(byConn), events, workers, workers*lines/100)
	}
}

func TestOpenSaysWhatIsWrongAndHowToMendIt(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name    string
		options Options
		want    error
		says    string
	}{
		{"no path", Options{}, ErrOptions, "Path"},
		{"level", Options{Path: file, Level: 9}, ErrOptions, "Level"},
		{"queue", Options{Path: file, QueueBytes: -1}, ErrOptions, "QueueBytes"},
		{"keep", Options{Path: file, RotateKeep: -1}, ErrOptions, "RotateKeep"},
		{"flush", Options{Path: file, FlushEvery: time.Hour}, ErrOptions, "FlushEvery"},
		{"close", Options{Path: file, CloseTimeout: -1}, ErrOptions, "CloseTimeout"},
		{"directory is a file", Options{Path: filepath.Join(file, "x.log")}, ErrUnwritable, "make the directory writable"},
		{"file is a directory", Options{Path: dir}, ErrUnwritable, dir},
	}
	for _, c := range cases {
		l, err := Open(c.options)
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: error %v, want %v that says %q", c.name, err, c.want, c.says)
		}
		if l != nil {
			t.Errorf("%s: a log came all the same", c.name)
		}
	}
}

func TestCloseWritesAllThatWaits(t *testing.T) {
	d := newDisk()
	l, err := Open(Options{Path: "log", Lines: true, open: d.open})
	if err != nil {
		t.Fatal(err)
	}
	second := l.Conn(Client, called("a"), noon)
	first := l.Conn(Peer, called("Meeks"), noon)
	l.In(first, []byte("begun"), noon)
	l.Out(second, []byte("whole\nnot whole"), noon)
	for range 3 {
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	all := entries(t, d.String())
	if len(all) != 5 || d.closed != 1 {
		t.Fatalf("%d records, the file closed %d times, want 5 and 1:\n%s", len(all), d.closed, d)
	}
	if e := all[3]; string(e.Text) != "not whole" || e.End != EndOpen || e.Conn != second.Number() {
		t.Errorf("the first begun line is %+v", e)
	}
	if e := all[4]; string(e.Text) != "begun" || e.End != EndOpen || e.Name != "Meeks" {
		t.Errorf("the second begun line is %+v", e)
	}

	// What comes later is dropped and counted, and nothing waits for it.
	l.In(first, []byte("late\n"), noon)
	l.Event(noon, Info, "late")
	l.Reopen()
	if err := l.Flush(context.Background()); err != nil {
		t.Error(err)
	}
	if s := l.Stats(); s.Dropped != 2 {
		t.Errorf("%d dropped after the end, want 2", s.Dropped)
	}
}

func TestCloseDoesNotWaitForAStuckDisk(t *testing.T) {
	d := newDisk()
	free := d.jam()
	defer free()
	l, err := Open(Options{Path: "log", CloseTimeout: time.Millisecond, open: d.open})
	if err != nil {
		t.Fatal(err)
	}
	l.Event(noon, Info, "stuck")
	<-d.entered
	if err := l.Close(); !errors.Is(err, ErrStuck) {
		t.Errorf("Close says %v, want ErrStuck", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := l.Flush(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Flush says %v, want Canceled", err)
	}
	// When the disk comes back, the goroutine writes what it has and ends.
	free()
	<-l.done
	if len(find(entries(t, d.String()), Event, "stuck")) != 1 {
		t.Errorf("the file is %q", d)
	}
}

// Chunks of any size go in, those longer than a block of the queue too, and the
// memory of a burst is given back.
func TestLargeChunksAndBursts(t *testing.T) {
	d := newDisk()
	l := open(t, Options{Path: "log", Lines: true, open: d.open})
	c := l.Conn(Client, called("c"), noon)
	var sent []byte
	for i, size := range []int{maxPayload - 1, maxPayload, maxPayload + 1, 5*maxPayload + 7, 1} {
		chunk := bytes.Repeat([]byte{byte('a' + i)}, size)
		for at := 1000; at < size; at += 1000 {
			chunk[at] = '\n'
		}
		sent = append(sent, chunk...)
		l.In(c, chunk, noon)
	}
	free := d.jam()
	defer free()
	l.Event(noon, Info, "jam")
	<-d.entered
	line := append(bytes.Repeat([]byte("x"), 999), '\n')
	for range 10_000 {
		l.Out(c, line, noon)
	}
	if n := l.Stats().Waiting; n < 10_000*len(line) {
		t.Errorf("%d bytes wait", n)
	}
	free()
	l.Closed(c, "done", noon)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	all := entries(t, d.String())
	if got, missing := joined(all, c.Number(), In); !bytes.Equal(got, sent) || missing != 0 {
		t.Errorf("%d bytes came back and %d are missing, of %d", len(got), missing, len(sent))
	}
	if got, missing := joined(all, c.Number(), Out); len(got) != 10_000*len(line) || missing != 0 {
		t.Errorf("%d bytes came back and %d are missing, of %d", len(got), missing, 10_000*len(line))
	}
	if s := l.Stats(); s.Chunks != 10_005 || s.Bytes != uint64(len(sent)+10_000*len(line)) || s.Waiting != 0 {
		t.Errorf("counted %+v", s)
	}
	l.queue.trim()
	if n := len(l.queue.free); n != maxFree {
		t.Errorf("%d blocks are kept, want %d", n, maxFree)
	}
}
