package onreactor

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"proxyherd/factories"
	"proxyherd/herd"
	"proxyherd/herd/herdtest"
	"proxyherd/herd/reactorherd"
	"proxyherd/herd/upstream"
	"proxyherd/protocols"
	"proxyherd/reactor"
	"proxyherd/reactor/reactortest"
)

// fenced is the built-in herd in memory and in virtual time, each server with a fence 500
// ports above its clients' port.
type fenced struct {
	t       *testing.T
	network *reactortest.Network
	clients *reactortest.Reactor
	config  herd.Config
}

const (
	above  = 500
	suffix = ".fence"
)

// nothing answers no WHATSAT.
type nothing struct{}

func (nothing) Fetch(context.Context, upstream.Query) upstream.Result { return upstream.Result{} }

func start(t *testing.T) *fenced {
	t.Helper()
	f := &fenced{t: t, config: herd.Default(), network: reactortest.NewNetwork(reactortest.Options{Start: time.Unix(1_699_999_990, 0).UTC()})}
	f.clients = f.network.Reactor("clients")
	if _, err := f.config.Check(); err != nil {
		t.Fatal(err)
	}
	var servers []*reactorherd.Server
	for _, s := range f.config.Servers {
		loop := f.network.Reactor(s.Name)
		service := New(loop, nil)
		server, err := reactorherd.New(loop, reactorherd.Options{
			Name: s.Name, Config: f.config, Keys: [][]byte{[]byte(herdtest.Secret)},
			Upstream: nothing{}, Kind: upstream.Twitter{}, Onlooker: service,
		})
		if err != nil {
			t.Fatal(err)
		}
		address := netip.MustParseAddrPort(s.Clients)
		if err := server.Start(); err != nil {
			t.Fatal(err)
		}
		if err := service.Start(server, address.Addr().String(), int(address.Port())+above); err != nil {
			t.Fatal(err)
		}
		servers = append(servers, server)
	}
	linked := func() bool {
		for _, s := range servers {
			for _, l := range s.Status().Links {
				if !l.Up {
					return false
				}
			}
		}
		return true
	}
	if !f.Wait(linked) {
		t.Fatal("the herd's links did not open")
	}
	return f
}

// At moves the time forward.
func (f *fenced) At(at herd.Timestamp) {
	f.network.Advance(time.Unix(at.Sec, int64(at.Nsec)).Sub(f.network.Seconds()))
}

// ExactTime is true: differences are known to the nanosecond.
func (f *fenced) ExactTime() bool { return true }
func (f *fenced) Kill(string)     { f.t.Fatal("no script kills") }
func (f *fenced) Start(string)    { f.t.Fatal("no script starts") }

// Wait lets the network run, without the clock if that is enough.
func (f *fenced) Wait(condition func() bool) bool {
	for range 1000 {
		f.network.Settle(0)
		if condition() {
			return true
		}
		f.network.Advance(time.Millisecond)
	}
	return false
}

// Connect connects to a server, or with the suffix to its fence.
func (f *fenced) Connect(to string) herdtest.Client {
	name, isFence := strings.CutSuffix(to, suffix)
	server, found := f.config.Server(name)
	if !found {
		f.t.Fatalf("there is no server %s", name)
	}
	at := netip.MustParseAddrPort(server.Clients)
	port := int(at.Port())
	if isFence {
		port += above
	}
	c := &client{}
	f.clients.ConnectTCP(at.Addr().String(), port, &once{client: c}, 0, nil)
	f.network.Settle(0)
	if c.Transport == nil {
		f.t.Fatalf("nobody is at %s", to)
	}
	return c
}

// client is a connection that notes what comes.
type client struct {
	protocols.Protocol
	received []byte
	ended    bool
}

func (c *client) DataReceived(_ reactor.Protocol, data []byte) error {
	c.received = append(c.received, data...)
	return nil
}

func (c *client) ConnectionLost(error) { c.ended = true }
func (c *client) ReadConnectionLost()  { c.ended = true }
func (c *client) WriteConnectionLost() {}
func (c *client) Send(data []byte)     { c.Transport.Write(data) }
func (c *client) End()                 { c.Transport.(reactor.TCPTransport).LoseWriteConnection() }
func (c *client) Received() []byte     { return c.received }
func (c *client) Take(n int)           { c.received = c.received[n:] }
func (c *client) Ended() bool          { return c.ended }

