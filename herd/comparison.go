package herd

import (
	"fmt"
	"slices"
	"time"
)

// A link's records are compared when it opens and every CompareEvery after; a
// result counts for SyncTrust. A comparison that has not ended when the next is
// due is given up.
const (
	CompareEvery = 30 * time.Second
	SyncTrust    = 90 * time.Second
)

// Outlet is where a comparison's lines go: the neighbour's end of a link. Lines
// have their ends, and are copied by whoever keeps them.
type Outlet interface {
	// Send sends a line of the comparison.
	Send(line []byte)
	// Forward sends an AT line as any other: where the neighbour is slow, its
	// client may be noted instead.
	Forward(line []byte)
	// Full reports whether enough waits for the neighbour: ask for no more.
	Full() bool
	// Lagging reports whether something has been noted instead of sent, as what the
	// neighbour lacks is known then, and comparing would send it twice; or whether
	// so much waits that nothing should be added to it by answering.
	Lagging() bool
}

// Holdings is what a comparison asks of the records of its end: a Store, or
// something that is one for many goroutines, with the methods of the same names.
// Then a record must be on its way to the neighbour, as Forward has it, before
// AppendHashes or Find can show it.
type Holdings interface {
	Len() int
	Root() uint64
	Sum(bits, number int) uint64
	AppendHashes(dst []uint64, bits, number int) []uint64
	Find(bits, number int, hashes []uint64, visit func(line []byte))
}

// Outcome is what a comparison came to.
type Outcome uint8

// A comparison goes on, or has come to one of the others.
const (
	Comparing Outcome = iota
	Compared          // the records in which the two differed have been exchanged
	SendAll           // the neighbour has next to nothing: send it everything, then compare
	GotAll            // this server had next to nothing, and has been sent everything: compare
	PutOff            // one end is behind with sending: compare later
)

// window is how many questions may be unanswered: enough to keep a link busy,
// few enough that their answers hold up nobody.
const window = 32

// maxHashes bounds what is kept of one bucket's list while it comes, and
// maxWanted what one comparison asks for: the rest is left to the next.
const (
	maxHashes = 8 * coarse
	maxWanted = 1 << 20
)

// Comparison finds out in which records two neighbours differ, and has these
// exchanged: by the sum of everything, then of a few hundred groups of buckets,
// then of the buckets of those that differ, then record by record.
//
// While clients report, two servers never hold exactly the same: something is
// always on its way. So sums only say where to look, and records are compared in
// the order that a link keeps. The question for a bucket's records travels behind
// every update that this end has sent: of the records that it has then, and keeps
// until the answer, those that the neighbour does not name are missing there. The
// answer travels behind every update of the neighbour's: what it names, and this
// end has not, is missing here, or has been replaced by what is on its way there;
// then it is gone when it is asked for. However often a bucket changes, what is
// missing in it is found, and nothing is sent that is on its way.
//
// NewComparison makes one. It belongs to one link, to the end that dialled, and
// is for one goroutine at a time.
type Comparison struct {
	// Piecemeal has records exchanged one by one, however few one end has: after
	// everything has been sent once, so that an end that refuses records is not
	// sent all of them for ever. It is to be set before Start.
	Piecemeal bool

	store  Holdings
	number uint64
	bits   int // of the buckets
	groups int // of the groups of buckets

	step     step
	queue    []request // not asked yet, in order
	asked    []request // and not answered yet, in order
	suspects []int     // buckets whose sums differed, in order
	looked   int       // suspects whose hashes have been asked for
	theirs   []uint64  // hashes of a bucket, while they come
	differ   int       // suspects that lacked a record, here or there
	received int       // the last bucket that differ counts for what was received, or -1
	wanted   int       // hashes that have been or will be asked for
	resync   Resync
}

// step is how far a comparison is.
type step uint8

const (
	theRoot step = iota
	theGroups
	theBuckets
	theRecords
	everything // being sent to us
)

// request is a question that is or will be asked.
type request struct {
	answer      string // the verb of its answer
	bits, first int
	count       int      // of sums
	hashes      []uint64 // of a bucket's records when it was asked for; or of those asked for
	counted     bool     // differ counts the bucket for what was sent
}

