package main

import (
	"context"
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

// resolve returns config with literals for the hosts in those addresses that the
// named server needs: its own, and those of its neighbours that it dials. It is
// done once, before the loop turns: looking up a name would hold the loop. The
// config that was given is not changed.
func resolve(ctx context.Context, config herd.Config, name string) (herd.Config, error) {
	me, _ := config.Server(name)
	config.Servers = slices.Clone(config.Servers)
	for i := range config.Servers {
		s := &config.Servers[i]
		needed := []*string{&s.Peers}
		if s.Name == name {
			needed = []*string{&s.Clients, &s.Peers, &s.HTTP}
		} else if !slices.Contains(me.TalksTo, s.Name) {
			continue
		}
		for _, address := range needed {
			if *address == "" {
				continue
			}
			literal, err := literalOf(ctx, *address)
			if err != nil {
				return herd.Config{}, fmt.Errorf("the address %q of %s: %w", *address, s.Name, err)
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
