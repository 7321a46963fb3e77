package goroutineherd_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/goroutineherd"
	"proxyherd/herd/herdtest"
)

// start runs play with the built-in herd in virtual time.
func start(t *testing.T, change func(*herd.Config), play func(t *testing.T, b *herdtest.Bubble)) {
	t.Helper()
	herdtest.InBubble(t, time.Time{}, change, play)
}

// solo is a herd of one server, of that name.
const solo = "Solo"

// alone runs play with such a herd.
func alone(t *testing.T, change func(*herd.Limits), play func(t *testing.T, b *herdtest.Bubble)) {
	t.Helper()
	start(t, func(c *herd.Config) {
		c.Servers = []herd.Server{{Name: solo, Clients: "127.0.0.1:12000"}}
		change(&c.Limits)
	}, play)
}

// settle lets everything that is under way arrive.
func settle(b *herdtest.Bubble) { b.Advance(time.Second) }

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
func say(t *testing.T, b *herdtest.Bubble, server string, commands ...string) []string {
	t.Helper()
	c := b.Connect(server)
	c.Send([]byte(strings.Join(commands, "\n") + "\n"))
	c.End()
	if !b.Wait(c.Ended) {
		t.Fatalf("%s did not answer %q", server, commands)
	}
	return lines(c)
}

// report is an IAMAT of now.
func report(id string) string {
	now := time.Now()
	return fmt.Sprintf("IAMAT %s +34.0-118.0 %d.%09d", id, now.Unix(), now.Nanosecond())
}

// inAgreement checks that every live server holds the same records.
func inAgreement(t *testing.T, b *herdtest.Bubble) {
	t.Helper()
	var first, root, name string
	for _, member := range b.Config.Servers {
		s := b.Servers[member.Name]
		if s == nil {
			continue
		}
		got, sum := goroutineherd.Records(s), s.Status().Root
		if name == "" {
			first, root, name = got, sum, member.Name
		} else if got != first || sum != root {
			t.Errorf("%s and %s hold different records, under %s and %s", name, member.Name, root, sum)
		}
	}
}
