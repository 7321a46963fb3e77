package backbone

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/wirelog"
)

// shard is one that the server holds, and how it stands with the others who do.
type shard struct {
	number int
	due    bool      // something of it may be missing
	with   herd.Boot // at this member; 0: at any
	turn   int       // whose turn it is
	under  *exchange // under way
	root   uint64    // at the last beat

	sync    herd.Sync
	checked time.Time // when that was found
	differ  int
	often   int // comparisons in a row that found something
}

// stubborn is after how many comparisons in a row that found something the shard is
// compared no more often than every herd.CompareEvery: what differs even then, such as
// where a server has no room for a record, is not to keep everybody busy.
const stubborn = 5

// exchange is one comparison with another member.
type exchange struct {
	member *Member
	shard  *shard
	peer   *peer
	number uint64
	bits   int
	under  *herd.Comparison
	lines  []byte    // questions that are not sent yet
	moved  time.Time // when the last answer came
}

// stuck is how long an answer may take: as it, or its question, may be lost.
const stuck = 5 * time.Second

// mostExchanges is how many are under way at once.
const mostExchanges = 8

// compare begins the comparisons that are due: where something may be missing; where
// another's sum is another one and neither has moved since the last beat; and with one
// after the other now and then, as sums that never rest say nothing.
func (m *Member) compare() {
	now := m.o.Host.Now()
	for _, s := range m.shards {
		if x := s.under; x != nil && now.Sub(x.moved) >= stuck {
			x.end()
			s.due = true
		}
		root := m.part(s.number).Root()
		rests := root == s.root
		s.root = root
		if s.under != nil || !m.up || m.o.NoCompare {
			continue
		}
		if p := m.partner(s, root, rests, now); p != nil && len(m.exchanges) < mostExchanges {
			s.due, s.with = false, 0
			m.begin(s, p)
		}
	}
}

// partner is whom to compare a shard with now; nil: nobody.
func (m *Member) partner(s *shard, root uint64, rests bool, now time.Time) *peer {
	var who []*peer
	same := true
	for _, p := range m.peers {
		if p.agrees && p.has[s.number] {
			who = append(who, p)
			same = same && p.roots[s.number] == root
		}
	}
	switch {
	case len(who) == 0:
		return nil
	case same && !s.due:
		s.found(0, now)
		return nil
	case s.due:
		for _, p := range who {
			if p.boot == s.with {
				return p
			}
		}
	case rests && s.often < stubborn:
		for i := range who {
			p := who[(s.turn+i)%len(who)]
			if theirs := p.roots[s.number]; theirs != root && theirs == p.before[s.number] {
				s.turn++
				return p
			}
		}
	}
	if !s.due && now.Sub(s.checked) < herd.CompareEvery {
		return nil
	}
	s.turn++
	return who[s.turn%len(who)]
}

// found takes the result of a comparison.
func (s *shard) found(differ int, now time.Time) {
	s.checked, s.differ, s.sync = now, differ, herd.InSync
	if differ == 0 {
		s.often = 0
		return
	}
	s.sync = herd.Behind
	s.often++
}

// begin compares a shard with another member's.
func (m *Member) begin(s *shard, p *peer) {
	m.number++
	bits := min(m.o.Bits, p.bits) - m.o.Shards.bits
	x := &exchange{
		member: m, shard: s, peer: p, number: m.number, bits: bits, moved: m.o.Host.Now(),
		under: herd.NewComparison(m.part(s.number), bits, m.number),
	}
	// Who has nothing is sent everything in pieces too: there is no link to fill.
	x.under.Piecemeal = true
	m.exchanges[x.number], s.under = x, x
	x.under.Start(x)
	x.ask()
}

// end takes an exchange out of the books.
func (x *exchange) end() {
	delete(x.member.exchanges, x.number)
	x.shard.under = nil
}

// Send, Forward, Full and Lagging make the exchange a comparison's outlet.
func (x *exchange) Send(line []byte) { x.lines = append(x.lines, line...) }

// Forward publishes what the other lacks: others may lack it too.
func (x *exchange) Forward(line []byte) {
	x.member.status.Mended++
	x.member.Send(line)
}

func (x *exchange) Full() bool    { return false }
func (x *exchange) Lagging() bool { return false }

// The first line of questions and answers.
const (
	compareVerb  = "COMPARE" // <shard> <log2 of the buckets in it>
	comparedVerb = "COMPARED"
)

// ask sends the questions that wait, behind all records: see herd.Comparison.
func (x *exchange) ask() {
	m, lines := x.member, x.lines
	x.lines = nil
	m.flush()
	pieces(lines, func(body []byte) {
		body = append(fmt.Appendf(nil, "%s %d %d\n", compareVerb, x.shard.number, x.bits), body...)
		m.question(x.peer, x.number, body)
	})
}