// NewComparison returns a comparison of a store with a neighbour's, in 2^bits
// buckets as Terms has them. Its number must be another than those of the link's
// earlier ones.
func NewComparison(s Holdings, bits int, number uint64) *Comparison {
	return &Comparison{store: s, number: number, bits: bits, groups: bits / 2, received: -1}
}

// Start asks the first question.
func (c *Comparison) Start(out Outlet) {
	c.sums(0, 0, 1)
	c.askOn(out)
}

// Differ is in how many buckets a record was missing at one end, and was not on
// its way there.
func (c *Comparison) Differ() int { return c.differ }

// Resync is what has been exchanged so far; its At is for the caller to set.
func (c *Comparison) Resync() Resync { return c.resync }

// Receive takes an answer, which is a line of the kind AnswerLine, given without
// its end. The error wraps ErrBadQuestion: the line is of no use, and the
// comparison waits for a better one. An answer to another comparison is passed
// over.
func (c *Comparison) Receive(line []byte, out Outlet) (Outcome, error) {
	q, err := parseQuestion(line, c.bits)
	if err != nil || q.number != c.number {
		return Comparing, err
	}
	if q.verb == verbBusy {
		return PutOff, nil
	}
	if len(c.asked) == 0 || !c.asked[0].answeredBy(&q) {
		return Comparing, fmt.Errorf("%w: nobody asked for %s", ErrBadQuestion, quote(line))
	}
	c.resync.Bytes += int64(len(line) + 1)
	numbers, err := q.numbers()
	if err != nil || !c.asked[0].fits(&q, numbers) || len(c.theirs) > maxHashes {
		return Comparing, fmt.Errorf("%w: the numbers of %s", ErrBadQuestion, quote(line))
	}
	asked := c.asked[0]
	if !q.more {
		c.asked = c.asked[1:]
	}
	if outcome := c.take(&asked, &q, numbers, out); outcome != Comparing {
		return outcome, nil
	}
	return c.Continue(out), nil
}

// Continue asks on, where Receive had to stop because too much waited for the
// neighbour, and goes on to the next step when all is answered.
func (c *Comparison) Continue(out Outlet) Outcome {
	c.askOn(out)
	if len(c.asked)+len(c.queue) > 0 || c.moreSuspects() {
		return Comparing
	}
	// What one end has noted and not sent would look like a difference.
	if c.step < theRecords && out.Lagging() {
		return PutOff
	}
	if !c.nextStep() {
		return Compared
	}
	c.askOn(out)
	return Comparing
}

// askOn asks what may be asked.
func (c *Comparison) askOn(out Outlet) {
	for len(c.asked) < window && !out.Full() {
		r, some := c.next(out)
		if !some {
			return
		}
		c.asked = append(c.asked, r)
		c.send(r.appendLine(nil, c.number), out)
	}
}

// next returns the next question. Those for suspects are made one at a time, as
// they may be very many. While this end lags there are none about records: what it
// has not sent would seem to be missing at the other, and what that replaces, here.
func (c *Comparison) next(out Outlet) (r request, some bool) {
	switch {
	case c.step == theRecords && out.Lagging():
	case len(c.queue) > 0:
		r = c.queue[0]
		c.queue = c.queue[1:]
		return r, true
	case c.moreSuspects():
		bucket := c.suspects[c.looked]
		c.looked++
		return request{answer: verbHashes, bits: c.bits, first: bucket, hashes: c.store.AppendHashes(nil, c.bits, bucket)}, true
	}
	return request{}, false
}

func (c *Comparison) moreSuspects() bool { return c.step == theRecords && c.looked < len(c.suspects) }

func (c *Comparison) send(line []byte, out Outlet) {
	c.resync.Bytes += int64(len(line))
	out.Send(line)
}

// sums has the sums of some ranges asked for.
func (c *Comparison) sums(bits, first, count int) {
	c.queue = append(c.queue, request{answer: verbSums, bits: bits, first: first, count: count})
}

