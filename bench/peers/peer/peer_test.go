package peer_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"proxyherd/bench/peers/peer"
	"proxyherd/herd"
	"proxyherd/herd/herdtest"
	"proxyherd/herd/wirelog"
)

// root is the module's directory, from this package.
const root = "../../.."

// thorough says that each script gets a herd of its own, and each of five servers is
// killed, as in make peers-check.
var thorough = os.Getenv("HERD_PEERS") != ""

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "peers")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	buildDir = dir
	// Short-lived servers that do little: to compile them well takes longer than it saves.
	if err := os.Setenv("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	lookAtSources()
	code := m.Run()
	_ = os.RemoveAll(dir) // a temporary directory
	os.Exit(code)
}

// lookAtSources lets go test's cache know what the servers are made of: it notes
// the files that a test looks at, but not those of a program that it runs.
func lookAtSources() {
	_ = filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && slices.Contains([]string{".go", ".py", ".js", ".java"}, filepath.Ext(path)) {
			_, _ = os.Stat(path)
		}
		return nil // what cannot be read, the compilers will complain about
	})
}

// program returns how to start servers of a peer, which is built if it must be.
// Without its runtime the test is skipped, as there is nothing to test.
func program(t *testing.T, p peer.Peer) func(server, config string) []string {
	t.Helper()
	if built[p.Name] == nil {
		if err := p.Build(root, buildDir); errors.Is(err, peer.ErrMissing) {
			t.Skip(err)
		} else if err != nil {
			t.Fatal(err)
		}
		start, err := p.Program(root, buildDir)
		if err != nil {
			t.Fatal(err)
		}
		built[p.Name] = start
	}
	return built[p.Name]
}

// eachPeer runs a test for each of them.
func eachPeer(t *testing.T, test func(t *testing.T, start func(server, config string) []string)) {
	for _, p := range peer.All() {
		t.Run(p.Name, func(t *testing.T) { test(t, program(t, p)) })
	}
}

// TestScripts plays the scripts that every herd must follow. In its short form one
// herd of each kind plays all, one after the other: none contradicts another.
func TestScripts(t *testing.T) {
	scripts, err := filepath.Glob(root + "/herd/testdata/*.txt")
	if err != nil || len(scripts) < 5 {
		t.Fatalf("%d scripts found (%v)", len(scripts), err)
	}
	eachPeer(t, func(t *testing.T, start func(server, config string) []string) {
		if !thorough {
			h := newProcesses(t, peer.Spec{Program: start})
			for _, path := range scripts {
				herdtest.Play(t, h, path)
			}
			return
		}
		for _, path := range scripts {
			t.Run(filepath.Base(path), func(t *testing.T) {
				herdtest.Play(t, newProcesses(t, peer.Spec{Program: start}), path)
			})
		}
	})
}

// alone is a herd of one, Gasol, which is enough for what clients see.
func alone(c *herd.Config) {
	c.Servers = c.Servers[1:2]
	c.Servers[0].TalksTo = nil
}

