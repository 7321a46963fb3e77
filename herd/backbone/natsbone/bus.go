package natsbone

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"proxyherd/herd/backbone"
)

// Options is where and how to connect.
type Options struct {
	URL         string // of one server, or several with commas between
	Name        string // shown in what NATS tells about its connections
	Credentials string // path of a .creds file; "": none
	CA          string // path of a PEM file; "": the system's
}

// Bus is a backbone.Bus. New makes it; Close ends it.
type Bus struct {
	o     Options
	files []nats.Option // that come of the Options' files
	to    backbone.Receiver
	come  chan *nats.Msg // what has come, in its order, whatever the subject
	end   chan struct{}  // closed by Close
	run   sync.WaitGroup

	mu         sync.Mutex
	conn       *nats.Conn
	subscribed bool
	up         bool               // Opened was told last
	waiting    []backbone.Message // to be published
	bytes      int                // of their Data
	closed     bool
	work       chan struct{} // holds one: something waits
}

// New returns a bus that does nothing before Start. The error says what is wrong with
// the files.
func New(o Options) (*Bus, error) {
	b := &Bus{o: o, come: make(chan *nats.Msg, mostComing), end: make(chan struct{}), work: make(chan struct{}, 1)}
	// nats.go reads credentials when it connects, and would say so only then, again and
	// again.
	var settings nats.Options
	if o.CA != "" {
		b.files = append(b.files, nats.RootCAs(o.CA))
		if err := b.files[0](&settings); err != nil {
			return nil, fmt.Errorf("backbone.ca_file: %w", err)
		}
	}
	if o.Credentials != "" {
		proves := nats.UserCredentials(o.Credentials)
		b.files = append(b.files, proves)
		err := proves(&settings)
		if err == nil {
			_, err = settings.UserJWT()
		}
		if err == nil {
			_, err = settings.SignatureCB([]byte("a nonce"))
		}
		if err != nil {
			return nil, fmt.Errorf("backbone.credentials_file: %w", err)
		}
	}
	return b, nil
}

// mostComing is how many messages that have come may wait; what comes beyond is dropped
// by the client, which says so.
const mostComing = 8192

// How the connection is kept. A server that says nothing is given up after three pings,
// as a neighbour is whose heartbeats fail.
const (
	dialTimeout = 2 * time.Second
	redialWait  = 200 * time.Millisecond
	redialMore  = 300 * time.Millisecond // at random
	pingEvery   = 2 * time.Second
	pingsMissed = 2
	writeMost   = 5 * time.Second
	endTimeout  = 2 * time.Second
)

// errSmallPayload says that a NATS server cannot carry our messages.
var errSmallPayload = errors.New("the NATS server's max_payload is too small")

// Start implements backbone.Bus.
func (b *Bus) Start(subjects []string, to backbone.Receiver) {
	b.to = to
	b.run.Go(func() { b.connect(subjects) })
	b.run.Go(b.write)
	b.run.Go(b.read)
}

// connect goes on by itself until Close, whether the server is there or not.
func (b *Bus) connect(subjects []string) {
	options := append(b.files,
		nats.Name(b.o.Name), nats.NoEcho(), nats.Timeout(dialTimeout),
		nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.IgnoreAuthErrorAbort(),
		nats.ReconnectWait(redialWait), nats.ReconnectJitter(redialMore, redialMore),
		// What cannot be sent is lost, and mended later. Kept, it would come too late.
		nats.ReconnectBufSize(-1), nats.FlusherTimeout(writeMost),
		nats.PingInterval(pingEvery), nats.MaxPingsOutstanding(pingsMissed),
		nats.ConnectHandler(func(*nats.Conn) { b.changed(nil) }),
		nats.ReconnectHandler(func(*nats.Conn) { b.reconnected() }),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) { b.changed(err) }),
		nats.ReconnectErrHandler(func(_ *nats.Conn, err error) { b.changed(err) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { b.failed(err) }),
	)
	conn, err := nats.Connect(b.o.URL, options...)
	if err != nil {
		b.to.Lost(fmt.Errorf("connecting to %s: %w", b.o.URL, err))
		return
	}
	for _, subject := range subjects {
		if _, err := conn.ChanSubscribe(subject, b.come); err != nil {
			conn.Close()
			b.to.Lost(fmt.Errorf("listening to %s: %w", subject, err))
			return
		}
	}
	b.mu.Lock()
	b.conn, b.subscribed = conn, true
	closed := b.closed
	b.mu.Unlock()
	if closed {
		conn.Close()
		return
	}
	b.changed(nil)
}

// changed tells the receiver what has become of the connection. nats.go says so on one
// goroutine, and connect once on another.
func (b *Bus) changed(why error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.subscribed || b.closed {
		return
	}
	switch up := b.conn.IsConnected(); {
	case up && b.conn.MaxPayload() < backbone.MaxData:
		b.up = false
		b.to.Lost(fmt.Errorf("%w: it is %d, and %d are needed", errSmallPayload, b.conn.MaxPayload(), backbone.MaxData))
	case up && !b.up:
		b.up = true
		b.to.Opened()
	case !up:
		b.up = false
		if why == nil {
			why = nats.ErrDisconnected
		}
		b.to.Lost(why)
	}
}

// reconnected tells that there is another connection, though the end of the last was
// passed over, as it was told when this one was there already.
func (b *Bus) reconnected() {
	b.mu.Lock()
	if b.up && !b.closed {
		b.up = false
		b.to.Lost(nats.ErrDisconnected)
	}
	b.mu.Unlock()
	b.changed(nil)
}

// failed takes what goes wrong while there is a connection.
func (b *Bus) failed(err error) {
	if errors.Is(err, nats.ErrSlowConsumer) {
		b.to.Missed()
	}
}

// Close sends what waits, for as long as that may take, and ends the bus. Nothing is
// told after it has returned.
func (b *Bus) Close() {
	b.mu.Lock()
	conn, again := b.conn, b.closed
	b.closed = true
	b.mu.Unlock()
	if again {
		return
	}
	close(b.end)
	if conn != nil {
		b.sendAll(conn)
		_ = conn.FlushTimeout(endTimeout) // it may be gone
		conn.Close()
	}
	b.run.Wait()
}
