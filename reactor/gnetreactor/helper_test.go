//go:build linux

package gnetreactor

import (
	"net"
	"strconv"
	"testing"
	"time"

	"go.uber.org/goleak"

	"proxyherd/reactor"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// gnet's worker pool starts these when it is imported.
		goleak.IgnoreTopFunction("github.com/panjf2000/ants/v2.(*poolCommon).purgeStaleWorkers"),
		goleak.IgnoreTopFunction("github.com/panjf2000/ants/v2.(*poolCommon).ticktock"))
}

// within is how long a test waits for what should take milliseconds, before it
// is called hung.
const within = 20 * time.Second

// conversation is a protocol made of functions; each may be nil.
type conversation struct {
	transport reactor.TCPTransport
	made      func(c *conversation)
	received  func(c *conversation, data []byte) error
	lost      func(c *conversation, reason error)
}

func (c *conversation) MakeConnection(self reactor.Protocol, t reactor.Transport) {
	c.transport = t.(reactor.TCPTransport)
	self.ConnectionMade()
}

func (c *conversation) ConnectionMade() {
	if c.made != nil {
		c.made(c)
	}
}

func (c *conversation) DataReceived(_ reactor.Protocol, data []byte) error {
	if c.received != nil {
		return c.received(c, data)
	}
	return nil
}

func (c *conversation) ConnectionLost(reason error) {
	if c.lost != nil {
		c.lost(c, reason)
	}
}

// builder is a client factory around one function.
type builder struct {
	build  func(reactor.Address) reactor.Protocol
	failed func(reason error)
	lost   func(reason error)
	starts int
}

func (b *builder) BuildProtocol(a reactor.Address) reactor.Protocol { return b.build(a) }
func (b *builder) DoStart(reactor.Factory)                          { b.starts++ }
func (b *builder) DoStop(reactor.Factory)                           { b.starts-- }
func (b *builder) StartedConnecting(reactor.Connector)              {}
func (b *builder) ClientConnectionFailed(_ reactor.Connector, reason error) {
	if b.failed != nil {
		b.failed(reason)
	}
}
func (b *builder) ClientConnectionLost(_ reactor.Connector, reason error) {
	if b.lost != nil {
		b.lost(reason)
	}
}

// each makes a factory that builds a protocol of its own for every connection.
func each(build func() *conversation) *builder {
	return &builder{build: func(reactor.Address) reactor.Protocol { return build() }}
}

// testLog fails the test on what is logged as an error, unless that is wanted.
type testLog struct {
	t      *testing.T
	errors int
	wanted bool
	texts  []string
}

func (l *testLog) Msg(_, message string) { l.texts = append(l.texts, message) }
func (l *testLog) Err(prefix string, err error, why string) {
	l.errors++
	l.texts = append(l.texts, why)
	if !l.wanted {
		l.t.Errorf("logged by %s: %s: %v", prefix, why, err)
	}
}

// newTestReactor is a reactor that leaves signals alone.
func newTestReactor(t *testing.T, config Config) (*Reactor, *testLog) {
	log := &testLog{t: t}
	config.Log, config.NoSignalHandlers = log, true
	return New(config), log
}

// run turns the loop until Stop, and fails the test if that takes too long.
func run(t *testing.T, r *Reactor) {
	t.Helper()
	late := time.AfterFunc(within, func() { panic("the reactor did not stop: " + t.Name()) })
	defer late.Stop()
	if err := r.Run(); err != nil {
		t.Fatalf("Run: %v", err)
	}
}

// listen opens a port on loopback and gives its number.
func listen(t *testing.T, r *Reactor, f reactor.Factory) int {
	t.Helper()
	p, err := r.ListenTCP(0, f, 50, "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	_, number := reactor.SplitAddress(p.GetHost())
	return number
}

// conn is a client's.
type conn = net.TCPConn

// dial is a blocking client from outside the loop.
func dial(t *testing.T, number int) *conn {
	t.Helper()
	c, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(number)))
	if err != nil {
		t.Fatal(err)
	}
	_ = c.SetDeadline(time.Now().Add(within))
	t.Cleanup(func() { _ = c.Close() })
	return c.(*conn)
}

// stop ends the loop; a second call in the same turn has nothing to add.
func stop(r *Reactor) { _ = r.Stop() }
