package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"proxyherd/docs/examples/internal/loopback"
	"proxyherd/factories"
	"proxyherd/reactor"
	"proxyherd/reactor/reactortest"
)

const rabbit = "Down the rabbit hole\r\n"

// town is one step of the tutorial on a reactor in virtual time, and a reactor
// to connect from.
type town struct {
	*reactortest.Network
	t              *testing.T
	server, client *reactortest.Reactor
}

// settle sets up a step. What s leaves out is as on the command line.
func settle(t *testing.T, step int, s settings) *town {
	t.Helper()
	network := reactortest.NewNetwork(reactortest.Options{})
	town := &town{network, t, network.Reactor("server"), network.Reactor("client")}
	s.address, s.setter = netip.MustParseAddrPort("10.0.0.1:1079"), netip.MustParseAddrPort("10.0.0.1:1080")
	if err := steps[step-1](town.server, s); err != nil {
		t.Fatal(err)
	}
	return town
}

// caller keeps what it hears, and why there was no connection.
type caller struct {
	factories.ClientFactory
	reactortest.AccumulatingProtocol
	failed error
}

func (c *caller) BuildProtocol(reactor.Address) reactor.Protocol           { return &c.AccumulatingProtocol }
func (c *caller) ClientConnectionFailed(_ reactor.Connector, reason error) { c.failed = reason }

// call connects to a port, says something and gives the server a second.
func (o *town) call(port int, words string) *caller {
	c := &caller{}
	o.client.ConnectTCP("10.0.0.1", port, c, 0, nil)
	o.Advance(0)
	if c.Made == 1 {
		c.Transport.Write([]byte(words))
	}
	o.Advance(time.Second)
	return c
}

// finger asks for a user, and wants an answer and then the end.
func (o *town) finger(user, want string) {
	o.t.Helper()
	c := o.call(1079, user+"\r\n")
	if got := string(c.Data); got != want || c.Closed != 1 || !errors.Is(c.ClosedReason, reactor.ErrConnectionDone) {
		o.t.Errorf("of %s it says %q, not %q; closed %d times: %v", user, got, want, c.Closed, c.ClosedReason)
	}
}

func TestSteps1To4(t *testing.T) {
	t.Run("1 refuses connections", func(t *testing.T) {
		if c := settle(t, 1, settings{}).call(1079, ""); !errors.Is(c.failed, reactor.ErrConnectionRefused) {
			t.Errorf("%v", c.failed)
		}
	})
	t.Run("2 accepts them and does nothing", func(t *testing.T) {
		town := settle(t, 2, settings{})
		c := town.call(1079, "alice\r\n")
		town.Advance(time.Hour)
		if c.Made != 1 || len(c.Data) != 0 || c.Closed != 0 {
			t.Errorf("made %d times, closed %d times, heard %q", c.Made, c.Closed, c.Data)
		}
	})
	t.Run("3 hangs up at once", func(t *testing.T) {
		if c := settle(t, 3, settings{}).call(1079, ""); c.Made != 1 || c.Closed != 1 {
			t.Errorf("made %d times, closed %d times", c.Made, c.Closed)
		}
	})
	t.Run("4 hangs up after a line", func(t *testing.T) {
		town := settle(t, 4, settings{})
		c := town.call(1079, "ali")
		if c.Closed != 0 {
			t.Fatal("it did not wait for the line's end")
		}
		c.Transport.Write([]byte("ce\r\n"))
		town.Advance(time.Second)
		if c.Closed != 1 || len(c.Data) != 0 {
			t.Errorf("closed %d times, heard %q", c.Closed, c.Data)
		}
	})
}

