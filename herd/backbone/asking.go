package backbone

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"time"

	"proxyherd/herd"
)

// ask is one thing that a member who holds a shard is asked.
type ask struct {
	shard int
	line  []byte                         // with its end
	done  func(answer []byte, some bool) // the answer's line, without its end, if there is some
	until time.Time                      // zero: not sent yet
	tried []herd.Boot                    // who has not answered
	over  bool
}

// question is what one member is asked at once.
type question struct {
	number uint64
	owner  *peer
	asks   []*ask
	told   []bool // which of them it has answered
	left   int    // how many it has not
	late   func() // cancels the timer
}

// The first lines of such questions and their answers, and of each what it is.
const (
	ownerVerb = "OWNER" // <the place of the first ask in this message>
	ownedVerb = "OWNED" // <the place of the ask that the first answer is to>

	whereVerb = "WHERE" // <id>
	tookLine  = "TOOK"
	noneLine  = "NONE"
	notLine   = "NOT" // this server does not, or cannot
)

// Report has a record taken by a server that holds its client's shard: its AT line,
// with its end, which is copied. done is called as Host.Post calls, once one has it, or
// none has said so in time.
func (m *Member) Report(line []byte, done func(took bool)) {
	m.put(&ask{
		shard: m.o.Shards.Of(idOf(line)), line: bytes.Clone(line),
		done: func(answer []byte, some bool) { done(some && string(answer) == tookLine) },
	})
}

// Ask has the record of a client read by a server that holds its shard. done is called
// as Host.Post calls, with the AT line, without its end, good until it returns; nil if
// there is none, or nobody has answered in time.
func (m *Member) Ask(id []byte, done func(line []byte)) {
	m.put(&ask{
		shard: m.o.Shards.Of(id), line: fmt.Appendf(nil, "%s %s\n", whereVerb, id),
		done: func(answer []byte, some bool) {
			if !some || string(answer) == noneLine {
				answer = nil
			}
			done(answer)
		},
	})
}

// end gives an ask its answer.
func (a *ask) end(answer []byte, some bool) {
	if !a.over {
		a.over = true
		a.done(answer, some)
	}
}

// attempts is how many owners may be waited for, one after the other.
const attempts = 2

// askOwners asks those who hold the shards. What is asked of one of them goes in one
// question, in its order.
func (m *Member) askOwners(asks []*ask) {
	now := m.o.Host.Now()
	var questions []*question
	for _, a := range asks {
		if a.until.IsZero() {
			m.status.Asked++
			a.until = now.Add(m.o.Timeout)
		}
		owner := m.owner(a)
		if owner == nil || !m.up || !now.Before(a.until) {
			m.status.Unanswered++
			a.end(nil, false)
			continue
		}
		i := slices.IndexFunc(questions, func(q *question) bool { return q.owner == owner })
		if i < 0 {
			i = len(questions)
			questions = append(questions, &question{owner: owner})
		}
		questions[i].asks = append(questions[i].asks, a)
	}
	for _, q := range questions {
		m.pose(q)
	}
}

// pose sends one question, in as many messages as it takes.
func (m *Member) pose(q *question) {
	q.told, q.left = make([]bool, len(q.asks)), len(q.asks)
	m.number++
	q.number = m.number
	m.questions[q.number] = q
	q.late = m.o.Host.Later(m.o.Timeout/attempts, func() { m.again(q) })
	for first := 0; first < len(q.asks); {
		body := fmt.Appendf(nil, "%s %d\n", ownerVerb, first)
		for ; first < len(q.asks) && len(body) < pieceSize; first++ {
			body = append(body, q.asks[first].line...)
		}
		m.question(q.owner, q.number, body)
	}
}

// owner is whom to ask: the one that was asked last, while it is there, so that what
// it has shown is not followed by what another has not got yet; else of those who hold
// the shard, one by a hash of the two names, so that not all ask the same.
func (m *Member) owner(a *ask) *peer {
	var best *peer
	var most uint64
	for _, p := range m.peers {
		if !p.agrees || !p.has[a.shard] || slices.Contains(a.tried, p.boot) {
			continue
		}
		if p.boot == m.owners[a.shard] {
			return p
		}
		weight := m.o.Key.Hash([]byte(strconv.Itoa(a.shard) + " " + m.o.Name + " " + p.name))
		if best == nil || weight > most {
			best, most = p, weight
		}
	}
	if best != nil {
		m.owners[a.shard] = best.boot
	}
	return best
}

// again asks others what one has not answered.
func (m *Member) again(q *question) {
	q.late()
	delete(m.questions, q.number)
	var left []*ask
	for _, a := range q.asks {
		if !a.over {
			a.tried = append(a.tried, q.owner.boot)
			left = append(left, a)
		}
	}
	m.askOwners(left)
}

// told takes the answers of one message: those from a place on.
func (m *Member) told(q *question, place string, body []byte) {
	at, err := strconv.Atoi(place)
	if err != nil || at < 0 {
		return
	}
	eachLine(body, func(line []byte) {
		if at < len(q.asks) && !q.told[at] {
			q.told[at] = true
			q.left--
			if string(line) != notLine {
				q.asks[at].end(line, true)
			}
		}
		at++
	})
	if q.left == 0 {
		m.again(q) // those that this one could not answer
	}
}

// owned answers another member's question about clients whose shard we hold.
func (m *Member) owned(h head, answers, first string, body []byte) {
	place, err := strconv.Atoi(first)
	if err != nil {
		m.refuse(h, errNoHead)
		return
	}
	// It may be for others to answer what a journal has failed to save.
	send := func(body []byte) { m.o.Host.Saved(func() { m.answer(answers, body) }) }
	begin := func() []byte { return fmt.Appendf(nil, "%s %d\n", ownedVerb, place) }
	out := begin()
	eachLine(body, func(line []byte) {
		out = m.own(out, line, h.from)
		if place++; len(out) >= pieceSize {
			send(out)
			out = begin()
		}
	})
	send(out)
}

// own appends the answer to one line of such a question.
func (m *Member) own(dst, line []byte, from string) []byte {
	m.status.Owned++
	if id, asks := bytes.CutPrefix(line, []byte(whereVerb+" ")); asks {
		if !m.o.Shards.Holds(id) {
			return append(dst, notLine+"\n"...)
		}
		before := len(dst)
		if dst = m.o.Host.AppendRecord(dst, id); len(dst) == before {
			dst = append(dst, noneLine+"\n"...)
		}
		return dst
	}
	news, err := m.take(line, from)
	if err != nil {
		return append(dst, notLine+"\n"...)
	}
	if news != nil {
		m.Send(news) // for the others who hold it
	}
	return append(dst, tookLine+"\n"...)
}
