package herd

import (
	"bytes"
	"slices"
	"testing"
)

// flowEnd is one end of a link that fails nobody: it sends at once, or, while it
// lags, notes whose record is to be sent, as a link with a slow neighbour does.
type flowEnd struct {
	store   *Store
	sent    [][]byte // on its way to the other end
	full    bool
	lagging bool
	noted   []string // ids, each once
	resent  []string // lines that the comparison has sent
}

func newFlowEnd(bits int) *flowEnd {
	return &flowEnd{store: NewStore(StoreSettings{Future: testFuture, Key: DigestKey(secret), Buckets: 1 << bits})}
}

func (e *flowEnd) Send(line []byte) { e.sent = append(e.sent, bytes.Clone(line)) }
func (e *flowEnd) Full() bool       { return e.full }
func (e *flowEnd) Lagging() bool    { return e.lagging }

func (e *flowEnd) Forward(line []byte) {
	e.resent = append(e.resent, string(line))
	e.pass(line)
}

// pass sends an AT line, or notes its client.
func (e *flowEnd) pass(line []byte) {
	if !e.lagging {
		e.Send(line)
		return
	}
	if id := idOf(line); !slices.Contains(e.noted, id) {
		e.noted = append(e.noted, id)
	}
}

func idOf(line []byte) string { return slowFields(line)[3] }

// put stores what a client or a third server has said.
func (e *flowEnd) put(t *testing.T, line string) (changed bool) {
	t.Helper()
	var r Record
	if err := ParseAT([]byte(line), &r); err != nil {
		t.Fatal(err)
	}
	changed, err := e.store.Put(&r, Room{1 << 30, 1 << 40})
	if err != nil {
		t.Fatal(err)
	}
	return changed
}

// caughtUp sends what is noted.
func (e *flowEnd) caughtUp() {
	e.lagging = false
	for _, id := range e.noted {
		var r Record
		e.store.Get([]byte(id), &r)
		e.Send(r.AppendLine(nil))
	}
	e.noted = nil
}

// sendAll sends everything.
func (e *flowEnd) sendAll() {
	e.noted = nil
	e.store.Walk(Cursor{}, 1<<30, e.Send)
}

// flow is a link whose end a compares itself with b.
type flow struct {
	t       *testing.T
	a, b    *flowEnd
	bits    int
	under   *Comparison
	number  uint64
	outcome Outcome // of the last comparison that has ended
	clock   int
	asked   map[uint64]bool // hashes of records, in the comparison of this number
}

// start begins a comparison, unless one is under way or a has first to send.
func (f *flow) start() {
	if f.under != nil || f.a.lagging {
		return
	}
	f.number++
	f.asked = map[uint64]bool{}
	f.under = NewComparison(f.a.store, f.bits, f.number)
	f.under.Start(f.a)
}

// settle does what follows from an outcome, as a server does.
func (f *flow) settle(outcome Outcome) {
	if outcome == Comparing {
		return
	}
	done := f.under
	f.under, f.outcome = nil, outcome
	switch outcome {
	case SendAll:
		f.a.sendAll()
		f.start()
	case GotAll:
		f.start()
	case Compared:
		f.a.Send(done.AppendFound(nil))
	}
}

// step lets the next line of one end arrive at the other.
func (f *flow) step(from, to *flowEnd) {
	if len(from.sent) == 0 {
		return
	}
	line := withoutEnd(from.sent[0])
	from.sent = from.sent[1:]
	if len(line) > MaxPeerLine {
		f.t.Fatalf("a line of %d bytes", len(line))
	}
	switch KindOf(line) {
	case AnswerLine:
		if f.under == nil {
			return // to one that was put off
		}
		outcome, err := f.under.Receive(line, to)
		if err != nil {
			f.t.Fatalf("%q: %v", line, err)
		}
		f.settle(outcome)
	case QuestionLine:
		f.askedFor(line)
		asked, err := Answer(to.store, f.bits, line, to)
		if err != nil {
			f.t.Fatalf("%q: %v", line, err)
		}
		if asked.All {
			to.sendAll()
			to.Send(AppendAll(nil, asked.Number))
		}
	default:
		if to.put(f.t, string(line)) {
			id := idOf(line)
			to.noted = slices.DeleteFunc(to.noted, func(noted string) bool { return noted == id })
		}
	}
}

// askedFor holds that a comparison asks for each record once at most.
func (f *flow) askedFor(line []byte) {
	q, err := parseQuestion(line, f.bits)
	if err != nil || q.verb != verbAskRecords || q.number != f.number {
		return
	}
	hashes, _ := q.numbers() // Answer says what is wrong with them
	for _, hash := range hashes {
		if f.asked[hash] {
			f.t.Fatalf("record %016x is asked for twice", hash)
		}
		f.asked[hash] = true
	}
}

// goOn goes on where the comparison had to wait for its own end.
func (f *flow) goOn() {
	if f.under != nil && !f.a.full && !f.a.lagging {
		f.settle(f.under.Continue(f.a))
	}
}

// report is a client's report to one end, which passes it on.
func (f *flow) report(to *flowEnd, client int) {
	f.clock++
	if line := reportOf(client, f.clock); to.put(f.t, line) {
		to.pass([]byte(line + "\n"))
	}
}

// deeds is how many different things a script can have done.
const deeds = 14

// play lets happen what a script says: a byte for each deed, and one more for
// those that are about a client.
func (f *flow) play(script []byte) {
	for i := 0; i < len(script); i++ {
		switch a, b := f.a, f.b; script[i] % deeds {
		case 0, 1, 2:
			f.step(a, b)
		case 3, 4, 5:
			f.step(b, a)
		case 6, 7:
			to := a
			if script[i]%deeds == 7 {
				to = b
			}
			if i++; i < len(script) {
				f.report(to, int(script[i]))
			}
		case 8:
			a.full = !a.full
			f.goOn()
		case 9:
			a.lagging = true
		case 10:
			a.caughtUp()
			f.goOn()
		case 11:
			b.lagging = true
		case 12:
			b.caughtUp()
		case 13:
			f.start()
		}
	}
}

// drain lets everything arrive, at ends that take all. Whatever was under way has
// come to an end then.
func (f *flow) drain() {
	f.a.full = false
	f.a.caughtUp()
	f.b.caughtUp()
	f.goOn()
	for n := 0; len(f.a.sent)+len(f.b.sent) > 0; n++ {
		if n > 100_000 {
			f.t.Fatal("they do not come to an end")
		}
		f.step(f.a, f.b)
		f.step(f.b, f.a)
	}
	if f.under != nil {
		f.t.Fatalf("the comparison hangs in step %d, with %d questions asked and %d to ask", f.under.step, len(f.under.asked), len(f.under.queue))
	}
}
