package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"

	"proxyherd/herd"
)

// Free ports are looked for below those that the system gives to outgoing
// connections: one of these could take a server's port while it is down.
const (
	lowestPort  = 20000
	highestPort = 30000
)

// errNoPorts is a machine on which too few ports are free.
var errNoPorts = errors.New("too few free ports on loopback")

// freePorts returns n different ports of loopback on which nobody listens now.
func freePorts(n int) ([]int, error) {
	var ports []int
	const span = highestPort - lowestPort
	first := rand.IntN(span) // two that look at the same time should not meet
	for i := 0; i < span && len(ports) < n; i++ {
		port := lowestPort + (first+i)%span
		listener, err := net.Listen("tcp", loopback(port))
		if err != nil {
			continue
		}
		if err := listener.Close(); err != nil {
			return nil, err
		}
		ports = append(ports, port)
	}
	if len(ports) < n {
		return nil, fmt.Errorf("%w: %d of %d found", errNoPorts, len(ports), n)
	}
	return ports, nil
}

func loopback(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

// elsewhere returns the built-in herd, its stand-in included, on free ports, and
// with its logs in dir.
func elsewhere(dir string) (herd.Config, error) {
	const perServer = 3
	config := herd.Default()
	ports, err := freePorts(perServer*len(config.Servers) + 1)
	if err != nil {
		return herd.Config{}, err
	}
	for i := range config.Servers {
		s, mine := &config.Servers[i], ports[perServer*i:]
		s.Clients, s.Peers, s.HTTP = loopback(mine[0]), loopback(mine[1]), loopback(mine[2])
	}
	config.Upstream.URL = "http://" + loopback(ports[len(ports)-1]) + "/search.json"
	config.Log.Dir = dir
	return config, nil
}
