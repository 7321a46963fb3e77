package main

import (
	"fmt"
	"net"
	"strings"

	"proxyherd/bench/peers/peer"
	"proxyherd/herd"
	"proxyherd/herd/freeport"
)

// What the tests are told by who runs them on hosts with a mistake in them.
const (
	onHost        = "FENCE_HOST"     // this host alone
	fromSources   = "FENCE_SOURCES"  // place.sources
	builtWith     = "FENCE_FLAGS"    // place.flags, with a blank between two
	whosePatience = "FENCE_PATIENCE" // how long to wait for what does not come
)

// fenceSuffix, behind a server's name, names where it takes those who set fences.
const fenceSuffix = ".fence"

// stage is the built-in herd, each of its servers with a fence, as processes.
type stage struct {
	*peer.Herd
	fences map[string]string // addresses, by server
}

// newStage starts no server yet. change may change the settings.
func newStage(program func(server, config string) []string, upstream string, change func(*herd.Config)) (*stage, error) {
	all := herd.Default().Servers
	ports, err := freeport.Find(len(all))
	if err != nil {
		return nil, err
	}
	s := &stage{fences: map[string]string{}}
	for i, server := range all {
		s.fences[server.Name] = ports[i]
	}
	s.Herd, err = peer.New(peer.Spec{
		Program: func(server, config string) []string {
			return append(program(server, config), "--fence", portOf(s.fences[server]))
		},
		Upstream: upstream,
		Configure: func(c *herd.Config) {
			c.Log.Lines = false // events are enough
			change(c)
		},
	})
	return s, err
}

// StartAll starts the servers, and waits until their fences take clients too: they open
// after the servers' own ports.
func (s *stage) StartAll() error {
	if err := s.Herd.StartAll(); err != nil {
		return err
	}
	for _, server := range s.Config.Servers {
		var c *peer.Client
		var err error
		open := s.Wait(func() bool {
			c, err = s.connect(server.Name + fenceSuffix)
			return err == nil
		})
		if !open {
			return err
		}
		c.Close()
	}
	return nil
}

func portOf(address string) string {
	_, port, _ := net.SplitHostPort(address) // freeport's are host and port
	return port
}

// connect opens a connection to a server's clients' port, or with fenceSuffix to its
// fence.
func (s *stage) connect(to string) (*peer.Client, error) {
	server, isFence := strings.CutSuffix(to, fenceSuffix)
	if !isFence {
		return s.Herd.Connect(server)
	}
	c, err := peer.Dial(s.fences[server])
	if err != nil {
		return nil, fmt.Errorf("connecting to the fence of %s: %w", server, err)
	}
	return c, nil
}

// events are what a server's log has of warnings and errors.
func (s *stage) events(server string) (list []string, err error) {
	text, err := s.Log(server)
	for _, line := range strings.Split(string(text), "\n") {
		if _, event, found := strings.Cut(line, " ! "); found && !strings.HasPrefix(event, "info ") && !strings.HasPrefix(event, "debug ") {
			list = append(list, event)
		}
	}
	return list, err
}