// once makes the one protocol.
type once struct {
	factories.ClientFactory
	client *client
}

func (o *once) BuildProtocol(reactor.Address) reactor.Protocol { return o.client }

func TestScripts(t *testing.T) {
	scripts, err := filepath.Glob("../testdata/*.txt")
	if err != nil || len(scripts) < 4 {
		t.Fatalf("%d scripts found (%v)", len(scripts), err)
	}
	for _, path := range scripts {
		t.Run(filepath.Base(path), func(t *testing.T) { herdtest.Play(t, start(t), path) })
	}
}

// A fence is shown the records in several turns of the loop, and reports come in between.
func TestManyRecordsAndReportsMeanwhile(t *testing.T) {
	f := start(t)
	const records = 4*step + 7
	a := f.Connect("Hill")
	sent := 0
	send := func(n int, location string, time int) {
		sent++
		a.Send(fmt.Appendf(nil, "IAMAT c%05d %s %d\n", n, location, time))
	}
	for n := range records {
		send(n, "+10+20", 1_600_000_000)
	}
	answered := func() bool { return bytes.Count(a.Received(), []byte{'\n'}) == sent }
	if !f.Wait(answered) {
		t.Fatal("not all reports are answered")
	}
	w := f.Connect("Hill" + suffix)
	w.Send([]byte("FENCE home +10+20 5\nend\n"))
	for n := range records { // every second of them leaves, and some of those come back
		if n%2 == 0 {
			send(n, "+50+20", 1_600_000_001)
		}
		if n%4 == 0 {
			send(n, "+10.01+20", 1_600_000_002)
		}
	}
	want := map[string]bool{}
	for n := range records {
		want[fmt.Sprintf("c%05d", n)] = n%4 != 2
	}
	if !f.Wait(answered) {
		t.Fatal("not all reports are answered")
	}
	checkTold(t, string(w.Received()), want)
}

// checkTold reads what somebody was told who has one fence: each client is inside and
// outside in turn, and at last as it should be.
func checkTold(t *testing.T, told string, want map[string]bool) {
	t.Helper()
	inside, commands := map[string]bool{}, 0
	for _, line := range strings.Split(strings.TrimSuffix(told, "\n"), "\n") {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 5 && inside[fields[2]] != (fields[0] == "ENTER"):
			inside[fields[2]] = fields[0] == "ENTER"
		case line == "OK home" || line == "? end":
			commands++
		default:
			t.Fatalf("%q, and that it was already", line)
		}
	}
	for id, is := range want {
		if inside[id] != is {
			t.Errorf("%s: inside %v, and it should be %v", id, inside[id], is)
		}
	}
	if commands != 2 {
		t.Errorf("%d commands are answered", commands)
	}
}

// Whoever takes nothing is cut off, in the middle of a report of somebody else's.
func TestWhoTakesNothingIsCutOff(t *testing.T) {
	f := start(t)
	slow, quick := f.Connect("Meeks"+suffix).(*client), f.Connect("Meeks"+suffix)
	slow.Send([]byte("FENCE slow +0+0 21000\n"))
	quick.Send([]byte("FENCE quick +89+0 1\n"))
	if !f.Wait(func() bool { return len(slow.received) > 0 && len(quick.Received()) > 0 }) {
		t.Fatal("no fence is set")
	}
	slow.Transport.PauseProducing()
	a := f.Connect("Meeks")
	id := strings.Repeat("x", 8000)
	n := 0
	for ; !slow.ended && n < 1000; n++ {
		a.Send(fmt.Appendf(nil, "IAMAT %s%d +1+1 1\n", id, n))
		f.network.Settle(0)
		a.Take(len(a.Received()))
	}
	if !slow.ended || n < 100 {
		t.Fatalf("after %d reports of 8,000 bytes it has ended: %v", n, slow.ended)
	}
	a.Send([]byte("IAMAT last +89+0 1\n"))
	if !f.Wait(func() bool { return strings.HasSuffix(string(quick.Received()), "ENTER quick last +89+0 1\n") }) {
		t.Errorf("the quick one is told %q", quick.Received())
	}
}
