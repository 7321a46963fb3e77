package reactorherd_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/herdtest"
	"proxyherd/herd/reactorherd"
	"proxyherd/herd/upstream"
)

// settle lets everything that is under way arrive.
func settle(v *herdtest.Virtual) { v.Network.Settle(time.Second) }

// lines are what a client has got so far, taken.
func lines(c herdtest.Client) []string {
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
func say(t *testing.T, v *herdtest.Virtual, server string, commands ...string) []string {
	t.Helper()
	c := v.Connect(server)
	c.Send([]byte(strings.Join(commands, "\n") + "\n"))
	c.End()
	if !v.Wait(c.Ended) {
		t.Fatalf("%s did not answer %q", server, commands)
	}
	return lines(c)
}

// report is an IAMAT of now.
func report(v *herdtest.Virtual, id string) string {
	now := v.Network.Seconds()
	return fmt.Sprintf("IAMAT %s +34.0-118.0 %d.%09d", id, now.Unix(), now.Nanosecond())
}

// status is what a server says about its link to a peer.
func status(t *testing.T, v *herdtest.Virtual, server, peer string) herd.LinkStatus {
	t.Helper()
	for _, l := range v.Servers[server].Status().Links {
		if l.Peer == peer {
			return l
		}
	}
	t.Fatalf("%s has no neighbour %s", server, peer)
	return herd.LinkStatus{}
}

// inAgreement checks that every live server holds the same records.
func inAgreement(t *testing.T, v *herdtest.Virtual) {
	t.Helper()
	var first, name string
	for _, member := range v.Config.Servers {
		s := v.Servers[member.Name]
		if s == nil {
			continue
		}
		got := reactorherd.Records(s)
		if name == "" {
			first, name = got, member.Name
		} else if got != first {
			t.Errorf("%s and %s hold different records:\n%s\n%s", name, member.Name, first, got)
		}
	}
}

// noUpstream is never asked.
type noUpstream struct{}

func (noUpstream) Fetch(context.Context, upstream.Query) upstream.Result {
	return upstream.Result{Line: []byte(`{"error":"none"}`)}
}
