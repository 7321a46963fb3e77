package main

import (
	"syscall"
	"testing"

	"proxyherd/herd"
)

// designs are the ways in which a herd may be built: of one design, or of both, as
// the handshake does not ask.
var designs = map[string]func(*herd.Config){
	"reactor":   func(*herd.Config) {},
	"goroutine": func(c *herd.Config) { buildAll(c) },
	"both":      func(c *herd.Config) { buildAll(c, "Farmar", "Hill") },
}

// buildAll makes goroutines the design of all servers but some.
func buildAll(c *herd.Config, but ...string) {
	for i := range c.Servers {
		c.Servers[i].Design = herd.Designs[1]
		for _, name := range but {
			if c.Servers[i].Name == name {
				c.Servers[i].Design = herd.Designs[0]
			}
		}
	}
}

// inDesigns runs play for herds that are built so.
func inDesigns(t *testing.T, names []string, play func(t *testing.T, build func(*herd.Config))) {
	for _, name := range names {
		t.Run(name, func(t *testing.T) { play(t, designs[name]) })
	}
}

func TestTheDesignIsWhatTheConfigOrTheFlagSays(t *testing.T) {
	dir, config := inDir(t, func(c *herd.Config) { designs["both"](c) })
	for _, c := range []struct {
		server, flag, want string
	}{
		{"Hill", "", "reactor"}, {"Meeks", "", "goroutine"},
		{"Hill", "goroutine", "goroutine"}, {"Meeks", "reactor", "reactor"},
	} {
		args := []string{"serve", c.server}
		if c.flag != "" {
			args = append(args, "--design", c.flag)
		}
		p := start(t, dir, args...)
		p.await(t, "ready "+c.server)
		if got := mustStatus(t, config, c.server).Design; got != c.want {
			t.Errorf("%s with --design %q is of the design %q, want %q", c.server, c.flag, got, c.want)
		}
		if loop := mustStatus(t, config, c.server).Loop; (loop != nil) != (c.want == "reactor") {
			t.Errorf("%s with --design %q tells of its loop: %v", c.server, c.flag, loop)
		}
		p.signal(t, syscall.SIGTERM)
		p.ends(t, 0)
	}
}
