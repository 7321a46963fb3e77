package herd

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// servers makes a list from texts such as "A: B C", with addresses that do not
// collide.
func servers(lines ...string) (list []Server) {
	for i, line := range lines {
		name, talksTo, _ := strings.Cut(line, ":")
		list = append(list, Server{
			Name:    name,
			Clients: fmt.Sprintf("127.0.0.1:%d", 12000+i),
			Peers:   fmt.Sprintf("127.0.0.1:%d", 12100+i),
			HTTP:    fmt.Sprintf("127.0.0.1:%d", 12200+i),
			TalksTo: strings.Fields(talksTo),
		})
	}
	return list
}

func TestBuiltInTopology(t *testing.T) {
	topology, err := NewTopology(Default().Servers)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"Farmar-Meeks", "Farmar-Young", "Gasol-Meeks", "Gasol-Young", "Hill-Meeks"}
	names := topology.Names()
	var got []string
	for i, a := range names {
		for _, b := range names[i+1:] {
			if topology.Linked(a, b) != topology.Linked(b, a) || topology.Linked(a, b) != slices.Contains(topology.Neighbours(a), b) {
				t.Errorf("%s and %s do not agree whether they are linked", a, b)
			}
			if topology.Linked(a, b) {
				got = append(got, a+"-"+b)
			}
		}
	}
	if !slices.Equal(got, want) || topology.Links() != len(want) {
		t.Errorf("the links are %v, %d in all", got, topology.Links())
	}
	if messages := 2*topology.Links() - (len(names) - 1); messages != 6 {
		t.Errorf("an update costs %d messages", messages)
	}
	if pieces := topology.Pieces(); len(pieces) != 1 || !slices.Equal(pieces[0], names) {
		t.Errorf("the pieces are %v", pieces)
	}
	if topology.Neighbours("Nobody") != nil || topology.Linked("Nobody", "Hill") {
		t.Error("a server that is not in the herd has neighbours")
	}
}

func TestTopologyRefuses(t *testing.T) {
	change := func(list []Server, edit func([]Server)) []Server { edit(list); return list }
	pair := func() []Server { return servers("A: B", "B: A") }
	for _, c := range []struct {
		name    string
		servers []Server
		path    string
		want    error
		says    string
	}{
		{"no server", nil, "servers", ErrNoServers, "list at least one"},
		{"one-sided", servers("A: B", "B:"), "servers[1].talks_to", ErrOneSided, `A talks to B, but B does not talk to A; add "A" here, or remove "B" from servers[0].talks_to`},
		{"unknown", servers("A: Z"), "servers[0].talks_to", ErrUnknownName, `A talks to "Z", which is not in the herd`},
		{"itself", servers("A: A"), "servers[0].talks_to", ErrTalksToSelf, "remove A"},
		{"listed twice", servers("A: B B", "B: A"), "servers[0].talks_to", ErrNameTwice, "A talks to B twice"},
		{"name twice", servers("A:", "B:", "A:"), "servers[2].name", ErrNameTwice, "A is the name of servers[0] already"},
		{"no name", servers(":"), "servers[0].name", ErrBadName, "it is empty"},
		{"a blank in a name", servers("A B:"), "servers[0].name", ErrBadName, "white space"},
		{"a newline in a name", servers("A\nB:"), "servers[0].name", ErrBadName, `"A\nB"`},
		{"a control byte in a name", servers("A\x00:"), "servers[0].name", ErrBadName, "control byte"},
		{"a name that leaves the log directory", servers("../A:"), "servers[0].name", ErrBadName, "name of a file"},
		{"a long name", servers(strings.Repeat("A", 256) + ":"), "servers[0].name", ErrBadName, "256 bytes; 255 are allowed"},
		{"one address twice in a server", change(pair(), func(s []Server) { s[0].HTTP = s[0].Clients }), "servers[0].http", ErrAddressCollides, "is servers[0].clients already"},
		{"one address at two servers", change(pair(), func(s []Server) { s[1].Clients = s[0].Peers }), "servers[1].clients", ErrAddressCollides, "127.0.0.1:12100 is servers[0].peers already; give B another port"},
		{"no clients", change(pair(), func(s []Server) { s[0].Clients = "" }), "servers[0].clients", ErrBadAddress, "write host:port"},
		{"no peers, but neighbours", change(pair(), func(s []Server) { s[1].Peers = "" }), "servers[1].peers", ErrBadAddress, "write host:port"},
		{"peers nobody can dial", change(pair(), func(s []Server) { s[1].Peers = "127.0.0.1:0" }), "servers[1].peers", ErrBadAddress, "must know its port"},
		{"an interface of one machine", change(pair(), func(s []Server) { s[1].Peers = "[fe80::1%eth0]:12100" }), "servers[1].peers", ErrBadAddress, "without a zone"},
		{"an interface to listen on", change(pair(), func(s []Server) { s[1].Listen.Peers = "[fe80::1%eth0]:12100" }), "servers[1].listen.peers", ErrBadAddress, "without a zone"},
		{"nothing to listen on", change(pair(), func(s []Server) { s[0].Listen.Clients = "12000" }), "servers[0].listen.clients", ErrBadAddress, "write host:port"},
		{"any free port that nobody knows", change(pair(), func(s []Server) { s[0].Listen.Clients = ":0" }), "servers[0].listen.clients", ErrBadAddress, "takes any free port"},
		{"to listen where nobody dials", change(pair(), func(s []Server) { s[0].HTTP, s[0].Listen.HTTP = "", ":80" }), "servers[0].listen.http", ErrNotTogether, "has no address in http"},
		{"to listen twice on one address", change(pair(), func(s []Server) { s[0].Listen.Peers = s[0].Clients }), "servers[0].listen.peers", ErrAddressCollides, "is for clients of A already"},
		{"no port", change(pair(), func(s []Server) { s[0].HTTP = "127.0.0.1" }), "servers[0].http", ErrBadAddress, `"127.0.0.1"`},
	} {
		_, err := NewTopology(c.servers)
		expectFieldError(t, c.name, err, c.path, c.want, c.says)
	}
}

