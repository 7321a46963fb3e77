package main

import (
	"context"
	"fmt"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"proxyherd/herd"
)

// up starts a herd and waits until it is up. With any arguments the stand-in is
// among them. It returns the pid of each process.
func up(t *testing.T, dir string, args ...string) (p *process, pids map[string]int) {
	t.Helper()
	p = start(t, dir, append([]string{"up"}, args...)...)
	p.await(t, "The herd is up.")
	p.await(t, "server")
	pids = make(map[string]int)
	for _, name := range []string{"Farmar", "Gasol", "Hill", "Meeks", "Young"} {
		line := p.await(t, name+" ")
		fields := strings.Fields(line)
		pid, err := strconv.Atoi(fields[1])
		if err != nil || fields[0] != name {
			t.Fatalf("the table has the line %q for %s", line, name)
		}
		pids[name] = pid
	}
	if len(args) > 0 {
		line, pid := p.await(t, standinName+", process "), 0
		if _, err := fmt.Sscanf(line, standinName+", process %d,", &pid); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		pids[standinName] = pid
	}
	p.await(t, "Ctrl-C stops the herd.")
	return p, pids
}

// allGone waits until no process is left.
func allGone(t *testing.T, pids map[string]int) {
	t.Helper()
	for name, pid := range pids {
		until(t, name+" is gone", func() bool { return gone(pid) })
	}
	if len(pids) < 5 {
		t.Errorf("only %d processes were looked at", len(pids))
	}
}

