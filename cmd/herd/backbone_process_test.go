package main

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	nats "github.com/nats-io/nats-server/v2/server"

	"proxyherd/herd"
)

// natsInHere runs a NATS server in this process.
func natsInHere(t *testing.T) (url string) {
	t.Helper()
	s, err := nats.NewServer(&nats.Options{Host: "127.0.0.1", Port: nats.RANDOM_PORT, NoLog: true, NoSigs: true})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(deadline) {
		t.Fatal("the NATS server does not start")
	}
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	return s.ClientURL()
}

// Five processes of both designs, joined by NATS, with two of four shards each: one is
// killed, and what the others know stays, and comes to it again.
func TestProcessesOnNATS(t *testing.T) {
	url := natsInHere(t)
	h := theHerd(t, func(c *herd.Config) {
		c.Backbone.Kind, c.Backbone.URL, c.Backbone.Shards = herd.BackboneNATS, url, 4
		for i := range c.Servers {
			s := &c.Servers[i]
			s.TalksTo, s.Shards, s.Design = nil, []int{i % 4, (i + 1) % 4}, herd.Designs[i%2]
		}
	})
	untilJoined := func() {
		until(t, "every shard is in sync", func() bool {
			for _, s := range h.config.Servers {
				b := mustStatus(t, h.config, s.Name).Backbone
				if !b.Connected || len(b.Peers) != len(h.config.Servers)-1 || len(behindOn(b)) > 0 {
					return false
				}
			}
			return true
		})
	}
	untilJoined()
	latest := map[string]string{}
	reports := func(from string) {
		for i := range 12 {
			id := fmt.Sprintf("%s-%d", from, i)
			latest[id] = report(t, h.config, from, id)
		}
	}
	everywhere := func(but string) {
		for _, s := range h.config.Servers {
			for id, line := range latest {
				if s.Name != but {
					learns(t, h.config, s.Name, id, line)
				}
			}
		}
	}
	reports("Hill")
	reports("Young")
	everywhere("")
	h.running["Hill"].signal(t, syscall.SIGKILL)
	h.running["Hill"].ends(t, -1)
	reports("Gasol")
	everywhere("Hill")
	h.serveAgain(t, "Hill")
	untilJoined()
	everywhere("")
	isWell(t, h.dir)
	p := start(t, h.dir, "check")
	p.await(t, "nats at "+url+", 4 shards")
	p.ends(t, 0)
	if page := strings.Join(exchange(t, h.config, "Hill", "WHATSAT nobody 10 1\n"), "\n"); page != "? WHATSAT nobody 10 1" {
		t.Errorf("of nobody Hill says %q", page)
	}
	h.stop(t)
}
