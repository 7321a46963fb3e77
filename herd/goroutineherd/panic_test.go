package goroutineherd_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"strings"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/freeport"
	"proxyherd/herd/goroutineherd"
	"proxyherd/herd/herdtest"
	"proxyherd/herd/upstream"
)

// panicking is an upstream that fails by a panic, and a kind whose words for that
// may be another.
type panicking struct {
	upstream.Twitter
	wordless bool
}

func (panicking) Fetch(context.Context, upstream.Query) upstream.Result { panic("of the upstream") }

func (p panicking) ErrorLine(message string) []byte {
	if p.wordless {
		panic("for want of words")
	}
	return p.Twitter.ErrorLine(message)
}

// lives are what can befall a client, each to its end.
var lives = []struct {
	what string
	live func(b *herdtest.Bubble, c herdtest.Client)
}{
	{"asks, and is answered", func(b *herdtest.Bubble, c herdtest.Client) {
		c.Send([]byte(report("victim") + "\nWHATSAT victim 10 1\nnonsense\nWHAT"))
		b.Advance(time.Second)
		c.Send([]byte("ever\n" + report("victim") + "\nWHATSAT victim 20 1\nrest"))
		c.End()
	}},
	{"asks, and leaves", func(b *herdtest.Bubble, c herdtest.Client) {
		c.Send([]byte(report("victim") + "\nWHATSAT victim 10 1\nWHATSAT victim 20 1\n"))
		b.Advance(time.Millisecond)
		c.(herdtest.Deaf).AbortConnection()
	}},
	{"asks too much", func(b *herdtest.Bubble, c herdtest.Client) {
		c.Send([]byte(report("victim") + strings.Repeat("\nWHATSAT victim 10 1", 5) + "\n"))
		c.End()
	}},
	{"says nothing", func(b *herdtest.Bubble, _ herdtest.Client) { b.Advance(12 * time.Second) }},
	{"says too much in one line", func(b *herdtest.Bubble, c herdtest.Client) {
		c.Send(make([]byte, 20_000))
		b.Advance(time.Second)
		c.Send(make([]byte, 20_000))
		b.Advance(10 * time.Second)
	}},
	{"takes its answers late", func(b *herdtest.Bubble, c herdtest.Client) {
		c.(herdtest.Deaf).PauseProducing()
		c.Send([]byte(report("victim") + "\n" + strings.Repeat(strings.Repeat("x", 16_000)+"\n", 10)))
		b.Advance(time.Second)
		c.(herdtest.Deaf).ResumeProducing()
		b.Advance(time.Second)
		c.End()
	}},
	{"takes no answers", func(b *herdtest.Bubble, c herdtest.Client) {
		c.(herdtest.Deaf).PauseProducing()
		c.Send([]byte(report("victim") + "\n" + strings.Repeat(strings.Repeat("x", 16_000)+"\n", 8)))
		b.Advance(time.Second)
		for i := range 3 {
			c.Send(fmt.Appendf(nil, "WHATSAT victim 10.%d 100\n", i))
		}
		b.Advance(time.Second)
		c.(herdtest.Deaf).AbortConnection()
	}},
}

// besetWith runs play with the herd and faults around one server's network: on its
// port for clients, or for neighbours.
func besetWith(t *testing.T, server string, neighbours bool, change func(c *herd.Config), play func(t *testing.T, b *herdtest.Bubble, f *faults)) {
	t.Helper()
	f := &faults{}
	herdtest.InBubbleSet(t, time.Time{}, change, func(b *herdtest.Bubble) {
		b.Around = func(name string, n goroutineherd.Network) goroutineherd.Network {
			if name != server {
				return n
			}
			return f.around(n, func(port int) bool { return port/100 == 121 == neighbours })
		}
	}, func(t *testing.T, b *herdtest.Bubble) { play(t, b, f) })
}

