package wirelog

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The disk stops; traffic goes on, is dropped, counted, marked and reported.
func TestADiskThatStopsCostsLinesAndNothingElse(t *testing.T) {
	d := newDisk()
	l := open(t, Options{Path: "log", Lines: true, QueueBytes: MinQueueBytes, open: d.open})
	heard, late := l.Conn(Client, called("heard"), noon), []*Conn(nil)
	l.In(heard, []byte("before\n"), noon)
	flush(t, l)

	free := d.jam()
	defer free()
	l.Event(noon, Info, "the writer now hangs in this write")
	<-d.entered

	// More than the queue holds. That these calls return is the promise.
	sent := []byte("before\n")
	line := []byte(strings.Repeat("x", 700) + "\nbeg")
	for range 1000 {
		l.In(heard, line, after(time.Second))
		sent = append(sent, line...)
	}
	for range 100 {
		late = append(late, l.Conn(Client, called("unheard"), after(2*time.Second)))
	}
	stats := l.Stats()
	if stats.Dropped == 0 || stats.Waiting > MinQueueBytes {
		t.Fatalf("%d dropped, %d bytes waiting with a bound of %d", stats.Dropped, stats.Waiting, MinQueueBytes)
	}
	// An event still gets in: some of the queue is kept for them.
	l.Event(after(2*time.Second), Error, "heard above the noise")
	// The end of a connection that the log knows is never lost.
	l.Closed(heard, "connection_done", after(3*time.Second))
	for _, c := range late {
		l.Closed(c, "connection_done", after(3*time.Second))
	}
	stats = l.Stats()
	free()
	flush(t, l)

	all := entries(t, d.String())
	got, missing := joined(all, heard.Number(), In)
	if len(got)+int(missing) != len(sent) || missing == 0 {
		t.Errorf("%d bytes and %d missing, want %d together", len(got), missing, len(sent))
	}
	if !bytes.HasPrefix(sent, got) {
		t.Error("what was kept before the gap is not what was sent")
	}
	if len(find(all, Event, "heard above the noise")) != 1 {
		t.Error("the event is missing")
	}
	ended := make(map[uint64]bool)
	for _, e := range find(all, Closed, "connection_done") {
		ended[e.Conn] = true
	}
	known := append(find(all, Opened, "heard"), find(all, Opened, "unheard")...)
	for _, e := range known {
		if !ended[e.Conn] {
			t.Errorf("connection %d is never closed", e.Conn)
		}
	}
	if len(known) != len(ended) || len(known) == len(late)+1 {
		t.Errorf("%d connections begin, %d end", len(known), len(ended))
	}
	reports := find(all, Event, "dropped what the disk was too slow for")
	chunks, size := uint64(0), uint64(0)
	for _, r := range reports {
		n, _ := strconv.ParseUint(r.Field("chunks"), 10, 64)
		b, _ := strconv.ParseUint(r.Field("bytes"), 10, 64)
		chunks, size = chunks+n, size+b
	}
	if chunks != stats.Dropped || size != stats.DroppedBytes {
		t.Errorf("the log reports %d chunks and %d bytes dropped, the counters %d and %d", chunks, size, stats.Dropped, stats.DroppedBytes)
	}
	if from := reports[0].Field("from"); from != "2012-11-21T12:00:01.065123Z" {
		t.Errorf("dropped from %s", from)
	}
	// Service is as before.
	again := l.Conn(Client, called("again"), after(4*time.Second))
	l.In(again, []byte("after\n"), after(4*time.Second))
	flush(t, l)
	if len(find(entries(t, d.String()), In, "after")) != 1 {
		t.Error("after the jam nothing is kept any more")
	}
	if n := l.Stats().Waiting; n != 0 {
		t.Errorf("%d bytes still wait", n)
	}
}

