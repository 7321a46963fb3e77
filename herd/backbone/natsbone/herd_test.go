package natsbone

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/goroutineherd"
	"proxyherd/herd/reactorherd"
	"proxyherd/herd/upstream"
	"proxyherd/reactor/gnetreactor"
)

// herdOn is servers of one herd on a NATS server, of both designs in turn.
type herdOn struct {
	t       *testing.T
	config  herd.Config
	running []*member
}

// member is one of them.
type member struct {
	name   string
	bus    *Bus
	status func() herd.Status
	stop   func()
}

// nowhere is the upstream.
type nowhere struct{}

func (nowhere) Fetch(context.Context, upstream.Query) upstream.Result {
	return upstream.Result{Line: []byte(`{"results":[]}`)}
}

// startHerd starts servers, each of which holds perServer of the shards.
func startHerd(t *testing.T, servers, shards, perServer int, urlOf func(i int) string) *herdOn {
	t.Helper()
	h := &herdOn{t: t, config: herd.Default()}
	h.config.Backbone = herd.Backbone{Kind: herd.BackboneNATS, URL: urlOf(0), Shards: shards, Timeout: herd.Duration(20 * time.Second)}
	h.config.Servers = nil
	for i := range servers {
		s := herd.Server{Name: fmt.Sprintf("Server%02d", i), Clients: "127.0.0.1:0", Design: herd.Designs[i%2]}
		for k := range perServer {
			s.Shards = append(s.Shards, (i+k)%shards)
		}
		h.config.Servers = append(h.config.Servers, s)
	}
	if warnings, err := h.config.Check(); err != nil || warnings != nil {
		t.Fatal(warnings, err)
	}
	for i := range servers {
		h.start(i, urlOf(i))
	}
	h.acquainted()
	return h
}

// start starts one server.
func (h *herdOn) start(i int, url string) *member {
	h.t.Helper()
	s := h.config.Servers[i]
	bus, err := New(Options{URL: url, Name: s.Name})
	if err != nil {
		h.t.Fatal(err)
	}
	m := &member{name: s.Name, bus: bus}
	secrets := [][]byte{[]byte("a secret of the tests, long enough")}
	if s.Design == herd.Designs[1] {
		server, err := goroutineherd.New(goroutineherd.Options{Name: s.Name, Config: h.config, Keys: secrets, Upstream: nowhere{}, Kind: upstream.Twitter{}, Bus: bus})
		if err == nil {
			err = server.Start()
		}
		if err != nil {
			h.t.Fatal(err)
		}
		m.status = server.Status
		m.stop = func() {
			server.Stop()
			server.Wait()
		}
	} else {
		m.onLoop(h, secrets)
	}
	h.running = append(h.running, m)
	h.t.Cleanup(func() { h.end(m) })
	return m
}

// onLoop runs the member on a reactor.
func (m *member) onLoop(h *herdOn, secrets [][]byte) {
	loop := gnetreactor.New(gnetreactor.Config{NoSignalHandlers: true})
	server, err := reactorherd.New(loop, reactorherd.Options{Name: m.name, Config: h.config, Keys: secrets, Upstream: nowhere{}, Kind: upstream.Twitter{}, Bus: m.bus})
	if err == nil {
		err = server.Start()
	}
	if err != nil {
		h.t.Fatal(err)
	}
	over := make(chan error, 1)
	go func() { over <- loop.Run() }()
	m.status = func() herd.Status {
		answer := make(chan herd.Status, 1)
		loop.CallFromThread(func() { answer <- server.Status() })
		return <-answer
	}
	m.stop = func() {
		loop.CallFromThread(func() { _ = loop.Stop() }) // it runs
		if err := <-over; err != nil {
			h.t.Errorf("%s has ended: %v", m.name, err)
		}
	}
}

// end ends a server as a crash would: nobody hears from it any more.
func (h *herdOn) end(m *member) {
	for i, other := range h.running {
		if other == m {
			h.running = append(h.running[:i], h.running[i+1:]...)
			m.bus.Close()
			m.stop()
			return
		}
	}
}

// acquainted waits until all know each other.
func (h *herdOn) acquainted() {
	h.t.Helper()
	until(h.t, "all know each other", func() bool {
		for _, m := range h.running {
			if len(m.status().Backbone.Peers) != len(h.running)-1 {
				return false
			}
		}
		return true
	})
}