// A panic at any step of a client's connection ends that connection, is counted,
// and changes nothing else: for each step, one client lives through it, and then
// everything must be as it was.
func TestAPanicEndsItsConnectionAlone(t *testing.T) {
	for _, life := range lives {
		t.Run(life.what, func(t *testing.T) {
			besetWith(t, "Farmar", false, func(c *herd.Config) {
				c.DigestBuckets = 256 // for the sake of the time that this takes
				c.Limits.FirstByte, c.Limits.PartialLine, c.Limits.Idle = herd.Duration(10*time.Second), herd.Duration(5*time.Second), herd.Duration(20*time.Second)
				c.Limits.ConnectionsPerAddress = 3
				c.Limits.WaitingWhatsats = 4
				c.Limits.OutputPerClient, c.Limits.OutputPerClientMost = 32768, 120_000
			}, func(t *testing.T, b *herdtest.Bubble, f *faults) {
				b.Asking = 100 * time.Millisecond
				witness := b.Connect("Farmar")
				witness.Send([]byte(report("witness") + "\n"))
				settle(b)
				lines(witness)
				books, links := goroutineherd.Books(b.Servers["Farmar"]), b.Servers["Farmar"].Status().Links
				for step := 1; ; step++ {
					where := liveThrough(t, b, f, step, life.live, witness, books, links)
					if t.Failed() {
						return
					}
					if where == "" { // it lived without one
						if step < 5 {
							t.Errorf("only %d steps: too few for this life", step-1)
						}
						return
					}
				}
			})
		})
	}
}

// liveThrough has one client live with a panic at a step, and says where that was.
func liveThrough(t *testing.T, b *herdtest.Bubble, f *faults, step int, live func(*herdtest.Bubble, herdtest.Client), witness herdtest.Client, books map[string]int, links []herd.LinkStatus) (where string) {
	t.Helper()
	server := b.Servers["Farmar"]
	before := server.Status().Closed
	f.arm(step)
	c := b.Connect("Farmar")
	live(b, c)
	witness.Send([]byte("x\n"))
	b.Advance(12 * time.Second)
	if where = f.disarm(); where == "" {
		return ""
	}
	after := fmt.Sprintf("step %d, %s", step, where)
	closed := server.Status().Closed
	if n := closed["panic"] - before["panic"]; n != 1 || !c.Ended() {
		t.Errorf("%s: %d panics counted, the connection has ended: %v; counted %v, before it %v", after, n, c.Ended(), closed, before)
	}
	if got := goroutineherd.Books(server); !maps.Equal(got, books) {
		t.Errorf("%s: the server counts %v, before it %v", after, got, books)
	}
	asItWas(t, b, witness, links, after)
	return where
}

// asItWas checks that the herd serves, floods and agrees.
func asItWas(t *testing.T, b *herdtest.Bubble, witness herdtest.Client, links []herd.LinkStatus, after string) {
	t.Helper()
	witness.Send([]byte(report("witness") + "\nWHATSAT witness 5 1\n"))
	if !b.Wait(func() bool { return strings.Count(string(witness.Received()), "\n") >= 4 }) {
		t.Errorf("%s: another client is not served: %q", after, witness.Received())
	}
	lines(witness)
	// One more report of the client whose report may have been cut short.
	if got := say(t, b, "Farmar", report("victim")); len(got) != 1 || !strings.HasPrefix(got[0], "AT Farmar ") {
		t.Errorf("%s: a new client gets %q", after, got)
	}
	settle(b)
	inAgreement(t, b)
	for i, l := range b.Servers["Farmar"].Status().Links {
		if !l.Up || l.Opened != links[i].Opened {
			t.Errorf("%s: the link to %s is up: %v, opened %d times, before it %d", after, l.Peer, l.Up, l.Opened, links[i].Opened)
		}
	}
}

// The same for the links that a neighbour dials: for each step, the neighbour is
// started anew, and what it brings and gets goes on until a panic ends the link.
// It is dialled again, and nobody lacks anything.
func TestAPanicEndsItsLinkAlone(t *testing.T) {
	besetWith(t, "Meeks", true, func(c *herd.Config) { c.DigestBuckets = 16 }, func(t *testing.T, b *herdtest.Bubble, f *faults) {
		for i := range 20 {
			say(t, b, "Hill", report(fmt.Sprint("client", i)))
		}
		meeks, step := b.Servers["Meeks"], 1
		for ; ; step++ {
			before := meeks.Status().Closed["panic"]
			b.Kill("Hill")
			f.arm(step)
			b.Start("Hill") // it dials
			b.Advance(3 * time.Second)
			say(t, b, "Farmar", report("client1"))
			say(t, b, "Hill", report("client2"))
			b.Advance(herd.CompareEvery + time.Second)
			where := f.disarm()
			if where == "" {
				break
			}
			if n := meeks.Status().Closed["panic"] - before; n != 1 {
				t.Errorf("step %d, %s: %d panics counted %v", step, where, n, meeks.Status().Closed)
			}
			b.Wait(b.Linked)
			b.Advance(herd.CompareEvery + time.Second)
			inAgreement(t, b)
			if books := goroutineherd.Books(meeks); books["links"] != 3 || books["unproved"] != 0 {
				t.Errorf("step %d, %s: %v", step, where, books)
			}
			for _, l := range meeks.Status().Links {
				if !l.Up || l.Sync != herd.InSync {
					t.Errorf("step %d, %s: %+v", step, where, l)
				}
			}
			if t.Failed() {
				return
			}
		}
		if step < 10 {
			t.Errorf("only %d steps: too few for a link", step-1)
		}
	})
}

