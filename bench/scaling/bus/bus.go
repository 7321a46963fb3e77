// Package bus measures a server of messages, NATS, by itself: what it costs to take one
// that is published, and to deliver it to so many subscribers. They are stand-ins that
// count, in this process, whose processor time is not counted.
//
// It speaks what is needed of NATS's text protocol: CONNECT, SUB, PUB, and PING, whose
// answer comes once all before it has been taken.
package bus

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"proxyherd/bench/load"
	"proxyherd/bench/peers"
)

// Peer is NATS's server as the bench starts it.
var Peer = peers.Peer{
	Name: "nats", Title: "NATS", Start: []string{"nats-server", "-a", "{host}", "-p", "{port}"}, Tells: []string{"nats-server", "--version"}, Package: "nats-server",
}

// patience is how long anything may take that ought to come at once.
const patience = 30 * time.Second

// What ends a measurement.
var (
	ErrStuck  = errors.New("the server of messages has not delivered what is due")
	ErrAnswer = errors.New("the server of messages answers with something else")
)

// Bus is a server, one who publishes, and subscribers.
type Bus struct {
	pid         int
	publisher   *end
	subscribers []*end
	news        chan struct{} // something has come; holds one
	lost        chan error    // a connection has ended; holds one
	over        chan struct{} // closed by Close
	all         sync.WaitGroup
}

// end is a connection.
type end struct {
	conn     net.Conn
	in       *bufio.Reader
	messages atomic.Int64 // that were delivered
	pongs    atomic.Int64 // answers to pings
}

// Connect connects a publisher and so many subscribers. Close ends them.
func Connect(ctx context.Context, server *peers.Server, subscribers int) (*Bus, error) {
	b := &Bus{pid: server.PID, news: make(chan struct{}, 1), lost: make(chan error, 1), over: make(chan struct{})}
	if err := b.connect(ctx, server.Address, subscribers); err != nil {
		b.Close()
		return nil, err
	}
	for _, e := range append([]*end{b.publisher}, b.subscribers...) {
		b.all.Go(func() { b.listen(e) })
	}
	return b, nil
}

func (b *Bus) connect(ctx context.Context, address string, subscribers int) (err error) {
	if b.publisher, err = dial(ctx, address, ""); err != nil {
		return err
	}
	for range subscribers {
		e, err := dial(ctx, address, "SUB herd 1\r\n")
		if err != nil {
			return err
		}
		b.subscribers = append(b.subscribers, e)
	}
	return nil
}

// Close ends all connections, and returns once nothing of them runs.
func (b *Bus) Close() {
	close(b.over)
	if b.publisher != nil {
		_ = b.publisher.conn.Close() // there is nothing left to lose
	}
	for _, e := range b.subscribers {
		_ = e.conn.Close()
	}
	b.all.Wait()
}

// dial connects, says a line more, and waits until the server has taken it.
func dial(ctx context.Context, address, line string) (*end, error) {
	var dialler net.Dialer
	conn, err := dialler.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	e := &end{conn: conn, in: bufio.NewReader(conn)}
	if err := e.greet(line); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return e, nil
}

func (e *end) greet(line string) error {
	if err := e.conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if _, err := io.WriteString(e.conn, `CONNECT {"verbose":false,"pedantic":false}`+"\r\n"+line+ping); err != nil {
		return err
	}
	for _, want := range []string{"INFO ", strings.TrimSpace(pong)} {
		answer, err := e.in.ReadString('\n')
		if err != nil {
			return err
		}
		if !strings.HasPrefix(answer, want) {
			return fmt.Errorf("%w: %q, and not %s", ErrAnswer, answer, want)
		}
	}
	return e.conn.SetDeadline(time.Time{})
}

const (
	ping = "PING\r\n"
	pong = "PONG\r\n"
)

// listen counts what comes until the connection ends.
func (b *Bus) listen(e *end) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := e.in.Read(buffer)
		if err != nil {
			select {
			case <-b.over:
			case b.lost <- err:
			default: // another was first
			}
			return
		}
		e.count(buffer[:n])
		select {
		case b.news <- struct{}{}:
		default:
		}
	}
}

// count counts what comes by letters, however it is cut: an M is in MSG alone, as messages
// are of x, an O in PONG, and an I in the server's own PING, which it wants answered.
func (e *end) count(text []byte) {
	e.messages.Add(int64(bytes.Count(text, []byte("M"))))
	e.pongs.Add(int64(bytes.Count(text, []byte("O"))))
	if bytes.IndexByte(text, 'I') >= 0 {
		_, _ = io.WriteString(e.conn, pong) // an error is noticed by who listens
	}
}

// Load is what is published.
type Load struct {
	Line     int           // bytes of a message
	Batch    int           // messages in a write; the next follows once they are delivered
	Every    time.Duration // the time from one batch to the next, at least
	Duration time.Duration // how long new batches are begun
}

// Count is what came of a load.
type Count struct {
	Messages int // that were published
	Seconds  float64
	CPU      time.Duration // of the server, until the last was delivered
}

// Run publishes, and waits until everything is delivered. The error wraps ErrStuck, or is
// ctx's.
func (b *Bus) Run(ctx context.Context, l Load) (*Count, error) {
	message := strings.Repeat("x", l.Line)
	text := []byte(strings.Repeat(fmt.Sprintf("PUB herd %d\r\n%s\r\n", l.Line, message), l.Batch))
	pings := int64(0)
	if l.Batch > 1 { // of one alone the answer would cost as much as the message
		text, pings = append(text, ping...), 1
	}
	deliveredBefore, pongsBefore := b.delivered(), b.publisher.pongs.Load()
	before, err := load.ProcessorTime([]int{b.pid})
	if err != nil {
		return nil, err
	}
	start, batches := time.Now(), int64(0)
	for next := start; time.Since(start) < l.Duration; next = next.Add(l.Every) {
		select {
		case <-time.After(time.Until(next)):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if _, err := b.publisher.conn.Write(text); err != nil {
			return nil, err
		}
		batches++
		if err := b.await(ctx, func() bool {
			return b.delivered()-deliveredBefore >= batches*int64(l.Batch*len(b.subscribers)) && b.publisher.pongs.Load()-pongsBefore >= batches*pings
		}); err != nil {
			return nil, err
		}
	}
	count := &Count{Messages: int(batches) * l.Batch, Seconds: time.Since(start).Seconds()}
	after, err := load.ProcessorTime([]int{b.pid})
	count.CPU = after - before
	return count, err
}

// delivered is how many messages have come to all subscribers.
func (b *Bus) delivered() (sum int64) {
	for _, e := range b.subscribers {
		sum += e.messages.Load()
	}
	return sum
}

func (b *Bus) await(ctx context.Context, met func() bool) error {
	stuck := time.NewTimer(patience)
	defer stuck.Stop()
	for !met() {
		select {
		case <-b.news:
		case err := <-b.lost:
			return fmt.Errorf("%w: %w", ErrStuck, err)
		case <-ctx.Done():
			return ctx.Err()
		case <-stuck.C:
			return fmt.Errorf("%w, after %v", ErrStuck, patience)
		}
	}
	return nil
}
