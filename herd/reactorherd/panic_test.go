package reactorherd_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/herdtest"
	"proxyherd/herd/reactorherd"
	"proxyherd/herd/upstream"
	"proxyherd/herd/wirelog"
	"proxyherd/reactor"
	"proxyherd/reactor/reactortest"
)

// lives are what can befall a client, each to its end.
var lives = []struct {
	what string
	live func(v *herdtest.Virtual, c herdtest.Client)
}{
	{"asks, and is answered", func(v *herdtest.Virtual, c herdtest.Client) {
		c.Send([]byte(report(v, "victim") + "\nWHATSAT victim 10 1\nnonsense\nWHAT"))
		v.Network.Advance(time.Second)
		c.Send([]byte("ever\n" + report(v, "victim") + "\nWHATSAT victim 20 1\nrest"))
		c.End()
	}},
	{"asks, and leaves", func(v *herdtest.Virtual, c herdtest.Client) {
		c.Send([]byte(report(v, "victim") + "\nWHATSAT victim 10 1\nWHATSAT victim 20 1\n"))
		v.Network.Advance(time.Millisecond)
		c.(interface{ AbortConnection() }).AbortConnection()
	}},
	{"asks too much", func(v *herdtest.Virtual, c herdtest.Client) {
		c.Send([]byte(report(v, "victim") + strings.Repeat("\nWHATSAT victim 10 1", 5) + "\n"))
		c.End()
	}},
	{"has too much to say for a turn", func(v *herdtest.Virtual, c herdtest.Client) {
		c.Send([]byte(report(v, "victim") + "\n" + strings.Repeat("x\n", 9)))
		c.End()
	}},
	{"says nothing", func(v *herdtest.Virtual, _ herdtest.Client) { v.Network.Advance(12 * time.Second) }},
	{"says too much in one line", func(v *herdtest.Virtual, c herdtest.Client) {
		c.Send(make([]byte, 20_000))
		v.Network.Advance(time.Second)
		c.Send(make([]byte, 20_000))
		v.Network.Advance(10 * time.Second)
	}},
	{"takes its answers late", func(v *herdtest.Virtual, c herdtest.Client) {
		c.(reactor.PushProducer).PauseProducing()
		c.Send([]byte(report(v, "victim") + "\n" + strings.Repeat(strings.Repeat("x", 16_000)+"\n", 10)))
		v.Network.Advance(time.Second)
		c.(reactor.PushProducer).ResumeProducing()
		v.Network.Advance(time.Second)
		c.End()
	}},
	{"takes no answers", func(v *herdtest.Virtual, c herdtest.Client) {
		c.(reactor.PushProducer).PauseProducing()
		c.Send([]byte(report(v, "victim") + "\n" + strings.Repeat(strings.Repeat("x", 16_000)+"\n", 8)))
		v.Network.Advance(time.Second)
		for i := range 3 {
			c.Send(fmt.Appendf(nil, "WHATSAT victim 10.%d 100\n", i))
		}
		v.Network.Advance(time.Second)
		c.(interface{ AbortConnection() }).AbortConnection()
	}},
}

// A panic at any step of a client's connection ends that connection, is counted,
// and changes nothing else: for each step, one client lives through it, and then
// everything must be as it was.
func TestAPanicEndsItsConnectionAlone(t *testing.T) {
	for _, life := range lives {
		t.Run(life.what, func(t *testing.T) {
			f := &faults{}
			v := herdtest.NewVirtualAround(t, reactortest.Options{JobTime: 100 * time.Millisecond}, func(c *herd.Config) {
				c.DigestBuckets = 256 // for the sake of the time that this takes
				impatient(&c.Limits)
				c.Limits.ConnectionsPerAddress = 3
				c.Limits.CommandsPerTurn = 3
				c.Limits.WaitingWhatsats = 4
				c.Limits.OutputPerClient, c.Limits.OutputPerClientMost = 32768, 120_000
			}, func(server string, r reactor.Reactor) reactor.Reactor {
				if server != "Farmar" {
					return r
				}
				f.Reactor = r
				return f
			})
			witness := v.Connect("Farmar")
			witness.Send([]byte(report(v, "witness") + "\n"))
			settle(v)
			lines(witness)
			server := v.Servers["Farmar"]
			books, links := reactorherd.Books(server), server.Status().Links
			step := 1
			for ; ; step++ {
				before := server.Status().Closed
				f.arm(step)
				c := v.Connect("Farmar")
				life.live(v, c)
				witness.Send([]byte("x\n"))
				v.Network.Advance(12 * time.Second)
				f.disarm()
				if f.where == "" {
					break // it lived without one
				}
				after := server.Status().Closed
				if n := after["panic"] - before["panic"]; n != 1 || !c.Ended() {
					t.Errorf("step %d, %s: %d panics counted, the connection has ended: %v; counted %v, before it %v",
						step, f.where, n, c.Ended(), after, before)
				}
				if got := reactorherd.Books(server); !maps.Equal(got, books) {
					t.Errorf("step %d, %s: the server counts %v, before it %v", step, f.where, got, books)
				}
				asItWas(t, v, witness, links, fmt.Sprintf("step %d, %s", step, f.where))
				if t.Failed() {
					return
				}
			}
			if step < 7 {
				t.Errorf("only %d steps: too few for this life", step-1)
			}
		})
	}
}

