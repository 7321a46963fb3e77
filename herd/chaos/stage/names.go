package stage

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"proxyherd/herd"
)

// network6 is the network of the namespaces in IPv6, a unique local one.
const network6 = "fd12::"

// host is the machine that a server is on, if servers know each other by name.
type host struct {
	number int // the end of its addresses
}

func (h *host) ipv4() string { return network + strconv.Itoa(h.number) }
func (h *host) ipv6() string { return network6 + strconv.FormatInt(int64(h.number), 16) }

// address is where somebody reaches the host who is not in a namespace of a server.
func (h *host) address(port Port) string {
	return net.JoinHostPort(h.ipv4(), strconv.Itoa([...]int{clientPort, peerPort, httpPort}[port]))
}

// HostName is the name of a server's host.
func HostName(server string) string { return strings.ToLower(server) + ".example" }

// IPv4 and IPv6 are the present addresses of a server's host, with Settings.Named.
func (s *Stage) IPv4(server string) string { return s.named[server].ipv4() }
func (s *Stage) IPv6(server string) string { return s.named[server].ipv6() }

// callByName gives each server a name in the config, and each host addresses of IPv6.
// Nobody knows a name before Know says so.
func (s *Stage) callByName() error {
	if !s.ground.spaces || !s.settings.Plain {
		return errors.New("servers that know each other by name need namespaces, and no proxies")
	}
	s.named = map[string]*host{}
	if err := run("ip", "address", "add", network6+"fe/64", "dev", "herd", "nodad"); err != nil {
		return err
	}
	for i := range s.Config.Servers {
		server := &s.Config.Servers[i]
		at := func(port int) string { return fmt.Sprintf("%s:%d", HostName(server.Name), port) }
		every := func(port int) string { return fmt.Sprintf("[::]:%d", port) }
		server.Clients, server.Peers, server.HTTP = at(clientPort), at(peerPort), at(httpPort)
		server.Listen = herd.Listen{Clients: every(clientPort), Peers: every(peerPort), HTTP: every(httpPort)}
		h := &host{i + 1}
		s.named[server.Name] = h
		err := together(s.ip(server.Name, "address", "add", h.ipv6()+"/64", "dev", "eth0", "nodad"), s.Know(server.Name))
		if err != nil {
			return err
		}
	}
	return nil
}

// ip runs ip in a server's namespace.
func (s *Stage) ip(server string, args ...string) error {
	line := s.ground.in(server, append([]string{"ip"}, args...)...)
	return run(line[0], line[1:]...)
}

func (s *Stage) hostsPath(server string) string {
	return filepath.Join(s.settings.Dir, server+".hosts")
}

// Know writes the names that are known on a server's host: each line is an address and
// its name, as in /etc/hosts. It holds for a server that runs too.
func (s *Stage) Know(server string, lines ...string) error {
	// The file stays the same one, as it is mounted over the machine's.
	text := strings.Join(append([]string{"127.0.0.1 localhost", "::1 localhost"}, lines...), "\n") + "\n"
	return os.WriteFile(s.hostsPath(server), []byte(text), 0o644)
}

// withHosts is a command line that runs another one with the names of a server's host.
func (s *Stage) withHosts(server string, command []string) []string {
	if s.named == nil {
		return command
	}
	return slices.Concat([]string{"sh", "-c", `mount --bind "$0" /etc/hosts && exec "$@"`, s.hostsPath(server)}, command)
}

// Move gives a server's host other addresses in the place of those that it has.
// Connections to these are left to find out.
func (s *Stage) Move(server string) error {
	const further = 100
	from := s.named[server]
	to := &host{from.number + further}
	err := together(
		s.ip(server, "address", "delete", from.ipv4()+"/24", "dev", "eth0"),
		s.ip(server, "address", "delete", from.ipv6()+"/64", "dev", "eth0"),
		s.ip(server, "address", "add", to.ipv4()+"/24", "dev", "eth0"),
		s.ip(server, "address", "add", to.ipv6()+"/64", "dev", "eth0", "nodad"),
	)
	if err == nil {
		s.named[server] = to
	}
	return err
}

// Unplug takes a server's host off the network, until plug is called.
func (s *Stage) Unplug(server string) (plug func() error, err error) {
	// The bridge's end, as the other one would lose its IPv6 address with it.
	if err := run("ip", "link", "set", server, "down"); err != nil {
		return nil, err
	}
	return func() error { return run("ip", "link", "set", server, "up") }, nil
}

// Mute has nothing that one server's host sends to another's leave it, until undo is
// called. The other way is open.
func (s *Stage) Mute(from, to string) (undo func() error, err error) {
	change := func(what string) error {
		return together(
			s.ip(from, "route", what, "blackhole", s.IPv4(to)+"/32"),
			s.ip(from, "-6", "route", what, "blackhole", s.IPv6(to)+"/128"),
		)
	}
	if err := change("add"); err != nil {
		return nil, err
	}
	return func() error { return change("delete") }, nil
}