// say sends lines to a server, and returns the answers.
func (m *member) say(t *testing.T, commands ...string) (answers []string) {
	t.Helper()
	conn, err := net.Dial("tcp", m.status().Clients)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	if _, err := conn.Write([]byte(strings.Join(commands, "\n") + "\n")); err != nil {
		t.Fatal(err)
	}
	_ = conn.(*net.TCPConn).CloseWrite()
	in := bufio.NewScanner(conn)
	for in.Scan() {
		answers = append(answers, in.Text())
	}
	if in.Err() != nil {
		t.Fatalf("%s: %v", m.name, in.Err())
	}
	return answers
}

// report gives each client a place at a server, one client after the other, and returns
// the answers by client.
func (h *herdOn) report(round int, ids []string, latest map[string]string) {
	h.t.Helper()
	for i, id := range ids {
		m := h.running[(i+round)%len(h.running)]
		now := time.Now()
		line := fmt.Sprintf("IAMAT %s +%d.%d-118.%d %d.%09d", id, 10+round, i, round, now.Unix(), now.Nanosecond())
		got := m.say(h.t, line)
		if len(got) != 1 || !strings.HasPrefix(got[0], "AT "+m.name+" ") {
			h.t.Fatalf("%s answers %q to %q", m.name, got, line)
		}
		latest[id] = got[0]
	}
}

// everywhere waits until every server answers with the newest record of each client.
func (h *herdOn) everywhere(ids []string, latest map[string]string) {
	h.t.Helper()
	var questions []string
	for _, id := range ids {
		questions = append(questions, "WHATSAT "+id+" 10 1")
	}
	checked := 0
	for _, m := range h.running {
		wrong := ""
		until(h.t, m.name+" has the newest records", func() bool {
			got := m.say(h.t, questions...)
			for i, id := range ids {
				if len(got) != 2*len(ids) || got[2*i] != latest[id] {
					wrong = fmt.Sprintf("%d lines, and %q", len(got), latest[id])
					return false
				}
			}
			checked += len(ids)
			return true
		})
		if h.t.Failed() {
			h.t.Log(m.name, wrong)
		}
	}
	if checked != len(h.running)*len(ids) {
		h.t.Errorf("%d answers were checked", checked)
	}
}

func clients(n int) (ids []string) {
	for i := range n {
		ids = append(ids, fmt.Sprintf("client-%d", i))
	}
	return ids
}

// Twenty servers, four shards, of which each holds one; one server is killed.
func TestTwentyServersWithFourShards(t *testing.T) {
	n := startNATS(t, nil)
	h := startHerd(t, 20, 4, 1, func(int) string { return n.url() })
	ids, latest := clients(40), map[string]string{}
	h.report(0, ids, latest)
	h.everywhere(ids, latest)
	held := 0
	for _, m := range h.running {
		held += m.status().Records
	}
	if held != 5*len(ids) {
		t.Errorf("the servers hold %d records of %d clients, and of each shard there are 5", held, len(ids))
	}
	h.end(h.running[7])
	h.report(1, ids, latest) // also where the one that is gone was asked
	h.everywhere(ids, latest)
	h.acquainted()
	h.everywhere(ids, latest)
}

// A NATS server that is away for a while: what was reported meanwhile is mended.
func TestTheHerdOutlivesItsNATSServer(t *testing.T) {
	n := startNATS(t, nil)
	h := startHerd(t, 4, 1, 0, func(int) string { return n.url() })
	ids, latest := clients(12), map[string]string{}
	h.report(0, ids, latest)
	n.stop()
	until(t, "all have noticed", func() bool {
		for _, m := range h.running {
			if m.status().Backbone.Connected {
				return false
			}
		}
		return true
	})
	h.report(1, ids, latest) // each is kept by one server alone
	n.start()
	h.everywhere(ids, latest)
	for _, m := range h.running {
		if st := m.status().Backbone; st.Opened != 2 || !st.Connected || st.Refused+st.Dropped != 0 {
			t.Errorf("%s says %+v", m.name, st)
		}
	}
}

// A server that nothing reaches any more, though nobody hangs up.
func TestAServerThatIsPartedFromNATS(t *testing.T) {
	n := startNATS(t, nil)
	p := startProxy(t, n.running.Addr().String())
	urls := func(i int) string {
		if i == 0 {
			return p.url()
		}
		return n.url()
	}
	h := startHerd(t, 4, 2, 2, urls)
	parted := h.running[0]
	ids, latest := clients(12), map[string]string{}
	h.report(0, ids, latest)
	p.set(true)
	until(t, "the others have noticed", func() bool { return len(h.running[1].status().Backbone.Peers) == 2 })
	until(t, "it has noticed itself", func() bool { return !parted.status().Backbone.Connected })
	h.report(1, ids, latest)
	p.set(false)
	h.everywhere(ids, latest)
}
