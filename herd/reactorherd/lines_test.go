package reactorherd_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/herdtest"
	"proxyherd/herd/reactorherd"
	"proxyherd/reactor/reactortest"
)

// besides is Hill, with a neighbour by hand in Meeks' place.
type besides struct {
	*herdtest.Virtual
	*plain
	server *reactorherd.Server
	seal   *herd.Seal // nil where the link wants no proof
}

// besideHill links a neighbour with Hill, which takes perTurn lines of it in a turn.
func besideHill(t *testing.T, perTurn int, mac bool) *besides {
	t.Helper()
	v := onlyHill(t, reactortest.Options{}, func(c *herd.Config) { c.LinkMAC, c.Limits.LinesPerTurn = mac, perTurn })
	b := byHand(t, v, v.Config.Capabilities([][]byte{[]byte(herdtest.Secret)})...)
	if mac {
		b.seal, _ = b.handshake.Seals()
	}
	return b
}

// onlyHill is a herd of two of which one does not run.
func onlyHill(t *testing.T, o reactortest.Options, change func(*herd.Config)) *herdtest.Virtual {
	t.Helper()
	v := herdtest.NewVirtual(t, o, func(c *herd.Config) {
		c.Servers = []herd.Server{
			{Name: "Hill", Clients: "127.0.0.1:12002", Peers: "127.0.0.1:12102", TalksTo: []string{"Meeks"}},
			{Name: "Meeks", Clients: "127.0.0.1:12003", Peers: "127.0.0.1:12103", TalksTo: []string{"Hill"}},
		}
		c.DigestBuckets = 16
		change(c)
	})
	v.Kill("Meeks")
	settle(v)
	return v
}

// byHand links a neighbour that has these capabilities with Hill.
func byHand(t *testing.T, v *herdtest.Virtual, caps ...string) *besides {
	t.Helper()
	identity, err := v.Config.Identity("Meeks", 77, [][]byte{[]byte(herdtest.Secret)}, caps...)
	if err != nil {
		t.Fatal(err)
	}
	b := &besides{Virtual: v, plain: &plain{handshake: herd.NewDialler(identity, "Hill", herd.Nonce{1})}, server: v.Servers["Hill"]}
	b.Delimiter = []byte{'\n'}
	b.MaxLength = herd.MaxPeerLine + 1
	v.Network.Reactor("a neighbour").ConnectTCP("127.0.0.1", 12102, &plainFactory{p: b.plain}, 0, nil)
	v.Network.Advance(100 * time.Millisecond)
	if !status(t, v, "Hill", "Meeks").Up {
		t.Fatal("there is no link")
	}
	return b
}

// says sends lines in one write, with what proves them where the link wants that.
func (b *besides) says(lines ...string) {
	text := strings.Join(lines, "\n") + "\n"
	if b.seal != nil {
		b.seal.Add([]byte(text))
		text = string(b.seal.AppendMAC([]byte(text)))
	}
	b.Transport.Write([]byte(text))
}

// updates are n AT lines: of one client, each newer than the one before.
func updates(n int) (lines []string) {
	for i := range n {
		lines = append(lines, fmt.Sprintf("AT Meeks +0.000000001 a +1+1 %d", 900_000_000+i))
	}
	return lines
}

// taken is how many of those lines Hill has taken.
func (b *besides) taken() (n int) {
	held := reactorherd.Records(b.server)
	if held != "" {
		fields := strings.Fields(held)
		if _, err := fmt.Sscan(fields[len(fields)-1], &n); err != nil {
			panic(err)
		}
		n -= 900_000_000 - 1
	}
	return n
}

func TestANeighbourWithManyLinesLetsTheOthersHaveTheirTurn(t *testing.T) {
	const sent = 1200 // in one read
	for _, mac := range []bool{false, true} {
		for _, perTurn := range []int{1, 7, 128, 2 * sent} {
			what := fmt.Sprintf("with %d a turn, link_mac %v", perTurn, mac)
			b := besideHill(t, perTurn, mac)
			other := b.Connect("Hill")
			yielded := reactorherd.Yielded(b.server)
			passed := b.server.Status().Counters.PeerStale
			b.says(append(updates(sent), updates(1)...)...) // the last is an old one
			other.Send([]byte("other\n"))
			if !b.Network.RunUntil(func() bool { return len(other.Received()) > 0 }, time.Second) {
				t.Fatal("the client has no answer")
			}
			// Where a turn is all that came at once, the client waits for all.
			if done := b.taken(); done < 1 || perTurn <= 128 && done > 4*perTurn || perTurn > sent && done < sent {
				t.Errorf("%s: %d lines were taken before the client had its answer", what, done)
			}
			settle(b.Virtual)
			if done := b.taken(); done != sent {
				t.Errorf("%s: the last line taken is the %dth, want %d", what, done, sent)
			}
			// A line that comes after a newer one is known already: none was taken out of order.
			if n := b.server.Status().Counters.PeerStale - passed; n != 1 {
				t.Errorf("%s: %d lines were old when they were taken, want 1", what, n)
			}
			turns := int64(sent / perTurn)
			if n := reactorherd.Yielded(b.server) - yielded; n < turns || n > turns+10 {
				t.Errorf("%s: %d turns ended early, want %d", what, n, turns)
			}
			if !status(t, b.Virtual, "Hill", "Meeks").Up {
				t.Errorf("%s: the link is lost", what)
			}
		}
	}
}

