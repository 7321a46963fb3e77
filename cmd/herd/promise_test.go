package main

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"syscall"
	"testing"
	"time"

	"proxyherd/herd"
)

// The tests of the files promise_*_test.go hold the promises of docs/protocol.md
// against five real processes under load. Each has a short form, which always
// runs, and a long one for HERD_LONG=1, which takes minutes.

// forms returns the amount for the form that runs.
func forms[N any](short, long N) N {
	if os.Getenv("HERD_LONG") == "1" {
		return long
	}
	return short
}

// herdUnderTest is the built-in herd, each server a process that the test has
// started itself, so that it can see how each of them ends.
type herdUnderTest struct {
	dir     string
	config  herd.Config
	running map[string]*process
}

// theHerd starts the herd and waits until its links are open and compared. Its
// upstream answers at once, with nothing: the tests ask it for what the servers
// say before they pass that on.
func theHerd(t *testing.T, change func(*herd.Config)) *herdUnderTest {
	t.Helper()
	dir, config := inDir(t, func(c *herd.Config) {
		c.Upstream.URL = emptyUpstream(t)
		if change != nil {
			change(c)
		}
	})
	h := &herdUnderTest{dir: dir, config: config, running: make(map[string]*process)}
	for _, s := range config.Servers {
		h.running[s.Name] = start(t, dir, "serve", s.Name)
	}
	for _, s := range config.Servers {
		h.running[s.Name].await(t, "ready "+s.Name)
	}
	untilInSync(t, config)
	return h
}

// serveAgain starts a server that has ended.
func (h *herdUnderTest) serveAgain(t *testing.T, name string) {
	t.Helper()
	h.running[name] = serve(t, h.dir, name)
}

func (h *herdUnderTest) pid(name string) int { return h.running[name].cmd.Process.Pid }

// stop ends all servers in order.
func (h *herdUnderTest) stop(t *testing.T) {
	t.Helper()
	for _, s := range h.config.Servers {
		h.running[s.Name].signal(t, syscall.SIGTERM)
	}
	for _, s := range h.config.Servers {
		h.running[s.Name].ends(t, 0)
	}
}

// isWell runs herd status, which must find nothing to complain of.
func isWell(t *testing.T, dir string) {
	t.Helper()
	start(t, dir, "status").ends(t, 0)
}

// emptyUpstream finds nothing, for everybody.
func emptyUpstream(t *testing.T) (url string) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"results":[]}`)) // a server that has gone needs none
	}))
	t.Cleanup(s.Close)
	return s.URL + "/search.json"
}

// statusClient gives up on a server that is stopped, or just being killed.
var statusClient = http.Client{Timeout: 5 * time.Second}

// statusOf asks a server how it is.
func statusOf(config herd.Config, name string) (st herd.Status, err error) {
	s, _ := config.Server(name)
	answer, err := statusClient.Get("http://" + s.HTTP + "/status.json")
	if err != nil {
		return st, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return st, fmt.Errorf("%s: %s", name, answer.Status)
	}
	return st, json.NewDecoder(answer.Body).Decode(&st)
}

// mustStatus is statusOf for a server that runs. One that is asked for more than
// it can do answers late.
func mustStatus(t *testing.T, config herd.Config, name string) (st herd.Status) {
	t.Helper()
	until(t, name+" says how it is", func() bool {
		var err error
		st, err = statusOf(config, name)
		return err == nil
	})
	return st
}

// untilInSync waits until both ends of each link say that it is open, to the
// process that runs now, and in sync.
func untilInSync(t *testing.T, config herd.Config) {
	t.Helper()
	untilLinks(t, config, func(l *herd.LinkStatus) bool { return l.Sync == herd.InSync })
}

// untilLinked waits until all links are open, to the processes that run now.
func untilLinked(t *testing.T, config herd.Config) {
	t.Helper()
	untilLinks(t, config, func(*herd.LinkStatus) bool { return true })
}

func untilLinks(t *testing.T, config herd.Config, isSo func(*herd.LinkStatus) bool) {
	t.Helper()
	var missing error
	if !soon(func() bool { missing = missingLink(config, isSo); return missing == nil }) {
		t.Fatalf("the links are not as they should be: %v", missing)
	}
}

// missingLink says which end of a link is not open to the process that runs now,
// or is not so.
func missingLink(config herd.Config, isSo func(*herd.LinkStatus) bool) error {
	status := make(map[string]herd.Status)
	for _, s := range config.Servers {
		var err error
		if status[s.Name], err = statusOf(config, s.Name); err != nil {
			return err
		}
	}
	for _, s := range config.Servers {
		for _, l := range status[s.Name].Links {
			if !l.Up || l.Boot != status[l.Peer].Boot || !isSo(&l) {
				return fmt.Errorf("%s about %s: %+v", s.Name, l.Peer, l)
			}
		}
	}
	return nil
}

// soon asks again and again, and reports whether it is so before the deadline.
func soon(isSo func() bool) bool {
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for late := time.After(deadline); ; {
		if isSo() {
			return true
		}
		select {
		case <-again.C:
		case <-late:
			return false
		}
	}
}

// untilAgreed waits until all servers hold the same records, and returns how many
// that are.
func untilAgreed(t *testing.T, config herd.Config) (records int) {
	t.Helper()
	until(t, "all servers hold the same", func() bool {
		root := ""
		for _, s := range config.Servers {
			st, err := statusOf(config, s.Name)
			if err != nil || root != "" && st.Root != root {
				return false
			}
			root, records = st.Root, st.Records
		}
		return true
	})
	return records
}

// linksOpened counts, for each end of a link, how often it was opened so far; the
// links of the server except are left out.
func linksOpened(t *testing.T, config herd.Config, except string) map[string]int64 {
	t.Helper()
	opened := make(map[string]int64)
	for _, s := range config.Servers {
		if s.Name == except {
			continue
		}
		for _, l := range mustStatus(t, config, s.Name).Links {
			if l.Peer != except {
				opened[s.Name+" - "+l.Peer] = l.Opened
			}
		}
	}
	return opened
}

// checkOpened checks that no link was opened since linksOpened.
func checkOpened(t *testing.T, config herd.Config, before map[string]int64, except string) {
	t.Helper()
	now := linksOpened(t, config, except)
	if !maps.Equal(now, before) {
		t.Errorf("links were lost: they have been opened so often: %v, and before it: %v", now, before)
	}
	if len(now) < 4 {
		t.Errorf("only %d ends of links were looked at", len(now))
	}
}
