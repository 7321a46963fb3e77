package load

import (
	"fmt"
	"net"
	"strconv"

	"golang.org/x/sys/unix"
)

// question is a request that has not been answered.
type question struct {
	due      int64 // latency counts from here, in nanoseconds since 1970
	at       int64 // the client's time in the request
	from, to int   // where the line stands in conn.out
	own      uint32
	whatsat  bool
}

// conn is a connection and the clients that report over it.
type conn struct {
	fd     int
	number int // among the driver's
	server *server
	people population

	out       []byte // the lines of the questions, and those that are on their way
	sent      int    // bytes of it
	blocked   bool   // the socket takes no more for now
	questions []question
	head      int    // the first that is not answered
	halfway   bool   // its AT line has come, and the line of JSON has not
	partial   []byte // the beginning of a line
	latest    int64  // the last time that a client gave: each is later than the one before
	lost      bool

	last [][]byte // each client's last answer, where WHATSATs are asked
}

// server is what is known of a server: its name comes from its first answer.
type server struct {
	address string
	prefix  []byte // "AT name "
}

// dial connects to a server. from, if not nil, is the address of this side.
func dial(address string, from *unix.SockaddrInet4) (fd int, err error) {
	to, err := net.ResolveTCPAddr("tcp4", address)
	if err != nil {
		return -1, fmt.Errorf("%w: %s: %w", ErrOptions, address, err)
	}
	fd, err = unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("a socket: %w", err)
	}
	if from != nil {
		// The port is chosen by connect, so that one that is used for another
		// destination will do.
		if err = unix.SetsockoptInt(fd, unix.SOL_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1); err == nil {
			err = unix.Bind(fd, from)
		}
	}
	if err == nil {
		err = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	}
	for again := err == nil; again; again = err == unix.EINTR {
		err = unix.Connect(fd, &unix.SockaddrInet4{Port: to.Port, Addr: [4]byte(to.IP.To4())})
	}
	if err == nil {
		err = unix.SetNonblock(fd, true)
	}
	if err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("connecting to %s: %w", address, err)
	}
	return fd, nil
}

// waiting is how many questions are open.
func (c *conn) waiting() int { return len(c.questions) - c.head }

// report appends a report of one of its clients.
func (c *conn) report(d *driver, own uint32, due, now int64) {
	from := len(c.out)
	c.latest = max(now, c.latest+1)
	d.open++
	d.dialect.report(d, c, own)
	c.questions = append(c.questions, question{due: due, at: c.latest, from: from, to: len(c.out), own: own})
}

// ask appends the next request, which was due at a time and leaves now.
func (c *conn) ask(d *driver, due, now int64) {
	own := c.people.next()
	if c.last == nil || c.last[own] == nil || c.people.random.Float64() >= d.options.Whatsat {
		c.report(d, own, due, now)
		return
	}
	from := len(c.out)
	d.open++
	c.out = append(appendID(append(c.out, "WHATSAT "...), c.people.client(own)), ' ')
	c.out = append(strconv.AppendInt(c.out, int64(d.options.Radius), 10), ' ')
	c.out = append(strconv.AppendInt(c.out, int64(d.options.Limit), 10), '\n')
	c.questions = append(c.questions, question{due: due, from: from, to: len(c.out), own: own, whatsat: true})
}

// answered takes the first question off.
func (c *conn) answered() {
	c.head++
	c.halfway = false
	const many = 4096
	switch {
	case c.waiting() == 0 && c.sent == len(c.out):
		c.questions, c.out, c.head, c.sent = c.questions[:0], c.out[:0], 0, 0
	case c.head > many && c.head > len(c.questions)/2:
		c.forget()
	}
}

// forget moves what is still needed to the front.
func (c *conn) forget() {
	cut := c.sent // all that was answered was sent
	if c.waiting() > 0 {
		cut = min(cut, c.questions[c.head].from)
	}
	c.questions = c.questions[:copy(c.questions, c.questions[c.head:])]
	for i := range c.questions {
		c.questions[i].from -= cut
		c.questions[i].to -= cut
	}
	c.out = c.out[:copy(c.out, c.out[cut:])]
	c.head, c.sent = 0, c.sent-cut
}
