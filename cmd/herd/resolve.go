package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"proxyherd/herd"
)

// lookupTime bounds each lookup of a host's name at the start.
const lookupTime = 5 * time.Second

// errNotThisMachine is a localhost that is another machine. Its name stands for
// loopback wherever a secret or a token is asked for, and so must be that.
var errNotThisMachine = errors.New("localhost is not on loopback here")

// resolve returns config with literals for the hosts that the named server is to
// listen on. It is done once, before the loop turns: looking up a name would hold
// the loop. Those of its neighbours are looked up when they are dialled. The config
// that was given is not changed.
func resolve(ctx context.Context, config herd.Config, name string) (herd.Config, error) {
	config.Servers = slices.Clone(config.Servers)
	for i := range config.Servers {
		s := &config.Servers[i]
		if s.Name != name {
			continue
		}
		s.Listen = s.Bound()
		for _, address := range []*string{&s.Listen.Clients, &s.Listen.Peers, &s.Listen.HTTP} {
			if *address == "" {
				continue
			}
			literal, err := literalOf(ctx, *address)
			if err != nil {
				return herd.Config{}, fmt.Errorf("%s is to listen on %q, which leads nowhere: %w; mend the name, "+
					"or say in its listen where to listen, such as [::]:12000 for every address", s.Name, *address, err)
			}
			*address = literal
		}
	}
	return config, nil
}

// literalOf returns a host:port with an address for the host: as it is if it is
// one, every IPv4 address if it is empty, else what the system finds, IPv4 first.
func literalOf(ctx context.Context, address string) (string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", err
	}
	if host == "" {
		host = netip.IPv4Unspecified().String()
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return net.JoinHostPort(host, port), nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return "", err
	}
	for i, ip := range found {
		found[i] = ip.Unmap()
	}
	slices.SortStableFunc(found, func(a, b netip.Addr) int { return a.BitLen() - b.BitLen() })
	if strings.EqualFold(host, "localhost") && !found[0].IsLoopback() {
		return "", fmt.Errorf("%w but %v; write 127.0.0.1 or [::1]", errNotThisMachine, found[0])
	}
	return net.JoinHostPort(found[0].String(), port), nil
}

// names lists servers for a message.
func names(servers []herd.Server) string {
	list := make([]string, len(servers))
	for i, s := range servers {
		list[i] = s.Name
	}
	return strings.Join(list, ", ")
}