// Two halves with a hole between them must never read as one line.
func TestAGapIsNotGluedOver(t *testing.T) {
	d := newDisk()
	l := open(t, Options{Path: "log", Lines: true, QueueBytes: MinQueueBytes, open: d.open})
	c := l.Conn(Client, called("c"), noon)
	free := d.jam()
	defer free()
	l.In(c, []byte("IAMAT harmless"), noon)
	l.Event(noon, Info, "jam")
	<-d.entered
	filler := l.Conn(Client, called("filler"), noon)
	for l.Stats().Dropped == 0 {
		l.Out(filler, bytes.Repeat([]byte("x"), 1000), noon)
	}
	hole := bytes.Repeat([]byte("y"), blockSize)
	l.In(c, hole, noon)
	l.Out(c, hole, noon)
	free()
	flush(t, l)
	l.In(c, []byte("half\n"), noon)
	l.Out(c, []byte("other half\n"), noon)
	flush(t, l)

	var got []string
	for _, e := range entries(t, d.String()) {
		if e.Conn == c.Number() && (e.Mark == In || e.Mark == Out) {
			got = append(got, fmt.Sprintf("%c %s %d %d", e.Mark, e.Text, e.End, e.Gap))
		}
	}
	want := []string{
		fmt.Sprintf("< IAMAT harmless %d %d", EndGap, blockSize), fmt.Sprintf("< half %d 0", EndLine),
		fmt.Sprintf(">  %d %d", EndGap, blockSize), fmt.Sprintf("> other half %d 0", EndLine),
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestEventsAreBoundedToo(t *testing.T) {
	d := newDisk()
	l := open(t, Options{Path: "log", QueueBytes: MinQueueBytes, open: d.open})
	free := d.jam()
	defer free()
	l.Event(noon, Info, "jam")
	<-d.entered
	const many = 5000
	for range many {
		l.Event(noon, Info, strings.Repeat("e", 1000))
	}
	s := l.Stats()
	if s.Events+s.Dropped != many+1 || s.Dropped == 0 || s.Waiting > MinQueueBytes {
		t.Errorf("counted %+v", s)
	}
	free()
	flush(t, l)
	if n := len(entries(t, d.String())); n < int(s.Events)+1 {
		t.Errorf("%d records, want the %d events and a report", n, s.Events)
	}
}

func TestADiskThatIsFullForAWhile(t *testing.T) {
	d := newDisk()
	l := open(t, Options{Path: "log", Lines: true, open: d.open})
	c := l.Conn(Client, called("c"), noon)
	flush(t, l)

	d.setRoom(10) // the next record is torn in its eleventh byte
	for i := range 3 {
		l.In(c, fmt.Appendf(nil, "lost %d\n", i), after(time.Duration(i)*time.Second))
		flush(t, l)
	}
	if s := l.Stats(); s.WriteErrors != 3 {
		t.Fatalf("%d write errors, want 3", s.WriteErrors)
	}
	// Full again in the middle of the report: that one is made anew.
	d.setRoom(1 + len("2012-11-21T12:00:00.065123Z < client#1 \"kept\"\n"))
	l.In(c, []byte("kept\n"), after(3*time.Second))
	flush(t, l)
	d.setRoom(-1)
	l.In(c, []byte("kept too\n"), after(4*time.Second))
	flush(t, l)

	var texts []string
	var report Entry
	torn := 0
	for e, err := range Scan(strings.NewReader(d.String())) {
		switch {
		case err != nil:
			torn++
		case e.Mark == Event:
			report = e
		case e.Mark == In:
			texts = append(texts, string(e.Text))
		}
	}
	if fmt.Sprint(texts) != "[kept kept too]" || torn != 1 {
		t.Errorf("kept %q with %d torn records:\n%s", texts, torn, d)
	}
	s := l.Stats()
	if s.WriteErrors != 4 || report.Field("errors") != "4" || report.Field("lost_bytes") != fmt.Sprint(s.LostBytes) ||
		report.Field("last_error") != errFull.Error() {
		t.Errorf("the report is %+v, the counters %+v", report, s)
	}
}

func TestAFullDiskAtTheEndIsSaid(t *testing.T) {
	d := newDisk()
	l, err := Open(Options{Path: "log", open: d.open})
	if err != nil {
		t.Fatal(err)
	}
	d.setRoom(0)
	l.Event(noon, Info, "lost")
	if err := l.Close(); err == nil || !strings.Contains(err.Error(), errFull.Error()) {
		t.Errorf("Close says %v", err)
	}
}