// question sends a message to one member, whose answers have this number.
func (m *Member) question(p *peer, number uint64, body []byte) bool {
	answers := fmt.Sprintf("%s%s%v.%d", m.prefix, reply, m.o.Boot, number)
	return m.send(m.prefix+to+p.boot.String(), answers, head{from: m.o.Name, boot: m.o.Boot}, body)
}

// answer takes lines that answer our questions, and the records that we lack.
func (x *exchange) answer(h head, body []byte) {
	m := x.member
	x.moved = m.o.Host.Now()
	outcome := herd.Comparing
	eachLine(body, func(line []byte) {
		if herd.KindOf(line) != herd.AnswerLine {
			if news, _ := m.take(line, h.from); news != nil {
				m.status.Fetched++
			}
			return
		}
		if outcome != herd.Comparing {
			return
		}
		var err error
		if outcome, err = x.under.Receive(line, x); err != nil {
			m.refuse(h, err)
		}
	})
	switch outcome {
	case herd.Comparing:
	case herd.Compared:
		m.status.Compared++
		x.Send(x.under.AppendFound(nil))
		x.end()
		differ := x.under.Differ()
		x.shard.found(differ, x.moved)
		if r := x.under.Resync(); differ > 0 {
			m.o.Host.Event(wirelog.Info, "records exchanged", wirelog.F("peer", x.peer.name), wirelog.F("shard", x.shard.number), wirelog.F("buckets", differ),
				wirelog.F("sent", r.Sent), wirelog.F("received", r.Received), wirelog.F("bytes", r.Bytes), wirelog.F("round_trips", r.RoundTrips))
			x.shard.due = x.shard.often < stubborn // to know whether that has mended it
		}
	default:
		x.end()
		x.shard.due = true
	}
	x.ask()
}

// outlet collects the answers to another member's questions.
type outlet struct{ lines []byte }

func (o *outlet) Send(line []byte)    { o.lines = append(o.lines, line...) }
func (o *outlet) Forward(line []byte) { o.lines = append(o.lines, line...) }
func (o *outlet) Full() bool          { return false }
func (o *outlet) Lagging() bool       { return false }

// compared answers another member's questions about a shard.
func (m *Member) compared(h head, answers string, about []string, body []byte) {
	number, bits := -1, 0
	if len(about) == 2 {
		number, _ = strconv.Atoi(about[0])
		bits, _ = strconv.Atoi(about[1])
	}
	i := slices.IndexFunc(m.shards, func(s *shard) bool { return s.number == number })
	if i < 0 || bits < 1 || bits > m.o.Bits-m.o.Shards.bits {
		m.refuse(h, herd.ErrBadQuestion)
		return
	}
	// The records that we have sent come before the answers: see herd.Comparison.
	m.flush()
	var out outlet
	eachLine(body, func(line []byte) {
		asked, err := herd.Answer(m.part(number), bits, line, &out)
		if err != nil {
			m.refuse(h, err)
		}
		if asked.Found {
			m.shards[i].found(asked.Differ, m.o.Host.Now())
		}
	})
	pieces(out.lines, func(some []byte) {
		m.answer(answers, append([]byte(comparedVerb+"\n"), some...))
	})
}

// answer sends an answer to one of another member's questions.
func (m *Member) answer(answers string, body []byte) {
	m.send(answers, "", head{from: m.o.Name, boot: m.o.Boot}, body)
}

// asked takes another member's question.
func (m *Member) asked(h head, answers string, body []byte) {
	first, rest, _ := strings.Cut(string(body), "\n")
	verb, about, _ := strings.Cut(first, " ")
	switch {
	case !strings.HasPrefix(answers, m.prefix+reply):
		m.refuse(h, errNoHead) // it wants to be answered where others listen
	case verb == compareVerb:
		m.compared(h, answers, strings.Fields(about), []byte(rest))
	case verb == ownerVerb:
		m.owned(h, answers, about, []byte(rest))
	default:
		m.refuse(h, errNoHead)
	}
}

// numberOf reads the number of our question from the subject of its answer.
func numberOf(subject string) uint64 {
	n, _ := strconv.ParseUint(subject[strings.LastIndexByte(subject, '.')+1:], 10, 64)
	return n // 0 is no question's
}

// answered takes an answer to one of our questions.
func (m *Member) answered(subject string, h head, body []byte) {
	number := numberOf(subject)
	first, rest, _ := strings.Cut(string(body), "\n")
	verb, about, _ := strings.Cut(first, " ")
	if x := m.exchanges[number]; x != nil && verb == comparedVerb {
		x.answer(h, []byte(rest))
	}
	if q := m.questions[number]; q != nil && verb == ownedVerb {
		m.told(q, about, []byte(rest))
	}
}

// unheard is told that nobody listens for one of our questions: its member is gone.
func (m *Member) unheard(subject string) {
	number := numberOf(subject)
	if x := m.exchanges[number]; x != nil {
		m.gone(x.peer, "no_answer")
		x.end()
		x.shard.due = true
	}
	if q := m.questions[number]; q != nil {
		m.gone(q.owner, "no_answer")
		m.again(q)
	}
}
