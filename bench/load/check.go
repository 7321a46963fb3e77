package load

import (
	"bytes"
	"fmt"

	jsoniter "github.com/json-iterator/go"

	"proxyherd/herd"
)

// Errors counts what went wrong.
type Errors struct {
	Wrong      uint64 `json:"wrong"`      // answers that are not what the request asks for
	Unanswered uint64 `json:"unanswered"` // requests without an answer, a few seconds after the end
	Lost       uint64 `json:"lost"`       // connections that the server ended, or that could not be made
	Upstream   uint64 `json:"upstream"`   // WHATSATs whose second line tells of an error

	// First is the first wrong answer beside its request, or how the first
	// connection was lost.
	First string `json:"first,omitempty"`
}

// Sum is how many there are, those of the upstream aside: they are not the server's.
func (e *Errors) Sum() uint64 { return e.Wrong + e.Unanswered + e.Lost }

func (e *Errors) add(more *Errors) {
	e.Wrong += more.Wrong
	e.Unanswered += more.Unanswered
	e.Lost += more.Lost
	e.Upstream += more.Upstream
	e.first(more.First)
}

func (e *Errors) first(what string) {
	if e.First == "" {
		e.First = what
	}
}

// verdict is what one line of an answer is.
type verdict int

const (
	good    verdict = iota
	half            // the first of two lines, and good
	wrong           // and the question is over
	refused         // by the upstream: the form is right
)

// judge says what a line, given with its end, is as the next one of a connection's
// answers.
func (c *conn) judge(line []byte, now int64, otherClock bool) verdict {
	q := &c.questions[c.head]
	switch {
	case q.whatsat && !c.halfway:
		if bytes.Equal(line, c.last[q.own]) {
			return half
		}
		return wrong
	case q.whatsat:
		return judgeJSON(line)
	}
	rest, ok := bytes.CutPrefix(line, c.server.prefix)
	if c.server.prefix == nil {
		rest, ok = c.server.learn(line)
	}
	// The answer ends as the request does, from the blank before the id on.
	rest, ends := bytes.CutSuffix(rest, c.out[q.from+len("IAMAT"):q.to])
	if !ok || !ends || !within(rest, q.at, now, otherClock) {
		return wrong
	}
	if c.last != nil {
		c.last[q.own] = append(c.last[q.own][:0], line...)
	}
	return good
}

// within says whether a text is a difference, and the client's time and it together are
// between the request and its answer.
func within(text []byte, asked, now int64, otherClock bool) bool {
	d, ok := herd.ParseDifference(text)
	if !ok || otherClock {
		return ok
	}
	const most = 1 << 32 // seconds; nanoseconds of more do not fit
	if d.Sec > most || d.Sec < -most {
		return false
	}
	passed := d.Sec*1e9 + int64(d.Nsec)
	return passed >= -int64(clockSlack) && passed <= now-asked+int64(clockSlack)
}

// learn takes a server's name from its first answer, and returns what follows it.
func (s *server) learn(line []byte) (rest []byte, ok bool) {
	rest, ok = bytes.CutPrefix(line, []byte("AT "))
	end := bytes.IndexByte(rest, ' ')
	if !ok || end < 1 {
		return nil, false
	}
	s.prefix = bytes.Clone(line[:len("AT ")+end+1])
	return rest[end+1:], true
}

// judgeJSON judges the second line of a WHATSAT's answer.
func judgeJSON(line []byte) verdict {
	if len(line) < len("{}\n") || line[0] != '{' || !jsoniter.Valid(line) {
		return wrong
	}
	for _, key := range []string{"error", "errors"} {
		if jsoniter.Get(line, key).ValueType() != jsoniter.InvalidValue {
			return refused
		}
	}
	return good
}

// explain shows a wrong answer beside its request.
func (c *conn) explain(line []byte) string {
	q := c.questions[c.head]
	const most = 300
	if len(line) > most {
		line = line[:most]
	}
	return fmt.Sprintf("%s answered %q with %q", c.server.address, c.out[q.from:q.to], line)
}
