package sinktest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"proxyherd/herd/sink"
)

// future is that of the contract's records.
const future = 5 * time.Minute

// rows are the rows of AT lines.
func rows(t *testing.T, lines ...string) (list []sink.Row) {
	t.Helper()
	for _, line := range lines {
		row, err := sink.NewRow([]byte(line), future)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, row)
	}
	return list
}

// Contract plays what every sink.Database keeps. open opens it anew, for a herd; what
// a herd of that name has written before is there. reach is the largest latitude at
// which it has a place for a client.
func Contract(t *testing.T, reach float64, open func(herd string) sink.Database) {
	for name, play := range map[string]func(t *testing.T, open func(herd string) sink.Database){
		"the newest stays, in whatever order they come": newestStays,
		"any bytes are an id, and a server's name":      anyBytes,
		"writers that meet leave the newest":            writersMeet,
		"pages have every client":                       pages,
		"herds are apart":                               herdsApart,
	} {
		t.Run(name, func(t *testing.T) { play(t, open) })
	}
	t.Run("places are counted where there are none", func(t *testing.T) { unplaced(t, open("poles"), reach) })
}

// write writes lines, and says how many were newer.
func write(t *testing.T, db sink.Database, lines ...string) sink.Written {
	t.Helper()
	written, err := db.Write(t.Context(), rows(t, lines...))
	if err != nil {
		t.Fatal(err)
	}
	return written
}

// find is what a database has of a client; "" if nothing.
func find(t *testing.T, db sink.Database, id string) string {
	t.Helper()
	line, err := db.Find(t.Context(), []byte(id))
	if err != nil {
		t.Fatal(err)
	}
	return string(line)
}

func newestStays(t *testing.T, open func(string) sink.Database) {
	db := open("order")
	defer db.Close()
	// Oldest first; each is newer than the one before for another reason.
	lines := []string{
		"AT Hill +0.000000000 k +1+1 999",
		"AT Hill -400.000000000 k +1+1 1400", // counts as 1300
		"AT Hill -399.999999999 k +1+1 1400", // and a nanosecond later
		"AT A +0.000000000 k +1+1 1301",
		"AT A\x00 +0.000000000 k +1+1 1301",
		"AT A\x01 +0.000000000 k +1+1 1301",
		"AT A\xff +0.000000000 k +1+1 1301",
		"AT B +0.000000000 k +0+0 1301",
		"AT B +0.000000000 k +1+1 1301",
		"AT B +0.000000000 k +1+1 1301.0",
		"AT B -0.000000000 k +1+1 1301.0",
	}
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 20 {
		id := fmt.Sprint("k", round)
		newest := -1
		for _, i := range random.Perm(len(lines)) {
			line := strings.Replace(lines[i], " k ", " "+id+" ", 1)
			want := 0
			if i > newest {
				newest, want = i, 1
			}
			if got := write(t, db, line); got.Newer != want || got.Refused != 0 {
				t.Fatalf("%q after %d: %+v, want %d newer", line, newest, got, want)
			}
			if got := write(t, db, line); got.Newer != 0 {
				t.Fatalf("%q a second time: %+v", line, got)
			}
		}
		if got, want := find(t, db, id), strings.Replace(lines[len(lines)-1], " k ", " "+id+" ", 1); got != want {
			t.Errorf("it has %q, want %q", got, want)
		}
	}
}

