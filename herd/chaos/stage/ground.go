package stage

import (
	"fmt"
	"strconv"

	"proxyherd/herd"
	"proxyherd/herd/freeport"
)

// ground is where the servers stand: which addresses they have, and what a program
// must be started with to stand there.
type ground struct {
	spaces bool // each server is in a network namespace of its own
	host   string
}

// The network of the namespaces is one that is kept for measuring machines, and
// nobody else is on it in any case.
const (
	network = "198.18.0."
	hostEnd = 254
)

// Ports are the same in each namespace.
const (
	clientPort = 12000
	peerPort   = 12100
	httpPort   = 12200
	proxyPort  = 12300 // of the first
)

// onSpaces makes a namespace for each server, and a bridge between them on which
// this process has an address too.
func onSpaces(config *herd.Config) (*ground, error) {
	g := &ground{spaces: true, host: network + strconv.Itoa(hostEnd)}
	// Who dials somebody that is cut off is told so after some seconds, instead of
	// two minutes: the proxies cannot be stopped before.
	if err := writeSystem("net/ipv4/tcp_syn_retries", "1"); err != nil {
		return nil, err
	}
	err := together(
		run("ip", "link", "add", "herd", "type", "bridge"),
		run("ip", "address", "add", g.host+"/24", "dev", "herd"),
		run("ip", "link", "set", "herd", "up"),
	)
	if err != nil {
		return nil, err
	}
	for i := range config.Servers {
		s := &config.Servers[i]
		address := network + strconv.Itoa(i+1)
		s.Clients = fmt.Sprintf("%s:%d", address, clientPort)
		s.Peers = fmt.Sprintf("%s:%d", address, peerPort)
		s.HTTP = fmt.Sprintf("%s:%d", address, httpPort)
		if err := addSpace(s.Name, address); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// addSpace makes the namespace of one server: its network card is called eth0, and
// the bridge's end of it like the server.
func addSpace(name, address string) error {
	in := []string{"netns", "exec", name, "ip"}
	return together(
		run("ip", "netns", "add", name),
		run("ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name),
		run("ip", "link", "set", name, "master", "herd", "up"),
		run("ip", append(in, "address", "add", address+"/24", "dev", "eth0")...),
		run("ip", append(in, "link", "set", "eth0", "up")...),
		run("ip", append(in, "link", "set", "lo", "up")...),
	)
}

// onLoopback gives each server ports of its own.
func onLoopback(config *herd.Config) (*ground, error) {
	ports, err := freeport.Find(3 * len(config.Servers))
	if err != nil {
		return nil, err
	}
	for i := range config.Servers {
		s := &config.Servers[i]
		s.Clients, s.Peers, s.HTTP = ports[3*i], ports[3*i+1], ports[3*i+2]
	}
	return &ground{host: "127.0.0.1"}, nil
}

// port is an address for the n-th proxy. No outgoing connection can have taken it, while
// the proxy is away for a moment.
func (g *ground) port(n int) (string, error) {
	if g.spaces {
		return fmt.Sprintf("%s:%d", g.host, proxyPort+n), nil
	}
	free, err := freeport.Find(1)
	if err != nil {
		return "", err
	}
	return free[0], nil
}

// in returns the command line that runs another where the server stands. The
// process that it starts becomes the other one.
func (g *ground) in(server string, command ...string) []string {
	if !g.spaces {
		return command
	}
	return append([]string{"ip", "netns", "exec", server}, command...)
}
