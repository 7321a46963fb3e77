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

// Outcome is what a comparison came to.
type Outcome uint8

// A comparison goes on, or has come to one of the others.
const (
	Comparing Outcome = iota
	Compared          // the records in which the two differed have been exchanged
	SendAll           // the neighbour is empty: send it everything, then compare
	GotAll            // this server was empty, and has been sent everything: compare
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
// While clients report, two servers never hold exactly the same. So a bucket
// counts as different only if it differs twice, and neither side changed it in
// between. The second question travels behind everything that this end sent
// before the first answer came, and its answer behind everything that the
// neighbour sent before it: what was on its way at the first look has arrived by
// the second.
//
// NewComparison makes one. It belongs to one link, to the end that dialled, and
// is for one goroutine at a time.
type Comparison struct {
	store  *Store
	number uint64
	bits   int // of the buckets
	groups int // of the groups of buckets

	step     step
	queue    []request // not asked yet, in order
	asked    []request // and not answered yet, in order
	suspects []suspect // in the order of their buckets
	again    int       // suspects that have been looked at twice
	theirs   []uint64  // hashes of a bucket, while they come
	differ   int
	wanted   int // hashes that have been or will be asked for
	resync   Resync
}

// step is how far a comparison is.
type step uint8

const (
	theRoot step = iota
	theGroups
	theBuckets
	theSuspects
	theRecords
	everything // being sent to us
)

// request is a question that is or will be asked.
type request struct {
	answer      string // the verb of its answer
	bits, first int
	count       int      // of sums
	hashes      []uint64 // of records
}

// suspect is a bucket that differed at the first look, and its sums then.
type suspect struct {
	bucket       int
	mine, theirs uint64
}

// NewComparison returns a comparison of a store with a neighbour's, in 2^bits
// buckets as Terms has them. Its number must be another than those of the link's
// earlier ones.
func NewComparison(s *Store, bits int, number uint64) *Comparison {
	return &Comparison{store: s, number: number, bits: bits, groups: bits / 2}
}

// Start asks the first question.
func (c *Comparison) Start(out Outlet) {
	c.sums(0, 0, 1)
	c.askOn(out)
}

// Differ is in how many buckets the two differed.
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
	if !q.more {
		c.asked = c.asked[1:]
	}
	if outcome := c.take(&q, numbers, out); outcome != Comparing {
		return outcome, nil
	}
	return c.Continue(out), nil
}

// Continue asks on, where Receive had to stop because too much waited for the
// neighbour, and goes on to the next step when all is answered.
func (c *Comparison) Continue(out Outlet) Outcome {
	c.askOn(out)
	if len(c.asked)+len(c.queue) > 0 {
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
	for len(c.queue) > 0 && len(c.asked) < window && !out.Full() {
		r := c.queue[0]
		c.queue = c.queue[1:]
		c.asked = append(c.asked, r)
		c.send(r.appendLine(nil, c.number), out)
	}
}

func (c *Comparison) send(line []byte, out Outlet) {
	c.resync.Bytes += int64(len(line))
	out.Send(line)
}

// sums has the sums of some ranges asked for.
func (c *Comparison) sums(bits, first, count int) {
	c.queue = append(c.queue, request{answer: verbSums, bits: bits, first: first, count: count})
}

// take is what an answer leads to.
func (c *Comparison) take(q *question, numbers []uint64, out Outlet) Outcome {
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
			if mine := c.store.Sum(c.bits, bucket); mine != theirs {
				c.suspects = append(c.suspects, suspect{bucket, mine, theirs})
			}
		}
	case theSuspects:
		c.lookAgain(q.first, numbers)
	case theRecords:
		c.exchange(q, numbers, out)
	case everything:
		return GotAll
	}
	return Comparing
}

// takeRoot compares everything at once: as a rule it is the same.
func (c *Comparison) takeRoot(theirs, theirRecords uint64) Outcome {
	c.resync.RoundTrips = 1
	switch mine := c.store.Len(); {
	case theirs == c.store.Root():
		return Compared
	case theirRecords == 0 && mine > 0:
		return SendAll
	case tooCoarse(c.store, c.bits):
		return PutOff
	case theirRecords > 0 && mine == 0:
		c.step = everything
		c.queue = append(c.queue, request{answer: verbAll})
	default:
		c.step = theGroups
		c.sums(c.groups, 0, 1<<c.groups)
	}
	return Comparing
}

// lookAgain leaves of the suspects in a range those that nobody has changed: what
// differed and differs, both sides being as they were, will not end by itself.
func (c *Comparison) lookAgain(first int, numbers []uint64) {
	for ; c.again < len(c.suspects); c.again++ {
		s := c.suspects[c.again]
		if s.bucket >= first+len(numbers) {
			return
		}
		if s.theirs == numbers[s.bucket-first] && s.mine == c.store.Sum(c.bits, s.bucket) {
			c.suspects[c.differ] = s
			c.differ++
		}
	}
}

// nextStep fills the queue when all that was asked is answered. It reports
// whether there is anything more to ask.
func (c *Comparison) nextStep() bool {
	c.resync.RoundTrips++
	switch c.step {
	case theBuckets:
		c.step = theSuspects
		c.suspectSums()
	case theSuspects:
		c.step = theRecords
		for _, s := range c.suspects[:c.differ] {
			c.queue = append(c.queue, request{answer: verbHashes, bits: c.bits, first: s.bucket})
		}
	case theRecords:
		if c.resync.Received > 0 {
			c.resync.RoundTrips++ // the hashes first, and then the records
		}
	}
	return len(c.queue) > 0
}

// suspectSums asks for the suspects' sums again, in one question for those of a
// group.
func (c *Comparison) suspectSums() {
	each := c.bits - c.groups
	for i := 0; i < len(c.suspects); {
		first, last := c.suspects[i].bucket, c.suspects[i].bucket
		for ; i < len(c.suspects) && c.suspects[i].bucket>>each == first>>each; i++ {
			last = c.suspects[i].bucket
		}
		c.sums(c.bits, first, last-first+1)
	}
}

// exchange sends the neighbour what it lacks of a bucket, and asks for what this
// server lacks.
func (c *Comparison) exchange(q *question, numbers []uint64, out Outlet) {
	if q.verb == verbRecords {
		// Receive has compared these with what was asked for.
		c.resync.Received += int64(q.third)
		c.resync.Bytes += int64(q.fourth)
		return
	}
	c.theirs = append(c.theirs, numbers...)
	if q.more {
		return
	}
	slices.Sort(c.theirs)
	c.store.Missing(c.bits, q.first, c.theirs, func(line []byte) {
		c.resync.Sent++
		c.resync.Bytes += int64(len(line))
		out.Forward(line)
	})
	lacking := without(c.theirs, c.store.AppendHashes(nil, c.bits, q.first))
	lacking = lacking[:min(len(lacking), maxWanted-c.wanted)]
	c.wanted += len(lacking)
	for some := range slices.Chunk(lacking, numbersPerLine) {
		c.queue = append(c.queue, request{answer: verbRecords, bits: c.bits, first: q.first, hashes: some})
	}
	c.theirs = c.theirs[:0]
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