// asItWas checks that the herd serves, floods and agrees.
func asItWas(t *testing.T, v *herdtest.Virtual, witness herdtest.Client, links []herd.LinkStatus, after string) {
	t.Helper()
	witness.Send([]byte(report(v, "witness") + "\nWHATSAT witness 5 1\n"))
	if !v.Wait(func() bool { return strings.Count(string(witness.Received()), "\n") >= 4 }) {
		t.Errorf("%s: another client is not served: %q", after, witness.Received())
	}
	lines(witness)
	// One more report of the client whose report may have been cut short.
	if got := say(t, v, "Farmar", report(v, "victim")); len(got) != 1 || !strings.HasPrefix(got[0], "AT Farmar ") {
		t.Errorf("%s: a new client gets %q", after, got)
	}
	settle(v)
	inAgreement(t, v)
	for i, l := range v.Servers["Farmar"].Status().Links {
		if !l.Up || l.Opened != links[i].Opened {
			t.Errorf("%s: the link to %s is up: %v, opened %d times, before it %d", after, l.Peer, l.Up, l.Opened, links[i].Opened)
		}
	}
}

// aloneWithFaults is alone with faults around the server's reactor.
func aloneWithFaults(t *testing.T, jobs time.Duration, change func(*herd.Limits)) (*herdtest.Virtual, *faults) {
	t.Helper()
	f := &faults{}
	return herdtest.NewVirtualAround(t, reactortest.Options{JobTime: jobs}, func(c *herd.Config) {
		c.Servers = []herd.Server{{Name: solo, Clients: "127.0.0.1:12000"}}
		change(&c.Limits)
	}, func(_ string, r reactor.Reactor) reactor.Reactor { f.Reactor = r; return f }), f
}

// The watch over silent clients is nobody's connection: a panic there ends none,
// and at the latest the next client that comes or speaks sets it going again.
func TestAPanicDoesNotEndTheWatch(t *testing.T) {
	v, f := aloneWithFaults(t, 0, impatient)
	ended, step := 0, 1
	for ; ; step++ {
		f.arm(step)
		silent := []herdtest.Client{v.Connect(solo)}
		for range 2 {
			v.Network.Advance(5 * time.Second)
			silent = append(silent, v.Connect(solo))
		}
		v.Network.Advance(time.Minute)
		f.disarm()
		silent = append(silent, v.Connect(solo))
		v.Network.Advance(30 * time.Second)
		for i, c := range silent {
			if ended++; !c.Ended() {
				t.Errorf("step %d, %s: silent client %d is still there", step, f.where, i)
			}
		}
		if t.Failed() || f.where == "" {
			break
		}
	}
	if got := v.Servers[solo].Status().Closed; got["first_byte"]+got["panic"] != int64(ended) || len(got) != 2 {
		t.Errorf("%d silent clients, counted %v", ended, got)
	}
	if step < 20 {
		t.Errorf("only %d steps: too few for three clients and their watch", step-1)
	}
}

func TestAPanicWhileAClientIsRefusedCounts(t *testing.T) {
	v, f := aloneWithFaults(t, 0, func(l *herd.Limits) { l.Connections = 1 })
	here := v.Connect(solo)
	f.arm(1)
	if refused := v.Connect(solo); !v.Wait(refused.Ended) || f.where == "" {
		t.Error("the second client was let in, or without a panic")
	}
	f.disarm()
	v.Wait(v.Connect(solo).Ended)
	if got := v.Servers[solo].Status(); got.Connections != 1 || got.Closed["panic"] != 1 || got.Closed["connections"] != 1 || here.Ended() {
		t.Errorf("%d connections, counted %v", got.Connections, got.Closed)
	}
}

