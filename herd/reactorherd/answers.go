package reactorherd

import (
	"time"

	"proxyherd/reactor/deferred"
)

// answers is what a session has to say once its WHATSATs are answered: commands
// take effect when they are read, but are answered in their order. The zero
// value is empty.
type answers struct {
	list    []*answer
	waiting int // WHATSATs among them
	bytes   int // of the lines that wait
}

// answer is one place in the order.
//
// Twin: a question is given up by cancelling its Deferred; no other goroutine has a
// hand on it.
type answer struct {
	line  []byte // with its end; of a WHATSAT that waits, the AT line
	ready bool
	asked interface{ Cancel() } // while it waits for the upstream
	since time.Duration         // when its WHATSAT was carried out, from the server's start
}

var _ interface{ Cancel() } = (*deferred.Deferred[int])(nil)

func (q *answers) empty() bool { return len(q.list) == 0 }

// add puts a copy of a line behind what waits.
func (q *answers) add(line []byte) {
	q.list = append(q.list, &answer{line: append([]byte(nil), line...), ready: true})
	q.bytes += len(line)
}

// wait keeps a place for an answer that begins with line.
func (q *answers) wait(line []byte) *answer {
	a := &answer{line: append([]byte(nil), line...)}
	q.list = append(q.list, a)
	q.waiting++
	q.bytes += len(line)
	return a
}

// complete adds the second line of a WHATSAT's answer.
func (q *answers) complete(a *answer, line []byte) {
	a.line = append(append(a.line, line...), '\n')
	a.ready, a.asked = true, nil
	q.waiting--
	q.bytes += len(line) + 1
}

// send hands over the answers that wait for nothing any more.
func (q *answers) send(write func(line []byte)) {
	for len(q.list) > 0 && q.list[0].ready {
		a := q.list[0]
		q.list[0] = nil
		q.list = q.list[1:]
		q.bytes -= len(a.line)
		write(a.line)
	}
}

// cancel gives up the questions that are still under way.
func (q *answers) cancel() {
	for _, a := range q.list {
		if a.asked != nil {
			a.asked.Cancel()
		}
	}
}
