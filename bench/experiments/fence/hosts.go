package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"

	"proxyherd/bench/peers/peer"
)

// host is a server of the herd that the fence was joined to. Its sources are named from
// the module's folder.
type host struct {
	name  string
	title string
	// design is that of a server of ours; empty: the host is package peer's of that name.
	design string
	fence  []string // the fence itself
	start  string   // a program that starts the server, made for the fence; empty: its own does
	server []string // the server's own sources that know of the fence
}

// geofence is the folder of the fence in Go.
const geofence = "docs/examples/geofence"

var hosts = []host{
	{name: "twisted", title: "Twisted",
		fence:  []string{"bench/peers/twisted/fence.py"},
		server: []string{"bench/peers/twisted/server.py", "bench/peers/twisted/links.py", "bench/peers/pyherd/config.py"}},
	{name: "reactor", title: "ours, on the reactor", design: "reactor",
		fence: []string{geofence + "/geofence.go", geofence + "/place.go", geofence + "/onreactor/service.go"},
		start: geofence + "/serve/reactor.go"},
	{name: "goroutine", title: "ours, in goroutines", design: "goroutine",
		fence: []string{geofence + "/geofence.go", geofence + "/place.go", geofence + "/ingoroutines/service.go"},
		start: geofence + "/serve/goroutine.go"},
	{name: "node", title: "Node.js",
		fence:  []string{"bench/peers/node/fence.js"},
		server: []string{"bench/peers/node/server.js", "bench/peers/node/links.js", "bench/peers/node/config.js", "bench/peers/node/wire.js"}},
}

// place is where a host's sources are and its program is built.
type place struct {
	root string // the module's folder
	// sources, if not empty, is a folder with a copy of bench/peers that is run instead.
	sources string
	bin     string
	// flags are go build's besides.
	flags []string
}

// program makes the host's program, and returns the command that starts a server of it
// without a fence. The error wraps peer.ErrMissing where the machine has not its runtime.
func (h host) program(at place) (func(server, config string) []string, error) {
	if h.design == "" {
		p, found := peer.Named(h.name)
		if !found {
			return nil, fmt.Errorf("there is no peer %q", h.name)
		}
		root := at.root
		if at.sources != "" {
			root = at.sources
		}
		return p.Program(root, at.bin)
	}
	if _, err := exec.LookPath("go"); err != nil {
		return nil, fmt.Errorf("%w: %w", peer.ErrMissing, err)
	}
	binary, err := filepath.Abs(filepath.Join(at.bin, "fenced"))
	if err != nil {
		return nil, err
	}
	build := exec.Command("go", slices.Concat([]string{"build"}, at.flags, []string{"-o", binary, "./" + geofence + "/serve"})...)
	build.Dir = at.root
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the herd with a fence: %w\n%s", err, out)
	}
	return func(server, config string) []string {
		return []string{binary, h.design, "--config", config, "--name", server}
	}, nil
}