func TestAPanicDoesNotKeepAServerFromStopping(t *testing.T) {
	const question = "WHATSAT a 10 1\n"
	for _, victimSays := range []string{"", question} {
		step := 1
		for where := "none yet"; where != ""; step++ {
			besetWith(t, solo, false, func(c *herd.Config) {
				c.Servers = []herd.Server{{Name: solo, Clients: "127.0.0.1:12000"}}
			}, func(t *testing.T, b *herdtest.Bubble, f *faults) {
				b.Asking = time.Second
				say(t, b, solo, report("a"))
				first, last := b.Connect(solo), b.Connect(solo)
				settle(b)
				f.arm(0) // for the connection that comes
				victim := b.Connect(solo)
				first.Send([]byte(question))
				victim.Send([]byte(victimSays))
				last.Send([]byte(question))
				b.Advance(100 * time.Millisecond)
				f.mu.Lock()
				f.at = f.calls + step
				f.mu.Unlock()
				server := b.Servers[solo]
				server.Stop()
				b.Advance(10 * time.Second)
				where = f.disarm()
				for _, c := range []herdtest.Client{first, last} {
					if n := len(lines(c)); n != 2 {
						t.Errorf("step %d, %s: a client has %d lines of answers, want 2", step, where, n)
					}
				}
				got := server.Status()
				if !victim.Ended() || got.Connections != 0 || where != "" && got.Closed["panic"] != 1 {
					t.Errorf("step %d, %s: the victim has ended: %v, %d connections, counted %v", step, where, victim.Ended(), got.Connections, got.Closed)
				}
			})
			if t.Failed() {
				return
			}
		}
		if step < 4 {
			t.Errorf("%q: only %d steps: too few for an end", victimSays, step-1)
		}
	}
}

// A panic in the upstream's code is an answer like any other failure; one in a
// connection's own ends that connection. The server goes on either way.
func TestAPanicEndsOneConnectionAtMost(t *testing.T) {
	for _, wordless := range []bool{false, true} {
		ports, err := freeport.Find(1)
		if err != nil {
			t.Fatal(err)
		}
		config := herd.Default()
		config.Servers = []herd.Server{{Name: solo, Clients: ports[0]}}
		p := panicking{wordless: wordless}
		s, err := goroutineherd.New(goroutineherd.Options{
			Name: solo, Config: config, Keys: [][]byte{[]byte(herdtest.Secret)}, Upstream: p, Kind: p,
		})
		if err == nil {
			err = s.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		answers := speak(t, ports[0], "IAMAT a +1+1 1700000000\nWHATSAT a 10 1\n")
		if told := strings.Contains(answers, `"error":`); told == wordless {
			t.Errorf("wordless %v: the answers are %q", wordless, answers)
		}
		if answers := speak(t, ports[0], "IAMAT b +1+1 1700000000\n"); !strings.HasPrefix(answers, "AT Solo ") {
			t.Errorf("wordless %v: then the server answers %q", wordless, answers)
		}
		want := map[bool]int64{true: 1}[wordless]
		if st := s.Status(); st.Closed["panic"] != want || st.Records != 2 || st.Waiting != 0 || st.Connections != 0 {
			t.Errorf("wordless %v: %v, %d records, %d WHATSATs wait, %d connections", wordless, st.Closed, st.Records, st.Waiting, st.Connections)
		}
		s.Stop()
		s.Wait()
	}
}

// speak sends lines, half-closes, and returns what comes until the end.
func speak(t *testing.T, address, lines string) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(guard)); err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(conn, lines)
	// The server may end first, after which there is nothing to half-close.
	_ = conn.(*net.TCPConn).CloseWrite()
	answers, _ := io.ReadAll(bufio.NewReader(conn)) // to whatever end there is
	return string(answers)
}
