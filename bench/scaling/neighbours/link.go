package neighbours

import (
	"bytes"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"proxyherd/herd"
)

// link is one connection with the server: a neighbour's or the client's.
type link struct {
	crowd *Crowd
	conn  net.Conn
	rest  []byte // the beginning of a line

	updates  atomic.Int64 // AT lines that came
	answers  atomic.Int64 // to questions
	in, out  atomic.Int64 // bytes that came, and that were sent
	beating  bool
	question int64 // of the comparison under way; of the goroutine that beats
}

// listen counts what comes until the connection ends.
func (l *link) listen() {
	buffer := make([]byte, 64<<10)
	begin := copy(buffer, l.rest)
	l.count(buffer[:begin])
	for begin = copy(buffer, l.rest); ; begin = copy(buffer, l.rest) {
		n, err := l.conn.Read(buffer[begin:])
		if err != nil {
			l.fail(err)
			return
		}
		l.in.Add(int64(n))
		l.count(buffer[:begin+n])
	}
}

// count counts the lines of some text, and keeps what is no whole line.
func (l *link) count(text []byte) {
	var updates, answers int64
	for {
		end := bytes.IndexByte(text, '\n')
		if end < 0 {
			break
		}
		switch text[0] {
		case 'A':
			updates++
		case 'S':
			answers++
			l.compared(text[:end])
		}
		text = text[end+1:]
	}
	l.rest = text
	l.updates.Add(updates)
	l.answers.Add(answers)
	select {
	case l.crowd.news <- struct{}{}:
	default:
	}
}

// compared ends the comparison of a link that beats: whatever the sums are, nothing
// differs.
func (l *link) compared(sums []byte) {
	if !l.beating {
		return
	}
	fields := bytes.Fields(sums)
	if len(fields) > 1 {
		l.say(fmt.Appendf(nil, "FOUND %s 0\n", fields[1]))
	}
}

// say sends. An error is noticed by who listens.
func (l *link) say(text []byte) {
	n, _ := l.conn.Write(text)
	l.out.Add(int64(n))
}

func (l *link) fail(err error) {
	select {
	case <-l.crowd.over:
	case l.crowd.lost <- fmt.Errorf("%w: %w", ErrLost, err):
	default: // another was first
	}
}

// comparedEvery is how many heartbeats there are from one comparison to the next: half a
// minute's.
const comparedEvery = 15

// beat sends a heartbeat every so often, and a question now and then. The links take
// turns, so that the server does not get all at once.
func (l *link) beat(number int) {
	first := time.NewTimer(herd.BeatEvery * time.Duration(number) / time.Duration(len(l.crowd.links)))
	defer first.Stop()
	select {
	case <-first.C:
	case <-l.crowd.over:
		return
	}
	again := time.NewTicker(herd.BeatEvery)
	defer again.Stop()
	for n := number; ; n++ {
		now := time.Now()
		beat := herd.Beat{Time: herd.Timestamp{Sec: now.Unix(), Nsec: int32(now.Nanosecond())}}
		text := beat.AppendLine(nil)
		if n%comparedEvery == 0 {
			l.question++
			text = fmt.Appendf(text, "ASKSUMS %d 0 0 1\n", l.question)
		}
		l.say(text)
		select {
		case <-again.C:
		case <-l.crowd.over:
			return
		}
	}
}
