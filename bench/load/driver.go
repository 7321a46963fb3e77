package load

import (
	"bytes"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"golang.org/x/sys/unix"
)

const (
	// patience is how long answers are awaited after the end.
	patience = 3 * time.Second
	// silence is how long all servers may answer nothing before they are given up.
	silence = 30 * time.Second
	// never is a time that does not come.
	never = int64(1) << 62
)

// driver is one thread's part of the load.
type driver struct {
	options *Options
	dialect dialect
	clock   clock
	atlas   *atlas
	poll    *poll
	conns   []*conn
	askers  []*asker
	living  int    // connections that are not lost
	open    int    // questions, on all of them
	in      []byte // what was read
	spins   bool   // it must not sleep while more is due
	next    int64  // when the next is due, where it may sleep until then; 0: nobody says
	preload bool   // its clients are being reported for the first time

	// The part of time that counts: begun is called when it begins and ended when it
	// is over, on this thread.
	from, until  int64
	begun, ended func()
	gone         func(*conn) error // a server has ended a connection without questions; nil: it must not
	stop         <-chan struct{}   // closed when it shall end early

	latency, lag *hdrhistogram.Histogram
	spans        *spans // of an open loop; nil: they are not wanted
	same, times  int64  // a latency that is not yet recorded, and how many had it
	replies, all uint64 // good answers: in the part that counts, and since the beginning
	heard        int64  // when the last answer came
	errors       Errors
	told         *told
	busy         time.Duration // processor time of this thread, in what has counted
	spent        time.Duration // and when the part that counts began
}

// told is what the other goroutines may know while it runs.
type told struct{ replies, errors atomic.Uint64 }

// A latency is recorded in nanoseconds, to three digits, and up to a minute.
const (
	mostLatency = int64(time.Minute)
	digits      = 3
)

func newHistogram() *hdrhistogram.Histogram { return hdrhistogram.New(1, mostLatency, digits) }

func newDriver(o *Options, c clock, a *atlas) (*driver, error) {
	p, err := newPoll()
	if err != nil {
		return nil, err
	}
	return &driver{
		options: o, dialect: dialects[o.Dialect], clock: c, atlas: a, poll: p, in: make([]byte, 256<<10), told: new(told),
		latency: newHistogram(), lag: newHistogram(), until: never,
	}, nil
}

// connect opens a connection for the clients with that number.
func (d *driver) connect(s *server, number int) error { return d.connectFrom(s, number, nil) }

// connectFrom is connect from an address of this side.
func (d *driver) connectFrom(s *server, number int, from *unix.SockaddrInet4) error {
	fd, err := dial(s.address, from)
	if err != nil {
		return err
	}
	c := &conn{fd: fd, number: len(d.conns), server: s, people: newPopulation(d.options, number)}
	if d.options.Whatsat > 0 {
		c.last = make([][]byte, c.people.count)
	}
	d.conns = append(d.conns, c)
	d.living++
	return d.poll.watch(unix.EPOLL_CTL_ADD, fd, c.number, false)
}

func (d *driver) close() {
	for _, c := range d.conns {
		if !c.lost {
			unix.Close(c.fd)
		}
	}
	for _, a := range d.askers {
		a.close()
	}
	unix.Close(d.poll.fd)
}

// loadAll reports every client once.
func (d *driver) loadAll() error {
	const pipeline = 64
	d.preload = true
	defer func() { d.preload = false }()
	return d.loop(func(c *conn) {
		for now := d.clock.now(); c.waiting() < pipeline && c.people.loaded < c.people.count; c.people.loaded++ {
			c.report(d, c.people.loaded, now, now)
		}
	}, nil)
}

// closed runs the closed loop until the end.
func (d *driver) closed() error {
	return d.loop(func(c *conn) {
		now := d.clock.now()
		if now >= d.until {
			return
		}
		for range d.options.Pipeline {
			c.ask(d, now, now)
		}
	}, nil)
}

// timed runs the open loop: every so many nanoseconds from start on a request is due.
func (d *driver) timed(start int64, interval float64) error {
	turn, made := 0, 0
	due := start
	d.spins = true
	return d.loop(func(*conn) {}, func(now int64) (more bool) {
		for ; due <= now && due < d.until && d.living > 0; due = start + int64(float64(made)*interval) {
			made++
			for d.conns[turn].lost {
				turn = (turn + 1) % len(d.conns)
			}
			c := d.conns[turn]
			turn = (turn + 1) % len(d.conns)
			leaves := d.clock.now()
			c.ask(d, due, leaves)
			d.send(c)
			if due >= d.from {
				_ = d.lag.RecordValue(min(leaves-due, mostLatency)) // it is in range
			}
		}
		return due < d.until
	})
}

