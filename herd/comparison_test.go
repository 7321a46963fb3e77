package herd

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// end is a server's end of a link in memory: what it sends waits in the order in
// which it was sent.
type end struct {
	store   *Store
	sent    [][]byte
	records int // AT lines among all that was sent
	full    bool
	lagging bool
	all     bool // the other end has asked for everything
	found   []int
}

func (e *end) Send(line []byte) { e.sent = append(e.sent, bytes.Clone(line)) }
func (e *end) Forward(line []byte) {
	e.records++
	e.Send(line)
}
func (e *end) Full() bool    { return e.full }
func (e *end) Lagging() bool { return e.lagging }

const testBits = 16

func newEnd() *end {
	return &end{store: NewStore(StoreSettings{Future: testFuture, Key: DigestKey(secret)})}
}

// put stores a report, and sends it to the other end if flood says so.
func (e *end) put(t testing.TB, line string, flood bool) {
	t.Helper()
	var r Record
	if err := ParseAT([]byte(line), &r); err != nil {
		t.Fatal(err)
	}
	changed, err := e.store.Put(&r, Room{1 << 30, 1 << 40})
	if err != nil {
		t.Fatal(err)
	}
	if changed && flood {
		e.Send([]byte(line + "\n"))
	}
}

// take takes the other end's next line, as a link would.
func (e *end) take(t testing.TB, line []byte, c *Comparison) Outcome {
	t.Helper()
	line = withoutEnd(line)
	if len(line) > MaxPeerLine {
		t.Fatalf("a line of %d bytes", len(line))
	}
	switch KindOf(line) {
	case AnswerLine:
		outcome, err := c.Receive(line, e)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		return outcome
	case QuestionLine:
		asked, err := Answer(e.store, e.store.Bits(), line, e)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if e.all = e.all || asked.All; asked.All {
			e.store.Walk(Cursor{}, 1<<30, e.Forward)
			e.Send(AppendAll(nil, asked.Number))
		}
		if asked.Found {
			e.found = append(e.found, asked.Differ)
		}
	default:
		e.put(t, string(line), false)
	}
	return Comparing
}

// compare runs a comparison to its end. Between any two lines, meanwhile may
// change either store.
func compare(t testing.TB, a, b *end, number uint64, meanwhile func()) (c *Comparison, outcome Outcome) {
	t.Helper()
	c = NewComparison(a.store, testBits, number)
	return c, playOut(t, a, b, c, meanwhile)
}

// playOut is compare, of a comparison that is there already.
func playOut(t testing.TB, a, b *end, c *Comparison, meanwhile func()) (outcome Outcome) {
	t.Helper()
	c.Start(a)
	for outcome == Comparing {
		meanwhile()
		if len(a.sent) > 0 {
			line := a.sent[0]
			a.sent = a.sent[1:]
			b.take(t, line, nil)
		}
		if len(b.sent) > 0 {
			line := b.sent[0]
			b.sent = b.sent[1:]
			outcome = a.take(t, line, c)
		} else if len(a.sent) == 0 {
			t.Fatal("neither end has anything to say")
		}
	}
	return outcome
}

// deliver lets everything arrive that is still on its way.
func deliver(t testing.TB, a, b *end) {
	for len(a.sent)+len(b.sent) > 0 {
		from, to := a, b
		if len(a.sent) == 0 {
			from, to = b, a
		}
		line := from.sent[0]
		from.sent = from.sent[1:]
		to.take(t, line, nil)
	}
}

func nothing() {}

// reportOf is the AT line of a client's report.
func reportOf(client, time int) string {
	return fmt.Sprintf("AT Hill +0.000000001 client%d +34.0-118.0 %d.5", client, 1_000_000_000+time)
}

func linesOf(s *Store) []string {
	var lines []string
	s.Walk(Cursor{}, 1<<30, func(line []byte) { lines = append(lines, string(line)) })
	slices.Sort(lines)
	return lines
}

