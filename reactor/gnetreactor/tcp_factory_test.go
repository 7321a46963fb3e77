//go:build linux

package gnetreactor

import (
	"fmt"
	"strings"
	"testing"

	"proxyherd/factories"
	"proxyherd/reactor"
)

// counted is a factory that counts how often it is started and stopped.
type counted struct {
	factories.ClientFactory
	started, stopped int
	failed           func()
}

func (c *counted) BuildProtocol(reactor.Address) reactor.Protocol      { return nil }
func (c *counted) StartFactory()                                       { c.started++ }
func (c *counted) StopFactory()                                        { c.stopped++ }
func (c *counted) ClientConnectionFailed(_ reactor.Connector, _ error) { c.failed() }

// TestFactoryLife is twisted/test/test_tcp.py FactoryTestCase.
func TestFactoryLife(t *testing.T) {
	t.Run("a server's begins with its first port and ends with its last", func(t *testing.T) {
		r, _ := newTestReactor(t, Config{})
		f := &counted{}
		var story []string
		note := func(what string) { story = append(story, fmt.Sprintf("%s %d/%d", what, f.started, f.stopped)) }
		first := listenOn(t, r, 0, f, 0, "127.0.0.1")
		note("first")
		second := listenOn(t, r, 0, f, 0, "127.0.0.1")
		note("second")
		r.CallWhenRunning(func() {
			whenClosed(first, func() {
				note("first closed")
				whenClosed(second, func() { note("second closed"); stop(r) })
			})
		})
		run(t, r)
		if got := strings.Join(story, ", "); got != "first 1/0, second 1/0, first closed 1/0, second closed 1/1" {
			t.Errorf("started/stopped: %s", got)
		}
	})

	t.Run("a client's begins and ends with its attempt", func(t *testing.T) {
		r, _ := newTestReactor(t, Config{})
		f := &counted{}
		during := ""
		f.failed = func() { during = fmt.Sprintf("%d/%d", f.started, f.stopped); r.CallLater(0, func() { stop(r) }) }
		r.ConnectTCP("127.0.0.1", closedPort(t), f, 0, nil)
		before := fmt.Sprintf("%d/%d", f.started, f.stopped)
		run(t, r)
		if before != "1/0" || during != "1/0" || f.started != 1 || f.stopped != 1 {
			t.Errorf("started/stopped: after ConnectTCP %s, when it failed %s, in the end %d/%d", before, during, f.started, f.stopped)
		}
	})
}
