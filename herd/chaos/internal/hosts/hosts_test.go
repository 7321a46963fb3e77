package hosts

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/chaos/stage"
	"proxyherd/herd/configfile"
)

// patience is how long a herd may take to be as it should. It takes seconds; the rest
// is for machines that are busy.
const patience = 60 * time.Second

// missing says what this machine lacks for the test; empty: nothing.
var missing string

// TestMain runs the tests in a network of their own, where they may make namespaces
// and of which nothing is left.
func TestMain(m *testing.M) {
	if !stage.Enclosed() {
		code, err := stage.Enclose()
		if err == nil {
			os.Exit(code)
		}
		missing = err.Error()
	}
	os.Exit(m.Run())
}

// hosts is a herd on five of them.
type hosts struct {
	*stage.Stage
	t       *testing.T
	reports int
}

// start makes the hosts and starts a server on each, of both designs.
func start(t *testing.T) *hosts {
	t.Helper()
	if missing != "" {
		t.Skip(missing)
	}
	dir := t.TempDir()
	lacks := stage.Probe(dir)
	if why := lacks.Missing([]stage.Need{stage.Namespaces}); why != "" {
		t.Skip("needs network namespaces, so root and iproute2 (make chaos-install installs it): " + why)
	}
	if _, err := exec.LookPath("mount"); err != nil {
		t.Skip("needs mount, of util-linux: " + err.Error())
	}
	lacks[stage.Tmpfs] = "logs need no disks of their own here"
	binary := filepath.Join(dir, "herd")
	if out, err := exec.Command("go", "build", "-o", binary, "proxyherd/cmd/herd").CombinedOutput(); err != nil {
		t.Fatalf("building the program: %v\n%s", err, out)
	}
	s, err := stage.Open(stage.Settings{Dir: dir, Binary: binary, Design: "mixed", Journal: "none", Lacks: lacks, Plain: true, Named: true})
	if err != nil {
		t.Fatal(err)
	}
	h := &hosts{Stage: s, t: t}
	h.isTheExample(filepath.Join("..", "..", "..", "..", "docs", "deploy", "hosts.json"))
	t.Cleanup(func() {
		if err := s.Close(false); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			h.tellAll(dir)
		}
	})
	h.spread(h.book(), h.Names()...)
	for _, name := range s.Names() {
		h.start(name)
	}
	return h
}

// isTheExample checks that the servers are those of a config, their designs aside.
func (h *hosts) isTheExample(path string) {
	h.t.Helper()
	example, _, err := configfile.Read(path)
	if err != nil {
		h.t.Fatal(err)
	}
	servers := slices.Clone(h.Config.Servers)
	for i := range servers { // of which the example says nothing
		servers[i].Design, servers[i].Shards = "", nil
	}
	if !reflect.DeepEqual(servers, example.Servers) {
		h.t.Fatalf("the servers are %+v, and in %s %+v", servers, path, example.Servers)
	}
}

// book is what /etc/hosts says. Farmar has an address of IPv6 alone, Hill one of IPv4,
// and the first of Young's is nobody's, so that it must be tried in vain.
func (h *hosts) book() []string {
	nobody := "198.18.0.99"
	entry := func(address, server string) string { return address + " " + stage.HostName(server) }
	return []string{
		entry(h.IPv6("Farmar"), "Farmar"),
		entry(h.IPv4("Gasol"), "Gasol"), entry(h.IPv6("Gasol"), "Gasol"),
		entry(h.IPv4("Hill"), "Hill"),
		entry(h.IPv6("Meeks"), "Meeks"), entry(h.IPv4("Meeks"), "Meeks"),
		entry(nobody, "Young"), entry(h.IPv6("Young"), "Young"),
	}
}

// spread has hosts know some names.
func (h *hosts) spread(book []string, to ...string) {
	h.t.Helper()
	for _, name := range to {
		if err := h.Know(name, book...); err != nil {
			h.t.Fatal(err)
		}
	}
}

// start starts a server, and waits until it serves.
func (h *hosts) start(name string) {
	h.t.Helper()
	life, err := h.Start(name, 0)
	if err != nil {
		h.t.Fatal(err)
	}
	select {
	case <-life.Ready():
	case <-life.Done():
		h.t.Fatalf("%s has ended", name)
	case <-time.After(patience):
		h.t.Fatalf("%s is not ready", name)
	}
}

// tellAll shows what the servers said.
func (h *hosts) tellAll(dir string) {
	for _, name := range h.Names() {
		text, err := os.ReadFile(filepath.Join(dir, name+".out"))
		h.t.Logf("%s said (%v):\n%s", name, err, text)
	}
}

