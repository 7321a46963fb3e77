package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"proxyherd/herd"
)

// serve starts one server and waits until it serves.
func serve(t testing.TB, dir, name string) *process {
	t.Helper()
	p := start(t, dir, "serve", name)
	p.await(t, "ready "+name)
	return p
}

func TestAServerAnswersWhatWaitsBeforeItEnds(t *testing.T) {
	url, asked, let := upstreamThatWaits(t)
	dir, config := inDir(t, func(c *herd.Config) { c.Upstream.URL = url })
	p := serve(t, dir, "Hill")
	line := report(t, config, "Hill", "waiter")
	conn := dial(t, config, "Hill")
	write(t, conn, "WHATSAT waiter 10 2\n")
	wasAsked(t, asked)
	p.signal(t, syscall.SIGTERM)
	p.await(t, "server stopping")
	if _, err := net.Dial("tcp", conn.RemoteAddr().String()); err == nil {
		t.Error("a new client got in")
	}
	let()
	in := bufio.NewReader(conn)
	for _, want := range []string{line + "\n", `{"results":[]}` + "\n"} {
		if got, err := in.ReadString('\n'); got != want || err != nil {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
	}
	_ = conn.Close() // what it waits for now
	p.ends(t, 0)
}

func TestASecondSignalEndsAServerAtOnce(t *testing.T) {
	url, asked, _ := upstreamThatWaits(t)
	dir, config := inDir(t, func(c *herd.Config) { c.Upstream.URL = url })
	p := serve(t, dir, "Hill")
	report(t, config, "Hill", "waiter")
	write(t, dial(t, config, "Hill"), "WHATSAT waiter 10 2\n")
	wasAsked(t, asked)
	p.signal(t, syscall.SIGINT)
	p.await(t, "server stopping")
	p.signal(t, syscall.SIGINT)
	p.await(t, "a second signal: ended at once")
	p.ends(t, 1)
}

// A WHATSAT that waits holds up nobody: not the loop, not other clients.
func TestAnUpstreamThatWaitsHoldsUpNobody(t *testing.T) {
	url, asked, let := upstreamThatWaits(t)
	dir, config := inDir(t, func(c *herd.Config) { c.Upstream.URL = url })
	serve(t, dir, "Hill")
	line := report(t, config, "Hill", "asked")
	const many = 20
	var waiting []*net.TCPConn
	for i := range many {
		conn := dial(t, config, "Hill")
		// Equal questions would be one to the upstream.
		write(t, conn, fmt.Sprintf("WHATSAT asked %d 2\n", 10+i))
		waiting = append(waiting, conn)
	}
	for range many {
		wasAsked(t, asked)
	}
	// All 20 wait, and no answer can come before the upstream is let; so each of
	// these comes before the first of them.
	for i := range many {
		report(t, config, "Hill", fmt.Sprintf("other-%d", i))
	}
	let()
	for _, conn := range waiting {
		if err := conn.CloseWrite(); err != nil {
			t.Fatal(err)
		}
		in := bufio.NewReader(conn)
		for _, want := range []string{line + "\n", `{"results":[]}` + "\n"} {
			if got, err := in.ReadString('\n'); got != want || err != nil {
				t.Errorf("%q, %v, want %q", got, err, want)
			}
		}
	}
}

func TestASecondServerOnThePortIsRefused(t *testing.T) {
	dir, config := inDir(t, nil)
	serve(t, dir, "Hill")
	second := start(t, dir, "serve", "Hill")
	hill, _ := config.Server("Hill")
	line := second.await(t, "herd: ")
	if !strings.Contains(line, "Hill") || !strings.Contains(line, hill.Clients) || !strings.Contains(line, "already in use") {
		t.Errorf("it says %q", line)
	}
	second.ends(t, 1)
	report(t, config, "Hill", "first") // which goes on
}

func TestHangupOpensTheLogAnew(t *testing.T) {
	dir, config := inDir(t, nil)
	p := serve(t, dir, "Hill")
	report(t, config, "Hill", "before")
	log := filepath.Join(dir, "logs", "Hill.log")
	has := func(path, text string) func() bool {
		return func() bool {
			content, err := os.ReadFile(path)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Fatal(err)
			}
			return strings.Contains(string(content), text)
		}
	}
	until(t, "the first report is in the log", has(log, "IAMAT before"))
	if err := os.Rename(log, log+".old"); err != nil {
		t.Fatal(err)
	}
	p.signal(t, syscall.SIGHUP)
	until(t, "there is a new log", func() bool { _, err := os.Stat(log); return err == nil })
	report(t, config, "Hill", "after")
	until(t, "the second report is in it", has(log, "IAMAT after"))
	if has(log+".old", "IAMAT after")() {
		t.Error("it is in the old log too")
	}
	p.signal(t, syscall.SIGTERM)
	p.ends(t, 0)
}

func TestServersStartedByHandFindEachOther(t *testing.T) {
	dir, config := inDir(t, nil)
	for _, name := range []string{"Meeks", "Hill"} {
		serve(t, dir, name)
	}
	if _, err := os.Stat(filepath.Join(dir, ".herd-secret")); err != nil {
		t.Errorf("the secret is not beside the config: %v", err)
	}
	conn := dial(t, config, "Meeks")
	write(t, conn, kiwiIsAt+"\n")
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	// Without the stand-in, the second line is an error in Twitter's form.
	learns(t, config, "Hill", kiwi, strings.TrimSuffix(line, "\n"))
}

// Two servers that know each other by name, and listen on every address of IPv4 and of
// IPv6: the whole way of a name through a process, in each design.
func TestServersThatKnowEachOtherByName(t *testing.T) {
	for _, design := range herd.Designs {
		t.Run(design, func(t *testing.T) {
			dir, config := inDir(t, func(c *herd.Config) {
				for i := range c.Servers {
					s := &c.Servers[i]
					s.Design = design
					s.Listen.Peers = strings.Replace(s.Peers, "127.0.0.1", "[::]", 1)
					s.Peers = strings.Replace(s.Peers, "127.0.0.1", "localhost", 1)
				}
				c.SecretFile = "secret"
			})
			if err := os.WriteFile(filepath.Join(dir, "secret"), []byte("a secret of the tests, long enough"), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"Meeks", "Hill"} {
				line := start(t, dir, "serve", name).await(t, "ready "+name)
				if peers := readyPart(line, "peers"); !strings.HasPrefix(peers, "[::]:") {
					t.Errorf("%s serves neighbours on %q", name, peers)
				}
			}
			conn := dial(t, config, "Meeks")
			write(t, conn, kiwiIsAt+"\n")
			line, err := bufio.NewReader(conn).ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			learns(t, config, "Hill", kiwi, strings.TrimSuffix(line, "\n"))
		})
	}
}

func TestHostNamesToListenOnAreLookedUpAtTheStart(t *testing.T) {
	dir, config := inDir(t, func(c *herd.Config) {
		for i := range c.Servers {
			s := &c.Servers[i]
			for _, address := range []*string{&s.Clients, &s.Peers, &s.HTTP} {
				*address = strings.Replace(*address, "127.0.0.1", "localhost", 1)
			}
		}
	})
	p := start(t, dir, "serve", "Hill")
	hill, _ := config.Server("Hill")
	line := p.await(t, "ready Hill")
	want := strings.Replace(hill.Clients, "localhost", "127.0.0.1", 1)
	if got := readyPart(line, "clients"); got != want {
		t.Errorf("it serves clients on %q, want %q", got, want)
	}
	report(t, config, "Hill", "somebody")
}
