package goroutineherd

import "time"

// answers is what a session has to say once its WHATSATs are answered
// and the journal has its reports: commands
// take effect when they are read, but are answered in their order. The zero
// value is empty.
type answers struct {
	list    []*answer
	waiting int // WHATSATs among them
	bytes   int // of the lines that wait
}

// answer is one place in the order.
//
// Twin: a question is given up by a function, as there is no Deferred; the session's
// lock is held for all of this.
type answer struct {
	line  []byte // with its end; of a WHATSAT that waits, the AT line
	ready bool
	asked func()        // gives up the question, while it waits for the upstream
	since time.Duration // when its WHATSAT was carried out, from the server's start

	// Of reports, until the journal has what they brought:
	mark    uint64 // as herd.Backing.Mark; 0: it has
	refusal []byte // the answer if it fails
}

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

// hold puts the answer to a report behind what waits, until what has this mark is
// saved; refusal is in its place if that fails. It reports whether it is the first
// of that mark: reports that came together are answered together.
func (q *answers) hold(line, refusal []byte, mark uint64) (first bool) {
	last := len(q.list) - 1
	if first = last < 0 || q.list[last].mark != mark; first {
		q.list = append(q.list, &answer{mark: mark})
		last++
	}
	a := q.list[last]
	a.line = append(a.line, line...)
	a.refusal = append(a.refusal, refusal...)
	q.bytes += len(line) + len(refusal)
	return first
}

// settle decides the answers to reports whose marks are saved or refused.
func (q *answers) settle(saved, refused uint64) {
	for _, a := range q.list {
		switch {
		case a.mark == 0:
			continue
		case a.mark <= saved:
			q.bytes -= len(a.refusal)
		case a.mark <= refused:
			q.bytes -= len(a.line)
			a.line = a.refusal
		default:
			continue
		}
		a.mark, a.refusal, a.ready = 0, nil, true
	}
}

// begin gives a WHATSAT that waits its first line, which is given without its end.
func (q *answers) begin(a *answer, line []byte) {
	a.line = append(append([]byte(nil), line...), '\n')
	q.bytes += len(a.line)
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
			a.asked()
		}
	}
}