func TestAComparisonMendsExactlyWhatDiffers(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 1))
	for _, clients := range []int{1, 10, 5000} {
		for _, differ := range []int{0, 1, 7, 600} {
			a, b := newEnd(), newEnd()
			for i := range clients {
				a.put(t, reportOf(i, 0), false)
				b.put(t, reportOf(i, 0), false)
			}
			onlyA, onlyB, newerA, newerB := 0, 0, 0, 0
			for i := range differ {
				switch random.IntN(4) {
				case 0:
					onlyA++
					a.put(t, reportOf(clients+i, 0), false)
				case 1:
					onlyB++
					b.put(t, reportOf(clients+i, 0), false)
				case 2:
					if i < clients {
						newerA++
						a.put(t, reportOf(i, 1), false)
					}
				case 3:
					if i < clients {
						newerB++
						b.put(t, reportOf(i, 1), false)
					}
				}
			}
			c, outcome := compare(t, a, b, 1, nothing)
			deliver(t, a, b)
			if outcome != Compared || !slices.Equal(linesOf(a.store), linesOf(b.store)) || a.store.Root() != b.store.Root() {
				t.Fatalf("%d clients, %d differences: outcome %d, %d and %d records", clients, differ, outcome, a.store.Len(), b.store.Len())
			}
			// Of a client of which both have a record, both may send theirs; b's older
			// one may have been replaced before it was asked for.
			both := newerA + newerB
			if a.records != onlyA+both || b.records < onlyB+newerB || b.records > onlyB+both {
				t.Errorf("%d clients, %d differences: %d and %d records were sent, want %d and from %d to %d",
					clients, differ, a.records, b.records, onlyA+both, onlyB+newerB, onlyB+both)
			}
			r := c.Resync()
			if r.Sent != int64(a.records) || r.Received != int64(b.records) || (c.Differ() == 0) != (onlyA+onlyB+both == 0) {
				t.Errorf("%d clients, %d differences: counted %+v, in %d buckets", clients, differ, r, c.Differ())
			}
			if c, _ := compare(t, a, b, 2, nothing); c.Differ() != 0 || c.Resync().RoundTrips != 1 {
				t.Errorf("after the exchange: %d buckets differ, %+v", c.Differ(), c.Resync())
			}
		}
	}
}

func TestAnEmptyServerIsSentEverything(t *testing.T) {
	a, b := newEnd(), newEnd()
	for i := range 100 {
		a.put(t, reportOf(i, 0), false)
	}
	if _, outcome := compare(t, a, b, 1, nothing); outcome != SendAll {
		t.Errorf("with an empty neighbour the outcome is %d", outcome)
	}
	if c, outcome := compare(t, b, a, 2, nothing); outcome != GotAll || c.Differ() != 0 || b.store.Root() != a.store.Root() {
		t.Errorf("with an empty server the outcome is %d, and it holds %d records", outcome, b.store.Len())
	}
}

// A restarted server has soon got a few records: it is sent everything all the
// same, but once, as it may be refusing it.
func TestAServerWithNextToNothingIsSentEverything(t *testing.T) {
	for _, c := range []struct {
		mine, theirs int
		want         Outcome
	}{
		{1, 0, SendAll}, {8, 1, SendAll}, {800, 100, SendAll}, {800, 101, Compared}, {7, 1, Compared},
		{0, 1, GotAll}, {1, 8, GotAll}, {100, 800, GotAll}, {101, 800, Compared}, {1, 7, Compared},
	} {
		for _, piecemeal := range []bool{false, true} {
			a, b := newEnd(), newEnd()
			for i := range c.mine {
				a.put(t, reportOf(i, 0), false)
			}
			for i := range c.theirs {
				b.put(t, reportOf(i, 1), false)
			}
			compared := NewComparison(a.store, testBits, 1)
			compared.Piecemeal = piecemeal
			want := c.want
			if piecemeal {
				want = Compared
			}
			if outcome := playOut(t, a, b, compared, nothing); outcome != want || b.all != (want == GotAll) {
				t.Errorf("%d and %d records, piecemeal %v: the outcome is %d, want %d", c.mine, c.theirs, piecemeal, outcome, want)
			}
			if deliver(t, a, b); want != SendAll && !slices.Equal(linesOf(a.store), linesOf(b.store)) {
				t.Errorf("%d and %d records, piecemeal %v: they hold %d and %d now", c.mine, c.theirs, piecemeal, a.store.Len(), b.store.Len())
			}
		}
	}
}

func TestAComparisonIsPutOffWhileAnEndLags(t *testing.T) {
	a, b := newEnd(), newEnd()
	a.put(t, reportOf(1, 0), false)
	b.put(t, reportOf(2, 0), false)
	b.lagging = true
	if _, outcome := compare(t, a, b, 1, nothing); outcome != PutOff {
		t.Errorf("with a neighbour that lags the outcome is %d", outcome)
	}
	b.lagging, a.lagging = false, true
	if _, outcome := compare(t, a, b, 2, nothing); outcome != PutOff || a.records+b.records != 0 {
		t.Errorf("with an end that lags the outcome is %d, and %d records were sent", outcome, a.records+b.records)
	}
}

