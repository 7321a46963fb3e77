package load

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// settleFor is how long the load waits for askers whose first answers take long.
const settleFor = 5 * time.Second

// asker is a connection of a driver's, beside those of the load, that asks what is near a
// client of its own, one WHATSAT after the other. It is on the driver's thread, as each
// answer that another thread had to be woken for would make what is due then late.
type asker struct {
	fd       int
	number   int // among all
	question []byte
	lines    int   // of the answer under way that are still to come
	asked    int64 // when its question left
	settled  bool  // it has been answered once, and does not wait after the next
	resumes  int64 // when it asks again; never, unless it waits
	lost     bool  // the server may well cut it off
}

// connectAsker opens the connection of the asker with that number, and reports its client.
func (d *driver) connectAsker(address string, number int) error {
	fd, err := dial(address, nil)
	if err != nil {
		return err
	}
	id := fmt.Sprintf("asker%d.load.test", number)
	question := fmt.Appendf(nil, "WHATSAT %s %d %d\n", id, d.options.Radius, d.options.Limit)
	a := &asker{fd: fd, number: number, question: question, resumes: never}
	d.askers = append(d.askers, a)
	if err := d.poll.watch(unix.EPOLL_CTL_ADD, fd, ^(len(d.askers) - 1), false); err != nil {
		return err
	}
	// Nobody else asks about a place like this one: no answer is had without asking.
	a.send(fmt.Appendf(nil, "IAMAT %s +34.%06d-118.445127 %d\n", id, number, time.Now().Unix()), 1)
	return nil
}

// send sends a line, to which so many are the answer.
func (a *asker) send(line []byte, answer int) {
	a.lines = answer
	// The buffer of a socket on which nothing else is under way takes a line.
	if n, errno := write(a.fd, line); n != len(line) || errno != 0 {
		a.close()
	}
}

func (a *asker) ask(now int64) {
	a.asked, a.resumes = now, never
	a.send(a.question, 2)
}

// answered takes what has come, and asks again once that was the whole answer.
func (a *asker) answered(d *driver) {
	n, errno := read(a.fd, d.in)
	switch {
	case errno == unix.EAGAIN || errno == unix.EINTR:
		return
	case errno != 0 || n == 0:
		a.close()
		return
	}
	a.lines -= bytes.Count(d.in[:n], []byte("\n"))
	if a.lines > 0 {
		return
	}
	now := d.clock.now()
	if a.settled || a.asked == 0 {
		a.ask(now)
		return
	}
	a.settled = true
	a.resumes = now + int64(spread(time.Duration(now-a.asked), a.number, d.options.Askers))
}

func (a *asker) close() {
	if !a.lost {
		a.lost, a.resumes = true, never
		unix.Close(a.fd)
	}
}

// settle has the askers ask once, all at one moment, and then again at moments that are
// spread.
func (d *driver) settle(ctx context.Context) error {
	const look = 100 * time.Millisecond // for the end of ctx
	for end := d.clock.now() + int64(settleFor); ctx.Err() == nil; {
		now := d.clock.now()
		next, settled := now+int64(look), true
		for _, a := range d.askers {
			if a.resumes <= now || a.resumes != never && now >= end {
				a.ask(now)
			}
			settled = settled && (a.lost || a.settled && a.resumes == never)
			next = min(next, a.resumes)
		}
		if settled || now >= end {
			break
		}
		events, err := d.poll.waitFor(time.Duration(next - now))
		if err != nil {
			return err
		}
		for _, e := range events {
			if e.Fd < 0 {
				d.askers[^e.Fd].answered(d)
			}
		}
	}
	for _, a := range d.askers {
		a.settled = true // those that are late do not wait once more
	}
	return ctx.Err()
}

// spread is how long one of so many askers waits after its first answer, so that they do
// not all ask in the same moments from then on, as no clients would: its share of the time
// that the answer took.
func spread(took time.Duration, number, askers int) time.Duration {
	return took * time.Duration(number) / time.Duration(askers)
}