// take is what an answer leads to.
func (c *Comparison) take(asked *request, q *question, numbers []uint64, out Outlet) Outcome {
	switch c.step {
	case theRoot:
		return c.takeRoot(numbers[0], q.third)
	case theGroups:
		for group, theirs := range numbers {
			if theirs != c.store.Sum(c.groups, group) {
				each := c.bits - c.groups
				c.sums(c.bits, group<<each, 1<<each)
			}
		}
		c.step = theBuckets
		c.resync.RoundTrips++
	case theBuckets:
		for i, theirs := range numbers {
			bucket := q.first + i
			if theirs != c.store.Sum(c.bits, bucket) {
				c.suspects = append(c.suspects, bucket)
			}
		}
	case theRecords:
		if q.verb == verbRecords {
			c.takeRecords(asked, q)
		} else {
			c.takeHashes(asked, q, numbers, out)
		}
	case everything:
		return GotAll
	}
	return Comparing
}

// few is how much less one end must have than the other to be sent everything:
// what it has already is no more than an eighth of what is sent.
const few = 8

// takeRoot compares everything at once: as a rule it is the same.
func (c *Comparison) takeRoot(theirs, theirRecords uint64) Outcome {
	c.resync.RoundTrips = 1
	switch mine := uint64(c.store.Len()); {
	case theirs == c.store.Root():
		return Compared
	case !c.Piecemeal && theirRecords <= mine/few:
		return SendAll
	case tooCoarse(c.store, c.bits):
		return PutOff
	case !c.Piecemeal && mine <= theirRecords/few:
		c.step = everything
		c.queue = append(c.queue, request{answer: verbAll})
	default:
		c.step = theGroups
		c.sums(c.groups, 0, 1<<c.groups)
	}
	return Comparing
}

// nextStep goes on when all that was asked is answered. It reports whether there
// is anything more to ask.
func (c *Comparison) nextStep() bool {
	c.resync.RoundTrips++
	if c.step == theBuckets {
		c.step = theRecords
		return len(c.suspects) > 0
	}
	if c.resync.Received > 0 {
		c.resync.RoundTrips++ // the hashes first, and then the records
	}
	return false
}

// takeHashes takes what the neighbour has of a bucket, sends it what it lacks,
// and asks for what this server lacks.
func (c *Comparison) takeHashes(asked *request, q *question, numbers []uint64, out Outlet) {
	c.theirs = append(c.theirs, numbers...)
	if q.more {
		return
	}
	slices.Sort(c.theirs)
	before := c.resync.Sent
	// Find passes over what has been replaced since: the new one is on its way.
	c.store.Find(c.bits, q.first, without(asked.hashes, c.theirs), func(line []byte) {
		c.resync.Sent++
		c.resync.Bytes += int64(len(line))
		out.Forward(line)
	})
	sent := c.resync.Sent > before
	if sent {
		c.differ++
	}
	lacking := without(c.theirs, c.store.AppendHashes(nil, c.bits, q.first))
	lacking = lacking[:min(len(lacking), maxWanted-c.wanted)]
	c.wanted += len(lacking)
	for some := range slices.Chunk(lacking, numbersPerLine) {
		c.queue = append(c.queue, request{answer: verbRecords, bits: c.bits, first: q.first, hashes: some, counted: sent})
	}
	c.theirs = c.theirs[:0]
}

// takeRecords takes note of what has come of a bucket. Receive has compared the
// numbers with what was asked for.
func (c *Comparison) takeRecords(asked *request, q *question) {
	c.resync.Received += int64(q.third)
	c.resync.Bytes += int64(q.fourth)
	// A long list is asked for in parts, one after the other.
	if q.third > 0 && !asked.counted && c.received != q.first {
		c.differ++
		c.received = q.first
	}
}

// without returns what is in a and not in b, both ascending.
func without(a, b []uint64) (rest []uint64) {
	for _, n := range a {
		for len(b) > 0 && b[0] < n {
			b = b[1:]
		}
		if len(b) == 0 || b[0] != n {
			rest = append(rest, n)
		}
	}
	return rest
}