func TestAComparisonAsksNoMoreWhileTheOutletIsFull(t *testing.T) {
	a, b := newEnd(), newEnd()
	for i := range 2000 {
		a.put(t, reportOf(i, 0), false)
		b.put(t, reportOf(5000+i, 0), false)
	}
	c := NewComparison(a.store, testBits, 1)
	c.Start(a)
	most := 0
	for outcome := Comparing; outcome == Comparing; {
		questions := len(a.sent)
		most = max(most, questions)
		lines := a.sent
		a.sent = nil
		for _, line := range lines {
			b.take(t, line, nil)
		}
		a.full = true
		answers := b.sent
		b.sent = nil
		for _, line := range answers {
			before := len(a.sent)
			outcome = a.take(t, line, c)
			if n := len(a.sent) - before; n > 0 && KindOf(a.sent[len(a.sent)-1]) == QuestionLine {
				t.Fatal("a question was asked though the outlet was full")
			}
		}
		a.full = false
		if outcome == Comparing {
			outcome = c.Continue(a)
		}
	}
	deliver(t, a, b)
	if !slices.Equal(linesOf(a.store), linesOf(b.store)) || a.store.Len() != 4000 {
		t.Errorf("they hold %d and %d records", a.store.Len(), b.store.Len())
	}
	if most > window+50 {
		t.Errorf("%d lines went out at once", most)
	}
}

func TestBadLinesOfAComparison(t *testing.T) {
	e := newEnd()
	e.put(t, reportOf(1, 0), false)
	for _, line := range []string{
		"ASKSUMS", "ASKSUMS 1", "ASKSUMS 1 17 0 1", "ASKSUMS 1 0 1 1", "ASKSUMS 1 0 0 0", "ASKSUMS 1 0 0 2", "ASKSUMS 1 16 65535 2",
		"ASKSUMS 1 16 0 3001", "ASKSUMS -1 0 0 1", "ASKSUMS 1 0 0 1 1", "ASKSUMS 18446744073709551616 0 0 1",
		"ASKHASHES 1 16", "ASKHASHES 1 16 65536", "ASKHASHES 1 16 1 1", "ASKRECORDS 1 16 1 AAA", "ASKRECORDS 1 16 1 !", "ASKALL", "ASKALL x",
		"FOUND 1", "FOUND 1 x",
	} {
		if asked, err := Answer(e.store, testBits, []byte(line), e); !errors.Is(err, ErrBadQuestion) || asked != (Asked{}) || len(e.sent) > 0 {
			t.Errorf("%q: %+v, %v, sent %q", line, asked, err, e.sent)
		}
	}
	c := NewComparison(e.store, testBits, 1)
	c.Start(e)
	e.sent = nil
	for _, line := range []string{
		"SUMS 1 0 0 1", "SUMS 1 0 0 1 AAAAAAAAAA", "SUMS 1 0 0 1 AAAAAAAAAAAAAAAAAAAAAA", "SUMS 1 1 0 1 AAAAAAAAAAA", "HASHES 1 16 0 last",
		"HASHES 1 16 0 perhaps", "RECORDS 1 16 0 1 1", "ALL 1", "SUMS",
	} {
		if outcome, err := c.Receive([]byte(line), e); !errors.Is(err, ErrBadQuestion) || outcome != Comparing || len(e.sent) > 0 {
			t.Errorf("%q: %d, %v, sent %q", line, outcome, err, e.sent)
		}
	}
	if outcome, err := c.Receive([]byte("ALL 7"), e); outcome != Comparing || err != nil {
		t.Errorf("an answer to another comparison: %d, %v", outcome, err)
	}
}

// What it costs, beside the million lines of everything.
func BenchmarkComparison(b *testing.B) {
	const million = 1_000_000
	for _, differ := range []int{0, 100, 10_000} {
		b.Run(fmt.Sprintf("clients=%d/differ=%d", million, differ), func(b *testing.B) {
			x, y := newEnd(), newEnd()
			for i := range million {
				line := reportOf(i, 0)
				x.put(b, line, false)
				if i >= differ {
					y.put(b, line, false)
				} else if i%2 == 0 {
					y.put(b, strings.Replace(line, "34.0", "35.0", 1), false)
				}
			}
			var r Resync
			for b.Loop() {
				// From the second time on the two are equal: only the first counts.
				c, _ := compare(b, x, y, 1, nothing)
				if r.Bytes == 0 {
					r = c.Resync()
				}
			}
			b.ReportMetric(float64(r.Bytes), "bytes")
			b.ReportMetric(float64(r.RoundTrips), "round-trips")
			b.ReportMetric(float64(r.Sent+r.Received), "records")
		})
	}
}