// TestEdges looks at what the scripts leave out.
func TestEdges(t *testing.T) {
	eachPeer(t, func(t *testing.T, start func(server, config string) []string) {
		h := newProcesses(t, peer.Spec{Program: start, Configure: alone})
		long := "x" + strings.Repeat(" x", (herd.MaxClientLine-1)/2) + "y"
		if len(long) != herd.MaxClientLine {
			t.Fatalf("%d bytes", len(long))
		}
		for _, c := range []struct{ line, want string }{
			{long, "? " + long},
			{long + "\r", "? " + long},
			{"IAMAT a +090.000-0180 000000000001.000000001", "AT Gasol {} a +090.000-0180 000000000001.000000001"},
			{"IAMAT b +90.0000000000000000000000000001-0 1", "? IAMAT b +90.0000000000000000000000000001-0 1"},
			{"IAMAT b +.5-0 1", "? IAMAT b +.5-0 1"},
			{"IAMAT b +5.-0 1", "? IAMAT b +5.-0 1"},
			{"IAMAT b +5-0 1234567890123", "? IAMAT b +5-0 1234567890123"},
			{"IAMAT b +5-0 999999999999", "AT Gasol {} b +5-0 999999999999"},
			{"IAMAT b +5\xa0-0 1", "? IAMAT b +5\xa0-0 1"},
			{"IAMAT \xa0\x85\xff +5-0 1", "AT Gasol {} \xa0\x85\xff +5-0 1"},
			{"WHATSAT a 1 101", "? WHATSAT a 1 101"},
			{"WHATSAT a 1 1.0", "? WHATSAT a 1 1.0"},
			{"WHATSAT a -1 1", "? WHATSAT a -1 1"},
			{"WHATSAT a +1 1", "? WHATSAT a +1 1"},
			{"WHATSAT a 1. 1", "? WHATSAT a 1. 1"},
			{"WHATSAT a 1 00000000000000000000000000000", "AT Gasol {} a +090.000-0180 000000000001.000000001"},
			{"IAMAT", "? IAMAT"},
			{"FAULT error", "? FAULT error"},
		} {
			got := h.say("Gasol", c.line)[0]
			before, after, masked := strings.Cut(c.want, "{}")
			if masked && len(got) > len(before)+len(after) {
				difference := strings.TrimSuffix(strings.TrimPrefix(got, before), after)
				if _, ok := herd.ParseDifference([]byte(difference)); ok {
					got = before + "{}" + after
				}
			}
			if got != c.want {
				t.Errorf("%.80q: %.120q, want %.120q", c.line, got, c.want)
			}
		}
		tooLong := fmt.Sprintf("? line longer than %d bytes", herd.MaxClientLine)
		for _, text := range []string{long + "z\nIAMAT c +1+1 1\n", strings.Repeat("x", 1<<20)} {
			c := h.client("Gasol")
			c.Send([]byte(text))
			if got := h.line(c); got != tooLong {
				t.Errorf("a line of %d bytes: %q", len(text), got)
			}
			c.End()
			if !h.Wait(c.Ended) || len(c.Received()) > 0 {
				t.Errorf("after a line of %d bytes: ended %v, %q", len(text), c.Ended(), c.Received())
			}
		}
		if got := h.say("Gasol", "WHATSAT c 0 0")[0]; got != "? WHATSAT c 0 0" {
			t.Errorf("a command behind a line that was too long was carried out: %q", got)
		}
		if err := h.Stop("Gasol"); err != nil {
			t.Error(err)
		}
		readLog(t, h, long)
	})
}

// readLog reads Gasol's log as ours is read, and finds what the client said in it.
func readLog(t *testing.T, h *processes, said string) {
	t.Helper()
	text, err := h.Log("Gasol")
	if err != nil {
		t.Fatal(err)
	}
	marks := map[wirelog.Mark]int{}
	found := false
	for entry, err := range wirelog.Scan(bytes.NewReader(text)) {
		if err != nil {
			t.Error(err)
			continue
		}
		marks[entry.Mark]++
		found = found || entry.Mark == wirelog.In && string(entry.Text) == said
	}
	for _, mark := range []wirelog.Mark{wirelog.In, wirelog.Out, wirelog.Opened, wirelog.Closed} {
		if marks[mark] < 15 {
			t.Errorf("the log has %d records of the kind %c", marks[mark], mark)
		}
	}
	if marks[wirelog.Event] < 2 || !found {
		t.Errorf("the log has %d events, and the line that was said: %v", marks[wirelog.Event], found)
	}
}

// TestUpstreamThatFails shows what a client gets, and that nobody waits for it.
func TestUpstreamThatFails(t *testing.T) {
	web, _ := misbehaving(t)
	eachPeer(t, func(t *testing.T, start func(server, config string) []string) {
		t.Parallel() // most of it is waiting
		within := func(timeout time.Duration) *processes {
			return newProcesses(t, peer.Spec{Program: start, Upstream: web, Configure: func(c *herd.Config) {
				alone(c)
				c.Upstream.Timeout = herd.Duration(timeout)
			}})
		}
		// Only who is to be too late has little time.
		h := within(time.Second)
		h.fails(t, "+1", `{"error":"twitter did not answer in time"}`)
		h = within(peer.Patience)
		for _, c := range []struct{ latitude, want string }{
			{"+2", `{"error":"twitter's answer was not JSON"}`},
			{"+3", `{"error":"twitter answered 503`},
			{"+4", `{"error":"twitter's answer was cut off"}`},
			{"+5", `{"error":"over capacity"}`},
			{"+6", `{"id":270123456789012345678,"x":1.0e5,"results":["é"," ]"],"y":"\u00e9"}`},
			{"+7", `{"error":"twitter's answer is too long"}`},
		} {
			h.fails(t, c.latitude, c.want)
		}
	})
}

