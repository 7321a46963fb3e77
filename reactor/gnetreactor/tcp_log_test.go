//go:build linux

package gnetreactor

import (
	"fmt"
	"strings"
	"testing"

	"proxyherd/reactor"
)

// diary is a Logger that keeps every line with its prefix.
type diary struct{ lines []string }

func (d *diary) Msg(prefix, message string) { d.lines = append(d.lines, prefix+": "+message) }
func (d *diary) Err(prefix string, err error, why string) {
	d.lines = append(d.lines, fmt.Sprintf("%s: %s: %v", prefix, why, err))
}

// with are the lines that have text in them.
func (d *diary) with(text string) (lines []string) {
	for _, line := range d.lines {
		if strings.Contains(line, text) {
			lines = append(lines, line)
		}
	}
	return lines
}

// noted is a factory that enters its start in a diary.
type noted struct {
	*builder
	diary *diary
}

func (n noted) DoStart(reactor.Factory) { n.diary.lines = append(n.diary.lines, "DoStart") }

func TestPortLog(t *testing.T) {
	d := &diary{}
	r := New(Config{Log: d, NoSignalHandlers: true})
	p := listenOn(t, r, 0, each(nil), 0, "127.0.0.1")
	opened := len(d.lines)
	r.CallWhenRunning(func() { whenClosed(p, func() { stop(r) }) })
	run(t, r)
	for _, c := range []struct{ name, text, want string }{
		{"that a factory starts on a port", "starting", fmt.Sprintf("gnetreactor.builder: starting on %v", p.GetHost())},
		{"that the port is closed", "closed", fmt.Sprintf("gnetreactor.builder: (TCP port %v closed)", p.GetHost())},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := d.with(c.text); len(got) != 1 || got[0] != c.want {
				t.Errorf("logged %q, want %q", got, c.want)
			}
		})
	}
	t.Run("that a factory starts comes before it does", func(t *testing.T) {
		d := &diary{}
		r := New(Config{Log: d, NoSignalHandlers: true})
		listenOn(t, r, 0, noted{each(nil), d}, 0, "127.0.0.1").StopListening()
		if len(d.lines) != 2 || !strings.Contains(d.lines[0], "starting") || d.lines[1] != "DoStart" {
			t.Errorf("what happened: %q", d.lines)
		}
	})
	if opened != 1 {
		t.Errorf("ListenTCP logged %d lines, want one", opened)
	}
}

// herdsman is a protocol that says who it is.
type herdsman struct{ conversation }

func (h *herdsman) LogPrefix() string { return "Herdsman" }

// TestLogPrefix is who speaks in a log line: twisted/internet/tcp.py:304
// logPrefix and :1126 logPrefix. Twisted sets the prefix around the protocol's
// code; here it stands on what the reactor itself logs of it, and GetPeer tells
// the rest.
func TestLogPrefix(t *testing.T) {
	d := &diary{}
	r := New(Config{Log: d, NoSignalHandlers: true})
	left := 4
	ended := func(*conversation, error) {
		if left--; left == 0 {
			stop(r)
		}
	}
	heard := func(text string) func(*conversation, []byte) error {
		return func(*conversation, []byte) error { panic(text) }
	}
	hello := func(c *conversation) { c.transport.Write([]byte("x")) }
	var clients int
	number := listen(t, r, each(func() *conversation {
		return &conversation{made: hello, received: heard("in a server"), lost: ended}
	}))
	f := &builder{build: func(reactor.Address) reactor.Protocol {
		h := &herdsman{conversation{made: hello, lost: ended}}
		if clients++; clients == 2 {
			h.received = heard("in a client")
		}
		return h
	}}
	for range 2 {
		r.ConnectTCP("127.0.0.1", number, f, 0, nil)
	}
	port := listenOn(t, r, 0, &builder{build: func(reactor.Address) reactor.Protocol { panic("in a factory") }}, 0, "127.0.0.1")
	left++
	_, other := reactor.SplitAddress(port.GetHost())
	r.ConnectTCP("127.0.0.1", other, each(func() *conversation { return &conversation{lost: ended} }), 0, nil)
	run(t, r)

	t.Run("a server's is its protocol, its number and its peer", func(t *testing.T) {
		got := d.with("in a server")
		for i, line := range got {
			if want := fmt.Sprintf("gnetreactor.conversation,%d,127.0.0.1: closing the connection: ", i); !strings.HasPrefix(line, want) {
				t.Errorf("line %d is %q, want it to begin with %q", i, line, want)
			}
		}
		if len(got) != 2 {
			t.Errorf("%d lines are of servers, want 2", len(got))
		}
	})
	t.Run("a client's is its protocol", func(t *testing.T) {
		got := d.with("in a client")
		if len(got) != 1 || !strings.HasPrefix(got[0], "Herdsman,client: closing the connection: ") {
			t.Errorf("the lines of clients are %q", got)
		}
	})
	t.Run("a port's is its factory", func(t *testing.T) {
		got := d.with("in a factory")
		if len(got) != 1 || !strings.HasPrefix(got[0], "gnetreactor.builder: building a protocol: ") {
			t.Errorf("the lines of ports are %q", got)
		}
	})
}
