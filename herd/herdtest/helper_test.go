package herdtest

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"proxyherd/herd"
)

// start runs play with the built-in herd, of each design.
func start(t *testing.T, change func(*herd.Config), play func(t *testing.T, h Twin)) {
	t.Helper()
	OnBoth(t, Setup{Change: change}, play)
}

// far is start with links that take a while each way.
func far(t *testing.T, latency time.Duration, change func(*herd.Config), play func(t *testing.T, h Twin)) {
	t.Helper()
	OnBoth(t, Setup{Change: change, Latency: latency}, play)
}

// quiet is start with links that take 5 ms each way.
func quiet(t *testing.T, change func(*herd.Config), play func(t *testing.T, h Twin)) {
	t.Helper()
	far(t, 5*time.Millisecond, change, play)
}

// asking is start with an upstream that takes a while for an answer.
func asking(t *testing.T, wait time.Duration, change func(*herd.Config), play func(t *testing.T, h Twin)) {
	t.Helper()
	OnBoth(t, Setup{Change: change, Asking: wait}, play)
}

// solo is a herd of one server, of that name.
const solo = "Solo"

// alone runs play with such a herd. wait is how long the upstream takes.
func alone(t *testing.T, wait time.Duration, change func(*herd.Limits), play func(t *testing.T, h Twin)) {
	t.Helper()
	asking(t, wait, func(c *herd.Config) {
		c.Servers = []herd.Server{{Name: solo, Clients: "127.0.0.1:12000"}}
		change(&c.Limits)
	}, play)
}

// settle lets everything that is under way arrive.
func settle(h Twin) { h.Advance(time.Second) }

// moment lets happen what takes no time.
func moment(h Twin) { h.Advance(0) }

// lines are what a client has got so far, taken.
func lines(c Client) []string {
	got := c.Received()
	end := bytes.LastIndexByte(got, '\n') + 1
	text := strings.TrimSuffix(string(got[:end]), "\n")
	c.Take(end)
	if end == 0 {
		return nil
	}
	return strings.Split(text, "\n")
}

// say sends lines on a new connection to a server, and waits for the answers.
func say(t *testing.T, h Twin, server string, commands ...string) []string {
	t.Helper()
	c := h.Connect(server)
	c.Send([]byte(strings.Join(commands, "\n") + "\n"))
	c.End()
	if !h.Wait(c.Ended) {
		t.Fatalf("%s did not answer %q", server, commands)
	}
	return lines(c)
}

// report is an IAMAT of now.
func report(h Twin, id string) string {
	now := h.Now()
	return fmt.Sprintf("IAMAT %s +34.0-118.0 %d.%09d", id, now.Unix(), now.Nanosecond())
}

// status is what a server says about its link to a peer.
func status(t *testing.T, h Twin, server, peer string) herd.LinkStatus {
	t.Helper()
	for _, l := range h.Measures(server).Status.Links {
		if l.Peer == peer {
			return l
		}
	}
	t.Fatalf("%s has no neighbour %s", server, peer)
	return herd.LinkStatus{}
}

// lastLoss is why a link was last lost; empty if never.
func lastLoss(l herd.LinkStatus) string {
	if len(l.Losses) == 0 {
		return ""
	}
	return l.Losses[len(l.Losses)-1].Reason
}

// inAgreement checks that every live server holds the same records.
func inAgreement(t *testing.T, h Twin) {
	t.Helper()
	var first, name string
	for _, server := range h.Running() {
		got := h.Records(server)
		if name == "" {
			first, name = got, server
		} else if got != first {
			t.Errorf("%s and %s hold different records:\n%.2000s\n%.2000s", name, server, first, got)
		}
	}
	if name == "" {
		t.Fatal("no server runs")
	}
}