// fails asks for what is near a place, and compares the answer's beginning.
func (p *processes) fails(t *testing.T, latitude, want string) {
	t.Helper()
	asks := p.client("Gasol")
	asks.Send([]byte("IAMAT a " + latitude + "+0 1\nWHATSAT a 1 2\nlast\n"))
	p.line(asks)
	// While it waits, others are served.
	if got := p.say("Gasol", "other")[0]; got != "? other" {
		t.Errorf("another client got %q", got)
	}
	p.line(asks)
	if got := p.line(asks); !strings.HasPrefix(strings.ReplaceAll(got, `": "`, `":"`), want) {
		t.Errorf("latitude %s: %.200q, want %q", latitude, got, want)
	}
	if got := p.line(asks); got != "? last" {
		t.Errorf("after the failure came %q", got)
	}
}

// await takes a word from a channel, and fails the test if none comes.
func await(t *testing.T, words <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-words:
	case <-time.After(peer.Patience):
		t.Fatalf("not within %v: %s", peer.Patience, what)
	}
}

// TestStop ends a server in order: what waits is answered.
func TestStop(t *testing.T) {
	eachPeer(t, func(t *testing.T, start func(server, config string) []string) {
		t.Parallel() // most of it is waiting
		web, question := misbehaving(t)
		h := newProcesses(t, peer.Spec{Program: start, Upstream: web, Configure: func(c *herd.Config) {
			alone(c)
			c.Upstream.Timeout = herd.Duration(peer.Patience)
		}})
		c := h.client("Gasol")
		c.Send([]byte("IAMAT a +8+0 1\nWHATSAT a 1 2\n"))
		h.line(c)
		await(t, question.asked, "the upstream is asked")
		stopped := make(chan error, 1)
		go func() { stopped <- h.Stop("Gasol") }()
		if !h.Wait(func() bool { // until it takes no more clients, and so has begun to end
			more, err := h.Herd.Connect("Gasol")
			if err == nil {
				more.Close()
			}
			return err != nil
		}) {
			t.Fatal("it takes clients still")
		}
		await(t, question.answer, "the upstream may answer")
		if err := <-stopped; err != nil {
			t.Fatal(err)
		}
		if at, json := h.line(c), h.line(c); !strings.HasPrefix(at, "AT Gasol ") || json != `{"results":[]}` {
			t.Errorf("what waited was answered by %q and %q", at, json)
		}
		if !h.Wait(c.Ended) {
			t.Error("the connection has no end")
		}
	})
}

// TestRefusals starts servers with what they say they do not do: they do not pass it
// over.
func TestRefusals(t *testing.T) {
	eachPeer(t, func(t *testing.T, start func(server, config string) []string) {
		t.Parallel()
		for what, configure := range map[string]func(c *herd.Config){
			"link_mac":      func(c *herd.Config) { c.LinkMAC = true },
			"upstream.kind": func(c *herd.Config) { c.Upstream.Kind = "wikipedia" },
			"secret":        func(c *herd.Config) { c.SecretFile = "no-such-secret" },
		} {
			h, err := peer.New(peer.Spec{Program: start, Upstream: "http://127.0.0.1:1/", Configure: func(c *herd.Config) {
				alone(c)
				configure(c)
			}})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(h.Close)
			if err := h.StartAll(); err == nil {
				t.Errorf("%s: it starts", what)
			} else if !strings.Contains(err.Error(), what) {
				t.Errorf("%s: it says %v", what, err)
			}
			if err := h.Stop("Gasol"); err == nil {
				t.Errorf("%s: its status is 0", what)
			}
		}
	})
}
