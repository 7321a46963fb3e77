package reactorherd_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/herdtest"
	"proxyherd/herd/reactorherd"
	"proxyherd/reactor"
)

// all are a server's connections, by their address.
func all(t *testing.T, s *reactorherd.Server) map[string]reactorherd.Connection {
	t.Helper()
	found := map[string]reactorherd.Connection{}
	for before := math.MaxInt; before != 0; {
		var piece []reactorherd.Connection
		if piece, before = s.Connections(before); len(piece) > reactorherd.InspectStep {
			t.Fatalf("a piece has %d connections", len(piece))
		}
		for _, c := range piece {
			if _, again := found[c.Client.String()]; again {
				t.Errorf("%v is there twice", c.Client)
			}
			found[c.Client.String()] = c
		}
	}
	return found
}

func TestEachConnectionIsSeenAsItStands(t *testing.T) {
	for _, test := range []struct {
		what    string
		limits  func(*herd.Limits)
		act     func(v *herdtest.Virtual, c herdtest.Client)
		lines   uint32
		waiting int
		holds   string
	}{
		{"nothing said", nil, func(*herdtest.Virtual, herdtest.Client) {}, 0, 0, ""},
		{"three lines and a half", nil, func(_ *herdtest.Virtual, c herdtest.Client) { c.Send([]byte("a\nb\nc\nd")) }, 3, 0, ""},
		{"two questions", nil, func(v *herdtest.Virtual, c herdtest.Client) {
			c.Send([]byte(report(v, "a") + "\nWHATSAT a 1 1\nWHATSAT a 2 1\n"))
		}, 3, 2, ""},
		{"as many questions as are allowed", func(l *herd.Limits) { l.WaitingWhatsatsPerClient = 2 }, func(v *herdtest.Virtual, c herdtest.Client) {
			c.Send([]byte(report(v, "a") + "\nWHATSAT a 1 1\nWHATSAT a 2 1\nx\n"))
		}, 3, 2, "answers"},
		{"answers that nobody takes", func(l *herd.Limits) { l.CommandsPerTurn = 1_000_000 }, func(v *herdtest.Virtual, c herdtest.Client) {
			c.(reactor.PushProducer).PauseProducing()
			c.Send([]byte(strings.Repeat(strings.Repeat("x", 1000)+"\n", 60)))
			for range 40 {
				c.Send([]byte(strings.Repeat(strings.Repeat("x", 1000)+"\n", 60)))
				settle(v)
			}
		}, 0, 0, "output"},
	} {
		limits := test.limits
		if limits == nil {
			limits = func(*herd.Limits) {}
		}
		v := alone(t, 10*time.Second, limits)
		v.Network.Advance(90 * time.Second)
		came := v.Network.Seconds()
		c := v.Connect(solo)
		settle(v)
		test.act(v, c)
		settle(v)
		seen := all(t, v.Servers[solo])
		if len(seen) != 1 {
			t.Fatalf("%s: %d connections", test.what, len(seen))
		}
		for _, got := range seen {
			if test.holds == "output" && got.Lines > 60 {
				test.lines = got.Lines // as many as fit into what waits
			}
			if got.Lines != test.lines || got.Waiting != test.waiting || got.Holds != test.holds || !got.Since.Equal(came.Truncate(time.Second)) || got.Number != 0 {
				t.Errorf("%s: %+v since %v; want %d lines, %d waiting, held for %q, since %v",
					test.what, got, got.Since, test.lines, test.waiting, test.holds, came)
			}
		}
	}
}

func TestAConnectionThatWaitsForItsTurnSaysSo(t *testing.T) {
	v := alone(t, 0, func(l *herd.Limits) { l.CommandsPerTurn = 10 })
	server, c := v.Servers[solo], v.Connect(solo)
	c.Send([]byte(strings.Repeat("x\n", 5000)))
	if !v.Network.RunUntil(func() bool { return server.Status().Counters.Invalid >= 100 }, time.Second) {
		t.Fatal("the commands are not carried out")
	}
	for _, got := range all(t, server) {
		if got.Holds != "turn" || got.Lines < 100 {
			t.Errorf("%+v", got)
		}
	}
}

// TestManyConnectionsComeInPieces has clients come and go between the pieces: who
// stays is there.
func TestManyConnectionsComeInPieces(t *testing.T) {
	const crowd = 2*reactorherd.InspectStep + 100
	v := alone(t, 0, func(l *herd.Limits) { l.FirstByte = 0 })
	var clients []herdtest.Client
	for range crowd {
		clients = append(clients, v.Connect(solo))
	}
	settle(v)
	server := v.Servers[solo]
	before := all(t, server)
	if len(before) != crowd {
		t.Fatalf("%d connections, want %d", len(before), crowd)
	}
	seen := map[string]bool{}
	pieces, twice := 0, 0
	for next := math.MaxInt; next != 0; pieces++ {
		var piece []reactorherd.Connection
		piece, next = server.Connections(next)
		for _, c := range piece {
			if seen[c.Client.String()] {
				twice++
			}
			seen[c.Client.String()] = true
		}
		for i := range 150 { // of those who came first, and were not looked at yet
			clients[pieces*150+i].(interface{ AbortConnection() }).AbortConnection()
		}
		v.Connect(solo)
		settle(v)
	}
	if pieces != 3 {
		t.Errorf("%d pieces", pieces)
	}
	stayed := 0
	for address := range all(t, server) {
		if _, there := before[address]; !there {
			continue // it came later
		}
		if stayed++; !seen[address] {
			t.Errorf("%s stayed, and was not seen", address)
		}
	}
	if stayed != crowd-3*150 || twice == 0 {
		t.Errorf("%d stayed, want %d; %d were seen twice, and some had to be", stayed, crowd-3*150, twice)
	}
}

func TestAServerWithoutClientsHasOnePiece(t *testing.T) {
	v := alone(t, 0, func(*herd.Limits) {})
	for _, before := range []int{math.MaxInt, 500, 1, 0} {
		if piece, next := v.Servers[solo].Connections(before); len(piece) != 0 || next != 0 {
			t.Error(fmt.Sprint(before, piece, next))
		}
	}
}