func TestAHerd(t *testing.T) {
	dir, config := inDir(t, nil)
	p, pids := up(t, dir, "--standin")

	t.Run("answers a report and a question on one connection", func(t *testing.T) {
		lines := exchange(t, config, "Farmar", kiwiIsAt+"\nWHATSAT kiwi.cs.ucla.edu 10 2\n")
		if len(lines) != 3 || lines[0] != lines[1] || !strings.HasPrefix(lines[0], "AT Farmar +") {
			t.Fatalf("%q", lines)
		}
		checkTweets(t, lines[2], 2)
		for _, other := range []string{"Gasol", "Hill", "Meeks", "Young"} {
			learns(t, config, other, kiwi, lines[0])
		}
	})

	t.Run("shows the status of each server", func(t *testing.T) {
		for _, s := range config.Servers {
			answer, err := http.Get("http://" + s.HTTP + "/readyz")
			if err != nil {
				t.Fatal(err)
			}
			if err := answer.Body.Close(); err != nil || answer.StatusCode != http.StatusOK {
				t.Errorf("%s: %s, %v", s.Name, answer.Status, err)
			}
		}
	})

	t.Run("brings back a server that was killed, and tells it what it missed", func(t *testing.T) {
		if err := syscall.Kill(pids["Meeks"], syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		p.await(t, "Meeks died")
		line := report(t, config, "Farmar", "meanwhile")
		news := p.await(t, "Meeks is back")
		back := time.Now()
		for _, server := range []string{"Meeks", "Hill"} {
			learns(t, config, server, "meanwhile", line)
		}
		t.Logf("they knew %v after it was back", time.Since(back))
		pid, err := strconv.Atoi(readyPart(news, "pid"))
		if err != nil || pid == pids["Meeks"] {
			t.Fatalf("the new process is in %q", news)
		}
		pids["Meeks"] = pid
	})

	t.Run("stops at Ctrl-C", func(t *testing.T) {
		p.signal(t, syscall.SIGINT)
		p.ends(t, 0)
		allGone(t, pids)
	})
}

// checkTweets checks that a line is a search's answer with so many tweets, and
// that those which say where they are, are near Los Angeles.
func checkTweets(t *testing.T, line string, want int) {
	t.Helper()
	var answer struct {
		Results []struct {
			Text string
			Geo  *struct{ Coordinates [2]float64 }
		}
	}
	if err := json.UnmarshalFromString(line, &answer); err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	if len(answer.Results) != want {
		t.Errorf("%d tweets, want %d: %s", len(answer.Results), want, line)
	}
	located := 0
	for _, tweet := range answer.Results {
		if tweet.Text == "" {
			t.Error("a tweet without text")
		}
		if tweet.Geo == nil {
			continue
		}
		located++
		// A degree of latitude is 111 km, one of longitude at 34 degrees north 92 km.
		north, east := tweet.Geo.Coordinates[0]-34.068930, tweet.Geo.Coordinates[1]+118.445127
		if km := math.Hypot(111*north, 92*east); km > 11 {
			t.Errorf("a tweet from %v, %.0f km away", tweet.Geo.Coordinates, km)
		}
	}
	if located == 0 {
		t.Error("no tweet says where it is")
	}
}

func TestTheChildrenEndWithTheirParent(t *testing.T) {
	dir, _ := inDir(t, nil)
	p, pids := up(t, dir, "--standin")
	p.signal(t, syscall.SIGKILL)
	allGone(t, pids)
	p.ends(t, -1)
}

func TestAServerThatDiesIsLeftWhereTheUserWantsThat(t *testing.T) {
	dir, config := inDir(t, nil)
	p, pids := up(t, dir, "--standin", "--restart=never")
	if err := syscall.Kill(pids["Meeks"], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	p.await(t, "it is not started again")
	line := report(t, config, "Farmar", "somebody")
	learns(t, config, "Gasol", "somebody", line) // the others go on
	p.signal(t, syscall.SIGTERM)
	p.await(t, "herd: Meeks: it ended by itself: signal: killed")
	p.ends(t, 1)
	allGone(t, pids)
}

func TestAPortThatIsTakenIsNamedAndNothingIsLeft(t *testing.T) {
	dir, config := inDir(t, nil)
	meeks, _ := config.Server("Meeks")
	taken, err := net.Listen("tcp", meeks.Clients)
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	p := start(t, dir, "up", "--standin")
	line := p.await(t, "herd: Meeks: ")
	if !strings.Contains(line, meeks.Clients) || !strings.Contains(line, "already in use") {
		t.Errorf("it says %q, want the address %s and what is wrong there", line, meeks.Clients)
	}
	p.await(t, errNotStarted.Error())
	p.ends(t, 1)
	free := 0
	for _, s := range config.Servers {
		for _, address := range []string{s.Clients, s.Peers, s.HTTP} {
			if address == meeks.Clients {
				continue
			}
			listener, err := net.Listen("tcp", address)
			if err != nil {
				t.Errorf("somebody is left there: %v", err)
				continue
			}
			_ = listener.Close() // it was free, which is all
			free++
		}
	}
	if free != 14 {
		t.Errorf("%d ports are free, want 14", free)
	}
}

// upstreamThatWaits answers when it is let; asked has one entry per question.
func upstreamThatWaits(t *testing.T) (url string, asked <-chan struct{}, let func()) {
	t.Helper()
	questions := make(chan struct{}, 100)
	wait, let := context.WithCancel(context.Background())
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		questions <- struct{}{}
		<-wait.Done()
		_, _ = w.Write([]byte(`{"results":[]}`)) // a server that has gone needs none
	}))
	t.Cleanup(func() { let(); s.Close() })
	return s.URL + "/search.json", questions, let
}

// wasAsked waits until a question has reached the upstream.
func wasAsked(t *testing.T, asked <-chan struct{}) {
	t.Helper()
	select {
	case <-asked:
	case <-time.After(deadline):
		t.Fatal("the upstream was not asked")
	}
}

func TestASecondSignalEndsAllAtOnce(t *testing.T) {
	url, asked, _ := upstreamThatWaits(t)
	dir, config := inDir(t, func(c *herd.Config) {
		c.Upstream.URL = url
		c.Upstream.Timeout = herd.Duration(10 * time.Minute) // more than the test has
	})
	p, pids := up(t, dir)
	report(t, config, "Hill", "waiter")
	write(t, dial(t, config, "Hill"), "WHATSAT waiter 10 2\n")
	wasAsked(t, asked)
	p.signal(t, syscall.SIGINT)
	p.await(t, "stopping the herd")
	p.signal(t, syscall.SIGINT)
	p.await(t, errHurried.Error())
	p.ends(t, 1)
	allGone(t, pids)
}
