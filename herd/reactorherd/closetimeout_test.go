//go:build linux

package reactorherd_test

import (
	"bytes"
	"context"
	"net"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/reactorherd"
	"proxyherd/herd/upstream"
	"proxyherd/reactor/gnetreactor"
)

// talkative is an upstream whose answers are longer than what the system holds
// for a client that does not read.
type talkative struct{}

func (talkative) Fetch(context.Context, upstream.Query) upstream.Result {
	return upstream.Result{Line: bytes.Repeat([]byte("x"), 32<<20)}
}

// The bound on how long an end may take is the reactor's, so this is the one
// test here on a real one.
func TestWhoDoesNotTakeTheLastAnswerIsCutOff(t *testing.T) {
	config := herd.Default()
	config.Servers = []herd.Server{{Name: solo, Clients: "127.0.0.1:0"}}
	config.Limits.OutputPerClientMost = 64 << 20
	loop := gnetreactor.New(gnetreactor.Config{CloseTimeout: time.Millisecond, NoSignalHandlers: true})
	server, err := reactorherd.New(loop, reactorherd.Options{
		Name: solo, Config: config, Keys: [][]byte{[]byte("a secret that nobody asks for")},
		Upstream: talkative{}, Kind: upstream.Twitter{},
	})
	if err == nil {
		err = server.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", server.Status().Clients)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("IAMAT a +1+1 1000000000\nWHATSAT a 10 1\n")); err != nil {
		t.Fatal(err)
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	asked := false
	var look func()
	look = func() {
		st := server.Status()
		asked = asked || st.Connections > 0
		if !asked || st.Connections > 0 {
			loop.CallLater(time.Millisecond, look)
			return
		}
		if len(st.Closed) != 1 || st.Closed["close_timeout"] != 1 {
			t.Errorf("counted %v, want one close_timeout", st.Closed)
		}
		if err := loop.Stop(); err != nil {
			t.Error(err)
		}
	}
	loop.CallWhenRunning(look)
	if err := loop.Run(); err != nil {
		t.Fatal(err)
	}
}