// toldOnce checks what a server's log says of a neighbour whose name it did not find.
func (h *hosts) toldOnce(server, peer, name string) {
	h.t.Helper()
	paths, err := h.Logs(server)
	h.must(err)
	found := 0
	for _, path := range paths {
		text, err := os.ReadFile(path)
		h.must(err)
		for line := range strings.Lines(string(text)) {
			if strings.Contains(line, "peer not found by its name") && slices.Contains(strings.Fields(line), "peer="+peer) {
				found++
				if !strings.Contains(line, name) || !strings.Contains(line, "config, /etc/hosts or DNS") {
					h.t.Errorf("the log says %s", line)
				}
			}
		}
	}
	if found != 1 {
		h.t.Errorf("the log of %s tells %d times that %s is not found", server, found, peer)
	}
}

// report has a new client report to a server, at an address of its host.
func (h *hosts) report(server, address string) {
	h.t.Helper()
	_, port, err := net.SplitHostPort(h.Address(server, stage.ClientPort))
	if err != nil {
		h.t.Fatal(err)
	}
	conn, err := net.DialTimeout("tcp", net.JoinHostPort(address, port), patience)
	if err != nil {
		h.t.Fatal(err)
	}
	defer conn.Close()
	h.reports++
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		h.t.Fatal(err)
	}
	_, err = fmt.Fprintf(conn, "IAMAT client-%d +34.0689-118.4451 %d\n", h.reports, time.Now().Unix())
	answer := make([]byte, 256)
	n, readErr := conn.Read(answer)
	if got := string(answer[:n]); err != nil || readErr != nil || !strings.HasPrefix(got, "AT "+server+" ") {
		h.t.Fatalf("%s at %s answered %q (%v, %v)", server, address, got, err, readErr)
	}
}

// agree waits until all links are open and everybody has all reports.
func (h *hosts) agree(when string) map[string]herd.Status {
	h.t.Helper()
	began := time.Now()
	all, err := h.Agree(h.t.Context(), patience)
	if err != nil {
		h.t.Fatalf("%s: %v", when, err)
	}
	for name, st := range all {
		if st.Records != h.reports {
			h.t.Fatalf("%s: %s holds %d records of %d", when, name, st.Records, h.reports)
		}
	}
	h.t.Logf("%s: all links are open, and all hold %d reports, after %v", when, h.reports, time.Since(began).Round(100*time.Millisecond))
	return all
}

// lost waits until a server has lost its links to others.
func (h *hosts) lost(server string, peers ...string) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), patience)
	defer cancel()
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for {
		st, err := h.Status(ctx, server)
		up := 0
		for _, peer := range peers {
			if l := link(st, peer); l.Up {
				up++
			}
		}
		if err == nil && up == 0 {
			return
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			h.t.Fatalf("%s has not lost its links to %v: %v", server, peers, err)
		}
	}
}

func link(st herd.Status, peer string) herd.LinkStatus {
	for _, l := range st.Links {
		if l.Peer == peer {
			return l
		}
	}
	return herd.LinkStatus{}
}

// must ends the test if something that was done to the network did not work.
func (h *hosts) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func TestAHerdOnFiveHosts(t *testing.T) {
	h := start(t)
	h.report("Farmar", h.IPv4("Farmar"))
	h.report("Farmar", h.IPv6("Farmar"))
	h.report("Hill", h.IPv6("Hill"))
	h.agree("by names")

	// Meeks, on whom the herd hangs, is off the network: Hill is alone, too.
	plug, err := h.Unplug("Meeks")
	h.must(err)
	h.lost("Farmar", "Meeks")
	h.lost("Hill", "Meeks")
	h.report("Farmar", h.IPv4("Farmar"))
	h.report("Hill", h.IPv4("Hill"))
	h.must(plug())
	h.agree("after a cut")

	// Nothing of Gasol's arrives at Young, of whom it would still hear.
	undo, err := h.Mute("Gasol", "Young")
	h.must(err)
	h.lost("Young", "Gasol")
	h.lost("Gasol", "Young")
	h.report("Gasol", h.IPv4("Gasol"))
	h.report("Young", h.IPv4("Young"))
	h.must(undo())
	h.agree("after a cut one way")

	// Young's machine comes back with other addresses. It knows nobody's name, so that
	// the link is open once its neighbours have looked its own up again.
	h.must(h.Term("Young", patience))
	h.lost("Farmar", "Young")
	h.must(h.Move("Young"))
	h.spread(nil, "Young")
	h.start("Young")
	h.report("Young", h.IPv6("Young"))
	h.spread(h.book(), "Farmar", "Gasol", "Hill", "Meeks")
	all := h.agree("after a move")
	for _, neighbour := range []string{"Farmar", "Gasol"} {
		if role := link(all[neighbour], "Young").Role; role != herd.Dialler {
			t.Errorf("%s is the %s of its link to Young, want the dialler", neighbour, role)
		}
	}
	// What the log says of a name that leads nowhere, it says once.
	h.toldOnce("Young", "Farmar", stage.HostName("Farmar"))
	h.toldOnce("Young", "Gasol", stage.HostName("Gasol"))
	for _, wrong := range h.Wrongs() {
		t.Error(wrong)
	}
}