// From step 5 on there is an answer.
func TestAnswers(t *testing.T) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.EscapedPath() != "/~alice%2F.." { // one element of a path, whatever is in it
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, "a page")
	}))
	defer web.Close()
	users := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(users, []byte("alice:Down the rabbit hole\nno message\n bob : at: home "), 0o600); err != nil {
		t.Fatal(err)
	}
	const nobody, broken = "No such user\r\n", "Internal error in server\r\n"
	checked := 0
	for _, c := range []struct {
		step       int
		user, want string
		settings   settings
	}{
		{5, "alice", nobody, settings{}},
		{6, "alice", nobody, settings{}},
		{7, "alice", rabbit, settings{}},
		{7, "bob", nobody, settings{}},
		{8, "alice", rabbit, settings{}},
		{8, "bob", nobody, settings{}},
		{9, "alice", "alice; ls\r\n", settings{program: []string{"printf", "%s; ls"}}}, // no shell sees it
		{9, "alice", broken, settings{program: []string{"false"}}},
		{9, "alice", broken, settings{program: []string{filepath.Join(t.TempDir(), "none")}}},
		{10, "alice/..", "a page\r\n", settings{prefix: web.URL + "/~"}},
		{10, "bob", broken, settings{prefix: web.URL + "/~"}},
		{10, "bob", broken, settings{prefix: "nowhere:"}},
		{11, "alice", rabbit, settings{}},
		{12, "alice", rabbit, settings{}},
		{13, "bob", nobody, settings{}},
		{14, "alice", rabbit, settings{users: users}},
		{14, "bob", "at: home\r\n", settings{users: users}},
		{14, "no message", nobody, settings{users: users}},
		{14, "alice", "down the rabbit hole\r\n", settings{users: "users"}}, // the file beside this one
	} {
		t.Run(fmt.Sprintf("%d %s %d", c.step, c.user, checked), func(t *testing.T) { settle(t, c.step, c.settings).finger(c.user, c.want) })
		checked++
	}
	if checked != 19 {
		t.Errorf("%d answers", checked)
	}
}

// Steps 12 and 13 differ inside only.
func TestMessagesAreSet(t *testing.T) {
	for _, step := range []int{12, 13} {
		town := settle(t, step, settings{})
		c := town.call(1080, "bob\r\nGone fishing\r\nand more\r\n")
		town.finger("bob", "No such user\r\n") // he is still connected
		c.Transport.LoseConnection()
		town.Advance(time.Second)
		town.finger("bob", "Gone fishing\r\n")
		town.call(1080, "alice\r\n").Transport.LoseConnection() // says no message
		town.Advance(time.Second)
		town.finger("alice", rabbit)
	}
}

// Step 14 reads its file every 30 seconds, and stops with the reactor.
func TestTheFileIsReadAgain(t *testing.T) {
	users := filepath.Join(t.TempDir(), "users")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(users, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := settings{address: netip.MustParseAddrPort("10.0.0.1:1079"), users: users}
	if err := finger14(reactortest.NewNetwork(reactortest.Options{}).Reactor("r"), s); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("without a file: %v", err)
	}
	write("alice: here\n")
	town := settle(t, 14, settings{users: users})
	town.finger("alice", "here\r\n")
	write("bob: there\n")
	town.finger("alice", "here\r\n")
	town.Advance(again)
	town.finger("alice", "No such user\r\n")
	town.finger("bob", "there\r\n")

	if err := os.Remove(users); err != nil {
		t.Fatal(err)
	}
	town.Advance(again)
	town.finger("bob", "there\r\n")
	write("bob: back\n")
	town.Advance(again)
	town.finger("bob", "back\r\n")

	if err := town.server.Stop(); err != nil {
		t.Fatal(err)
	}
	town.Advance(time.Second)
	if n := len(town.server.GetDelayedCalls()); n != 0 {
		t.Errorf("%d calls are left", n)
	}
}

func TestThereIsNoSuchStep(t *testing.T) {
	for _, step := range []int{-1, 0, 15} {
		if err := run(reactortest.NewNetwork(reactortest.Options{}).Reactor("r"), step, settings{}); !errors.Is(err, errNoStep) {
			t.Errorf("step %d: %v", step, err)
		}
	}
}

// Every step that answers "alice" by itself does so on a real socket too.
func TestOverRealSockets(t *testing.T) {
	s := settings{address: loopback.Anywhere, setter: loopback.Anywhere, program: []string{"printf", "Down the rabbit hole%.0s"}}
	checked := 0
	for _, step := range []int{7, 8, 9, 11, 12, 13} {
		loopback.Serve(t, func(r *loopback.Reactor) error { return steps[step-1](r, s) }, func(ports []string) error {
			got, err := loopback.Exchange(ports[0], "alice\r\n")
			if err == nil && got != rabbit {
				err = fmt.Errorf("step %d says %q", step, got)
			}
			checked++
			return err
		})
	}
	if checked != 6 {
		t.Errorf("%d steps", checked)
	}
}