// expectFieldError checks that err is one FieldError, at path, of a kind, and
// that it says what to do.
func expectFieldError(t *testing.T, name string, err error, path string, kind error, says string) {
	t.Helper()
	field, ok := errors.AsType[*FieldError](err)
	switch {
	case !ok:
		t.Errorf("%s: %v", name, err)
	case field.Path != path || !errors.Is(err, kind) || !strings.Contains(err.Error(), says):
		t.Errorf("%s: %v\nwant at %s: %v ... %s", name, err, path, kind, says)
	case strings.Contains(err.Error(), "\n"):
		t.Errorf("%s: one mistake gives two errors: %v", name, err)
	}
}

func TestTopologyAllows(t *testing.T) {
	for name, edit := range map[string]func(s []Server){
		"a name of 255 bytes in any script": func(s []Server) { s[2].Name = strings.Repeat("気", 85) },
		"no http":                           func(s []Server) { s[0].HTTP, s[1].HTTP = "", "" },
		"any free port, twice":              func(s []Server) { s[0].Clients, s[1].Clients = "127.0.0.1:0", "127.0.0.1:0" },
		"no peers without neighbours":       func(s []Server) { s[2].Peers = "" },
		"IPv6 and names":                    func(s []Server) { s[0].Clients, s[1].Clients = "[::1]:12000", "localhost:12000" },
		"all addresses":                     func(s []Server) { s[0].HTTP = ":80" },
	} {
		list := servers("A: B", "B: A", "C:")
		edit(list)
		if _, err := NewTopology(list); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPieces(t *testing.T) {
	topology, err := NewTopology(servers("A: C", "B: D", "C: A E", "D: B", "E: C", "F:"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(topology.Pieces()), "[[A C E] [B D] [F]]"; got != want {
		t.Errorf("the pieces are %s, want %s", got, want)
	}
	config := Default()
	config.Servers = servers("A:", "B:")
	if warnings, err := config.Check(); err != nil || len(warnings) != 1 || !strings.Contains(warnings[0], "in 2 pieces that cannot reach each other: (A) (B);") {
		t.Errorf("the warnings are %q, the error %v", warnings, err)
	}
	config.Servers = servers("A: C", "B: D", "C: A E", "D: B", "E: C", "F:")
	warnings, err := config.Check()
	if err != nil || len(warnings) != 1 || !strings.Contains(warnings[0], "in 3 pieces that cannot reach each other: (A, C, E) (B, D) (F);") {
		t.Errorf("the warnings are %q, the error %v", warnings, err)
	}
}

func TestHost(t *testing.T) {
	for address, want := range map[string]string{"[::1]:80": "::1", "far.example:80": "far.example", ":80": "", "10.0.0.1:0": "10.0.0.1", "x": ""} {
		if host, _, _ := SplitAddress(address); host != want {
			t.Errorf("SplitAddress(%q) has the host %q", address, host)
		}
	}
}

func TestWhereAServerListens(t *testing.T) {
	s := Server{Clients: "far.example:12000", Peers: "far.example:12100"}
	if got, want := s.Bound(), (Listen{Clients: "far.example:12000", Peers: "far.example:12100"}); got != want {
		t.Errorf("it listens on %+v", got)
	}
	s.HTTP, s.Listen = "far.example:12200", Listen{Peers: "[::]:12100", HTTP: "127.0.0.1:12201"}
	if got, want := s.Bound(), (Listen{Clients: "far.example:12000", Peers: "[::]:12100", HTTP: "127.0.0.1:12201"}); got != want {
		t.Errorf("it listens on %+v", got)
	}
	// Two servers that listen on the same are on two machines.
	list := servers("A: B", "B: A")
	for i := range list {
		list[i].Listen = Listen{Clients: ":12000", Peers: "[::]:12100"}
	}
	if _, err := NewTopology(list); err != nil {
		t.Error(err)
	}
}

func TestNeighboursThatNobodyFindsAreWarnedOf(t *testing.T) {
	for peers, warned := range map[string]bool{":12100": true, "0.0.0.0:12100": true, "[::]:12100": true, "127.0.0.1:12102": false, "far.example:12100": false} {
		config := Default()
		config.Servers[2].Peers = peers
		warnings, err := config.Check()
		if err != nil || (len(warnings) == 1) != warned {
			t.Errorf("%s: the warnings are %q, %v", peers, warnings, err)
		}
		if warned && !strings.Contains(warnings[0], "name Hill's host there, and write "+peers+" in servers[2].listen.peers") {
			t.Errorf("%s: the warning is %s", peers, warnings[0])
		}
	}
}

func TestPort(t *testing.T) {
	for address, want := range map[string]int{
		"127.0.0.1:12000": 12000, "[::1]:1": 1, "host.example:65535": 65535, ":80": 80, "x:0": 0,
		"": -1, "x": -1, "x:": -1, "x:65536": -1, "x:-1": -1, "x:+1": -1, "x:http": -1, "x:080": -1, "x: 80": -1,
		"::1:80": -1, "[::1:80": -1, "::1]:80": -1, "[]:80": -1, "[[::1]]:80": -1, "a b:80": -1, "[::1]80": -1, "x:1_0": -1,
	} {
		_, got, ok := SplitAddress(address)
		if ok != (want >= 0) || ok && got != want {
			t.Errorf("SplitAddress(%q) has the port %d, %v", address, got, ok)
		}
	}
}
