package stage

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
)

// writeSystem sets a value under /proc/sys, of this process's own network.
func writeSystem(name, value string) error {
	return os.WriteFile(filepath.Join("/proc/sys", name), []byte(value), 0o644)
}

// Filter lays rules of nftables on what a server receives and sends, in a table of
// their own, until undo is called. A rule is what stands behind "add rule ... chain";
// of the two lists in is for what it receives.
func (s *Stage) Filter(server string, in, out []string) (undo func() error, err error) {
	table := fmt.Sprintf("chaos%d", s.tables.Add(1))
	var script strings.Builder
	fmt.Fprintf(&script, "add table inet %s\n", table)
	for _, hook := range []struct {
		name  string
		rules []string
	}{{"input", in}, {"output", out}} {
		fmt.Fprintf(&script, "add chain inet %s %s { type filter hook %[2]s priority 0; }\n", table, hook.name)
		for _, rule := range hook.rules {
			fmt.Fprintf(&script, "add rule inet %s %s %s\n", table, hook.name, rule)
		}
	}
	line := s.ground.in(server, "nft", script.String())
	if err := run(line[0], line[1:]...); err != nil {
		return nil, err
	}
	return func() error {
		line := s.ground.in(server, "nft", "delete table inet "+table)
		return run(line[0], line[1:]...)
	}, nil
}

// Throttle bounds what a server sends and receives, such as "256kbit", until undo is
// called. There may be one bound on a server.
func (s *Stage) Throttle(server, rate string) (undo func() error, err error) {
	// Its own end of its cable is for what it sends, the bridge's for what it gets.
	change := func(what string, rest ...string) error {
		send := s.ground.in(server, append([]string{"tc", "qdisc", what, "dev", "eth0", "root"}, rest...)...)
		receive := append([]string{"tc", "qdisc", what, "dev", server, "root"}, rest...)
		return together(run(send[0], send[1:]...), run(receive[0], receive[1:]...))
	}
	if err := change("add", "tbf", "rate", rate, "burst", "16kb", "latency", "400ms"); err != nil {
		return nil, err
	}
	return func() error { return change("delete") }, nil
}

// Host returns the address, without a port, at which a server stands.
func (s *Stage) Host(server string) string {
	host, _, err := net.SplitHostPort(s.Address(server, PeerPort))
	if err != nil {
		panic(err) // the stage has made it
	}
	return host
}