func TestAPanicDoesNotKeepAServerFromStopping(t *testing.T) {
	const question = "WHATSAT a 10 1\n"
	for _, victimSays := range []string{"", question} {
		step := 1
		for ; ; step++ {
			v, f := aloneWithFaults(t, time.Second, func(*herd.Limits) {})
			say(t, v, solo, report(v, "a"))
			first, last := v.Connect(solo), v.Connect(solo)
			settle(v)
			f.arm(0) // for the connection that comes
			victim := v.Connect(solo)
			first.Send([]byte(question))
			victim.Send([]byte(victimSays))
			last.Send([]byte(question))
			v.Network.Advance(100 * time.Millisecond)
			f.at = f.calls + step
			server := v.Servers[solo]
			v.Stop(solo)
			v.Network.Advance(10 * time.Second)
			for _, c := range []herdtest.Client{first, last} {
				if n := len(lines(c)); n != 2 {
					t.Errorf("step %d, %s: a client has %d lines of answers, want 2", step, f.where, n)
				}
			}
			got := server.Status()
			if !victim.Ended() || got.Connections != 0 || f.where != "" && got.Closed["panic"] != 1 {
				t.Errorf("step %d, %s: %d connections, counted %v", step, f.where, got.Connections, got.Closed)
			}
			if t.Failed() || f.where == "" {
				break
			}
		}
		if step < 3 {
			t.Errorf("%q: only %d steps: too few for an end", victimSays, step-1)
		}
	}
}

func TestAPanicIsLoggedWithItsStack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "Solo.log")
	log, err := wirelog.Open(wirelog.Options{Path: path, Lines: true})
	if err != nil {
		t.Fatal(err)
	}
	network := reactortest.NewNetwork(reactortest.Options{})
	f := &faults{Reactor: network.Reactor(solo)}
	config := herd.Default()
	config.Servers = []herd.Server{{Name: solo, Clients: "127.0.0.1:12000"}}
	server, err := reactorherd.New(f, reactorherd.Options{
		Name: solo, Config: config, Keys: [][]byte{[]byte("a secret that nobody asks for")},
		Upstream: noUpstream{}, Kind: upstream.Twitter{}, Log: log,
	})
	if err == nil {
		err = server.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	f.on = "LoseConnection" // in a timer, where no transport would notice
	f.arm(0)
	g := &guest{}
	network.Reactor("guests").ConnectTCP("127.0.0.1", 12000, guestFactory{guest: g}, 0, nil)
	network.Advance(2 * time.Minute)
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"closing a client's connection", "a fault in LoseConnection", "faultyTransport", "(*session).finish", "reason=panic"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the log does not have %q:\n%s", want, text)
		}
	}
}

// The same for the links that a neighbour dials: for each step, the neighbour is
// started anew, and what it brings and gets goes on until a panic ends the link.
// It is dialled again, and nobody lacks anything.
func TestAPanicEndsItsLinkAlone(t *testing.T) {
	f := &faults{links: true}
	v := herdtest.NewVirtualAround(t, reactortest.Options{}, func(c *herd.Config) { c.DigestBuckets = 16 },
		func(server string, r reactor.Reactor) reactor.Reactor {
			if server != "Meeks" {
				return r
			}
			f.Reactor = r
			return f
		})
	for i := range 20 {
		say(t, v, "Hill", report(v, fmt.Sprint("client", i)))
	}
	meeks, step := v.Servers["Meeks"], 1
	for ; ; step++ {
		before := meeks.Status().Closed["panic"]
		f.arm(step)
		v.Kill("Hill")
		v.Start("Hill") // Hill dials, as its name is the lower
		v.Network.Advance(3 * time.Second)
		say(t, v, "Farmar", report(v, "client1"))
		say(t, v, "Hill", report(v, "client2"))
		v.Network.Advance(herd.CompareEvery + time.Second)
		f.disarm()
		if f.where == "" {
			break
		}
		if n := meeks.Status().Closed["panic"] - before; n != 1 {
			t.Errorf("step %d, %s: %d panics counted %v", step, f.where, n, meeks.Status().Closed)
		}
		v.Wait(v.Linked)
		v.Network.Advance(herd.CompareEvery + time.Second)
		inAgreement(t, v)
		allInSync(t, v)
		if t.Failed() {
			t.Fatalf("after step %d, %s", step, f.where)
		}
	}
	if step < 40 {
		t.Errorf("only %d steps: too few for a link", step-1)
	}
	t.Logf("%d steps", step-1)
}