// loop sends and takes answers until nothing waits, or patience ends. next gives a
// connection without open questions its next ones, if it shall have any; due, if not nil,
// gives them as time passes, and says whether there will be more.
func (d *driver) loop(next func(*conn), due func(now int64) (more bool)) error {
	for _, c := range d.conns {
		if c.waiting() == 0 && !c.lost {
			next(c)
			d.send(c)
		}
	}
	for d.heard = d.clock.now(); ; {
		now := d.clock.now()
		d.mark(now)
		d.told.replies.Store(d.all)
		d.told.errors.Store(d.errors.Sum())
		select {
		case <-d.stop:
			d.until = min(d.until, now)
		default:
		}
		more := due != nil && due(now)
		if d.living == 0 || !more && (d.open == 0 || now > d.until+int64(patience) || now > d.heard+int64(silence)) {
			break
		}
		milliseconds := 100
		switch {
		case more && d.spins:
			milliseconds = 0 // the kernel's timers are coarser than a request's distance
		case now < d.until:
			milliseconds = int(min(100, (d.until-now)/1e6+1))
		}
		var events []unix.EpollEvent
		var err error
		if more && d.next > 0 {
			events, err = d.poll.waitFor(time.Duration(d.next - d.clock.now()))
		} else {
			events, err = d.poll.wait(milliseconds)
		}
		if err != nil {
			return err
		}
		for _, e := range events {
			if e.Fd < 0 {
				d.askers[^e.Fd].answered(d)
				continue
			}
			c := d.conns[e.Fd]
			if e.Events&unix.EPOLLOUT != 0 {
				d.send(c)
			}
			if e.Events&^unix.EPOLLOUT != 0 {
				d.receive(c)
			}
			if c.waiting() == 0 && !c.lost {
				next(c)
				d.send(c)
			}
		}
	}
	d.finish()
	return nil
}

// mark notices when the part that counts begins and ends.
func (d *driver) mark(now int64) {
	if d.begun != nil && now >= d.from {
		d.spent = threadTime()
		d.begun()
		d.begun = nil
	}
	if d.ended != nil && now >= d.until {
		d.ended()
		d.busy += threadTime() - d.spent
		d.ended = nil
	}
}

// finish counts what was never answered.
func (d *driver) finish() {
	d.errors.Unanswered = 0 // those of an earlier loop are among them, or were answered since
	for _, c := range d.conns {
		d.errors.Unanswered += uint64(c.waiting())
		if n := c.waiting(); n > 0 {
			q := c.questions[c.head]
			d.errors.first(fmt.Sprintf("%s has not answered %q", c.server.address, c.out[q.from:q.to]))
		}
	}
	d.record(0, 0)
	d.mark(never)
}

// send writes what the socket takes.
func (d *driver) send(c *conn) {
	for c.sent < len(c.out) && !c.lost {
		n, errno := write(c.fd, c.out[c.sent:])
		switch errno {
		case 0:
			c.sent += n
		case unix.EINTR:
		case unix.EAGAIN:
			if !c.blocked {
				c.blocked = true
				d.watch(c)
			}
			return
		default:
			d.lose(c, errno)
			return
		}
	}
	if c.blocked && !c.lost {
		c.blocked = false
		d.watch(c)
	}
}

// watch waits for what the connection needs now.
func (d *driver) watch(c *conn) {
	if err := d.poll.watch(unix.EPOLL_CTL_MOD, c.fd, c.number, c.blocked); err != nil {
		d.lose(c, err)
	}
}

// receive reads, and judges the answers.
func (d *driver) receive(c *conn) {
	before := copy(d.in, c.partial)
	n, errno := read(c.fd, d.in[before:])
	switch {
	case errno == unix.EAGAIN || errno == unix.EINTR:
		return
	case errno != 0:
		d.lose(c, errno)
		return
	case n == 0:
		if d.gone == nil || c.waiting() > 0 {
			d.lose(c, errEnded)
			return
		}
		if err := d.gone(c); err != nil {
			d.lose(c, err)
		}
		return
	}
	rest := d.take(c, d.in[:before+n])
	c.partial = append(c.partial[:0], rest...)
	if len(rest) > len(d.in)/2 {
		d.lose(c, fmt.Errorf("a line of more than %d bytes", len(rest)))
	}
}

// take judges the lines that are whole, and returns what follows them.
func (d *driver) take(c *conn, data []byte) (rest []byte) {
	now := d.clock.now()
	for {
		end := bytes.IndexByte(data, '\n')
		if end < 0 || c.lost {
			break
		}
		line := data[:end+1]
		data = data[end+1:]
		if c.waiting() == 0 {
			d.errors.Wrong++
			d.errors.first(fmt.Sprintf("%s sent %q, which nobody had asked for", c.server.address, line))
			continue
		}
		due := c.questions[c.head].due
		switch d.dialect.judge(c, line, now, d.options.OtherClock) {
		case half:
			c.halfway = true
			continue
		case wrong:
			d.errors.Wrong++
			d.errors.first(c.explain(line))
		case refused:
			d.errors.Upstream++
			fallthrough
		case good:
			d.count(due, now)
		}
		c.answered()
		d.open--
	}
	d.heard = now
	return data
}

// count counts a good answer.
func (d *driver) count(due, now int64) {
	d.all++
	if d.preload {
		return
	}
	if now >= d.from && now < d.until {
		d.replies++
	}
	if due >= d.from && due < d.until {
		d.record(now-due, 1)
		d.spans.record(due-d.from, now-due)
	}
}

// record notes a latency. Those of one pipeline are mostly the same, and are noted at once.
func (d *driver) record(latency, times int64) {
	if latency == d.same && times > 0 {
		d.times++
		return
	}
	if d.times > 0 {
		_ = d.latency.RecordValues(min(max(d.same, 1), mostLatency), d.times) // it is in range
	}
	d.same, d.times = latency, times
}

// lose gives a connection up.
func (d *driver) lose(c *conn, why error) {
	if c.lost {
		return
	}
	c.lost = true
	d.living--
	d.open -= c.waiting()
	d.errors.Lost++
	d.errors.first(fmt.Sprintf("the connection to %s was lost: %v", c.server.address, why))
	unix.Close(c.fd)
}