func anyBytes(t *testing.T, open func(string) sink.Database) {
	db := open("bytes")
	defer db.Close()
	ids := []string{"x", "*", "\x00", "\x00\x00", "\xff\xfe", "気", "a:b", "';--", `\`, strings.Repeat("l", 10_000)}
	for i, id := range ids {
		line := fmt.Sprintf("AT S\x00\xff'%d +0.000000001 %s +00.50-000.25 %d.5", i, id, i)
		if got := write(t, db, line); got.Newer != 1 {
			t.Errorf("of %q: %+v", line, got)
		}
		if got := find(t, db, id); got != line {
			t.Errorf("it has %q, want %q", got, line)
		}
	}
	if got := find(t, db, "nobody"); got != "" {
		t.Errorf("it has %q", got)
	}
	if got := all(t, db); len(got) != len(ids) {
		t.Errorf("it has %d clients, want %d", len(got), len(ids))
	}
}

// writersMeet has several connections write the same clients at once, each in an order
// of its own.
func writersMeet(t *testing.T, open func(string) sink.Database) {
	const writers, clients, times = 4, 60, 25
	var running sync.WaitGroup
	for w := range writers {
		db := open("meeting")
		defer db.Close()
		running.Go(func() {
			random := rand.New(rand.NewPCG(uint64(w), 7))
			for range times {
				var lines []string
				for _, c := range random.Perm(clients)[:clients/2] {
					lines = append(lines, fmt.Sprintf("AT W%d +0.000000000 c%d +1+1 %d", w, c, random.IntN(times)))
				}
				if _, err := db.Write(t.Context(), rows(t, lines...)); err != nil {
					t.Errorf("writer %d: %v", w, err)
				}
			}
			var last []string
			for _, c := range random.Perm(clients) {
				last = append(last, fmt.Sprintf("AT W%d +0.000000000 c%d +1+1 %d", w, c, times))
			}
			if _, err := db.Write(t.Context(), rows(t, last...)); err != nil {
				t.Errorf("writer %d: %v", w, err)
			}
		})
	}
	running.Wait()
	db := open("meeting")
	defer db.Close()
	for c := range clients {
		if got, want := find(t, db, fmt.Sprint("c", c)), fmt.Sprintf("AT W%d +0.000000000 c%d +1+1 %d", writers-1, c, times); got != want {
			t.Errorf("it has %q, want %q", got, want)
		}
	}
}

// all is what the pages of a database have, sorted, each client once.
func all(t *testing.T, db sink.Database) (list []string) {
	t.Helper()
	from, pages := "", 0
	for {
		lines, next, err := db.Page(t.Context(), from)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(lines)) {
			list = append(list, strings.TrimSuffix(line, "\n"))
		}
		if pages++; next == "" || pages > 100_000 {
			break
		}
		from = next
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func pages(t *testing.T, open func(string) sink.Database) {
	db := open("pages")
	defer db.Close()
	if got := all(t, db); len(got) != 0 {
		t.Errorf("it begins with %q", got)
	}
	var want []string
	for i := range 1501 {
		want = append(want, fmt.Sprintf("AT Hill +0.000000000 client%d +1+1 %d", i, i))
	}
	for part := range slices.Chunk(want, 400) {
		write(t, db, part...)
	}
	slices.Sort(want)
	if got := all(t, db); !slices.Equal(got, want) {
		t.Errorf("the pages have %d lines, want %d", len(got), len(want))
	}
}

func herdsApart(t *testing.T, open func(string) sink.Database) {
	one, other := open("herd*"), open("herds")
	defer one.Close()
	defer other.Close()
	write(t, one, "AT Hill +0.000000000 k +1+1 1")
	write(t, other, "AT Hill +0.000000000 k +2+2 2", "AT Hill +0.000000000 l +2+2 2")
	if got := find(t, one, "k"); got != "AT Hill +0.000000000 k +1+1 1" {
		t.Errorf("one has %q", got)
	}
	if a, b := all(t, one), all(t, other); len(a) != 1 || len(b) != 2 {
		t.Errorf("they have %q and %q", a, b)
	}
}

// unplaced has a client go from where there are places to where there are none.
func unplaced(t *testing.T, db sink.Database, reach float64) {
	defer db.Close()
	far := 0
	if reach < 90 {
		far = 1
	}
	for i, step := range []struct {
		location string
		unplaced int
	}{{"+1-1", 0}, {"+90+180", far}, {"-90-180", far}, {"-85-180", 0}, {fmt.Sprintf("%+.8f+0", reach), 0}} {
		got := write(t, db, fmt.Sprintf("AT Hill +0.000000000 k %s %d", step.location, i))
		if got.Newer != 1 || got.Unplaced != step.unplaced {
			t.Errorf("at %s: %+v, want %d without a place", step.location, got, step.unplaced)
		}
	}
}