// Whatever becomes of the connection behind lines that wait: if its neighbour ends it,
// they have come, and are taken; if we do, they are dropped.
func TestLinesThatWaitForTheirTurnWhenTheLinkEnds(t *testing.T) {
	const sent = 1200
	for _, test := range []struct {
		what string
		end  func(b *besides)
		all  bool
		why  string
	}{
		{"the neighbour says farewell", func(b *besides) {
			b.says(strings.TrimSuffix(string(herd.AppendFarewell(nil, "server_stopping")), "\n"))
			b.Transport.LoseConnection()
		}, true, "server_stopping"},
		{"the neighbour ends the stream", func(b *besides) { b.Transport.LoseConnection() }, true, "done"},
		{"the connection breaks", func(b *besides) {
			b.Network.RunUntil(func() bool { return b.taken() > 0 }, time.Second)
			b.Transport.AbortConnection()
		}, true, "lost"},
		{"the neighbour ends it with too long a line", func(b *besides) {
			b.says(strings.Repeat("x", herd.MaxPeerLine+2))
		}, true, "line_too_long"},
		{"the server stops", func(b *besides) {
			b.Network.RunUntil(func() bool { return b.taken() > 0 }, time.Second)
			b.Stop("Hill")
		}, false, ""},
	} {
		for _, mac := range []bool{false, true} {
			what := fmt.Sprintf("%s, link_mac %v", test.what, mac)
			b := besideHill(t, 10, mac)
			b.says(updates(sent)...)
			test.end(b)
			if waits := sent - b.taken(); waits < 2 {
				t.Fatalf("%s: only %d lines wait", what, waits)
			}
			b.Network.Advance(time.Second)
			if done := b.taken(); test.all != (done == sent) {
				t.Errorf("%s: %d lines were taken", what, done)
			}
			if test.why == "" {
				continue
			}
			if losses := status(t, b.Virtual, "Hill", "Meeks").Losses; len(losses) == 0 || losses[len(losses)-1].Reason != test.why {
				t.Errorf("%s: the link was lost for %v, want %s", what, losses, test.why)
			}
		}
	}
}

// What a neighbour asks and tells behind its updates is heeded in its turn too.
func TestAQuestionBehindLinesThatWaitIsAnswered(t *testing.T) {
	b := besideHill(t, 10, false)
	before := b.other
	b.says(append(updates(300), "ASKSUMS 1 4 0 16")...)
	settle(b.Virtual)
	if b.taken() != 300 || b.other == before {
		t.Errorf("%d lines were taken, and %d lines came back that are no AT lines", b.taken(), b.other-before)
	}
}

// A neighbour that is sent the whole store gets it in pieces, of which each is a turn's,
// also where it takes each at once.
func TestTheWholeStoreIsSentInSeveralTurns(t *testing.T) {
	const records = 900 // less than the transport takes at once
	writes := 0
	var hill *reactorherd.Server
	v := onlyHill(t, reactortest.Options{Trace: func(e reactortest.Event) {
		if e.Reactor == "Hill" && e.Kind == reactortest.Sent {
			writes++
			if hill != nil {
				reactorherd.Drained(hill)
			}
		}
	}}, func(*herd.Config) {})
	hill = v.Servers["Hill"]
	for i := range records {
		reactorherd.Smuggle(v.Servers["Hill"], fmt.Sprintf("AT Hill +0.000000001 client%d +1+1 900000000", i))
	}
	writes = 0
	b := byHand(t, v) // it knows no digest
	settle(v)
	if len(b.lines) != records {
		t.Errorf("it was sent %d records, want %d", len(b.lines), records)
	}
	// And two lines of the handshake.
	if writes < 5 || writes > 8 {
		t.Errorf("they came in %d writes", writes)
	}
}
