package reactortest

import (
	"slices"
	"strings"
	"testing"

	"proxyherd/reactor"
)

// loop connects two protocols and settles the network; ended is how often the
// end of both was reported.
func loop(t *testing.T, options Options, server, client reactor.Protocol) (n *Network, ended *int) {
	t.Helper()
	n, ended = NewNetwork(options), new(int)
	LoopbackAsync(n, server, client).AddBoth(func(v struct{}, err error) (struct{}, error) {
		if err != nil {
			t.Errorf("LoopbackAsync failed: %v", err)
		}
		*ended++
		return v, nil
	})
	if !n.Settle(minute) {
		t.Fatal("the network did not settle")
	}
	return n, ended
}

// TestLoopback is twisted/test/test_loopback.py.
func TestLoopback(t *testing.T) { // PH6
	t.Run("relays lines, and both lose the connection once", func(t *testing.T) {
		server := &LineSendingProtocol{Lines: []string{"THIS IS LINE ONE!", "THIS IS LINE TWO!"}}
		client := &LineSendingProtocol{Lines: []string{"this is line one!"}, Start: true}
		n, ended := loop(t, Options{Seed: 7, Link: Link{Chunked: true}}, server, client)
		client.Transport.LoseConnection()
		n.Settle(minute)
		if *ended != 1 || server.Closed != 1 || client.Closed != 1 || !slices.Equal(server.Response, client.Lines) || !slices.Equal(client.Response, server.Lines) {
			t.Errorf("the server got %q, the client %q; ended %d times", server.Response, client.Response, *ended)
		}
	})
	t.Run("what is written before the end arrives, nothing comes after it", func(t *testing.T) {
		server := &LineSendingProtocol{Lines: []string{"DOOM LINE"}}
		client := &doomed{}
		client.Start, client.Lines = true, []string{"SIMPLE LINE"}
		_, ended := loop(t, Options{}, server, client)
		if !slices.Equal(server.Response, []string{"SIMPLE LINE", "Hello 1", "Hello 2", "Hello 3"}) {
			t.Errorf("the server got %q", server.Response)
		}
		if !slices.Equal(client.Response, []string{"DOOM LINE"}) {
			t.Errorf("the client got %q", client.Response)
		}
		if *ended != 1 || server.Closed != 1 || client.Closed != 1 {
			t.Errorf("ended %d times; the server was told %d times, the client %d", *ended, server.Closed, client.Closed)
		}
		wantIs(t, server.ClosedReason, reactor.ErrConnectionDone)
		wantIs(t, client.ClosedReason, reactor.ErrConnectionDone)
	})
	t.Run("both sides are connected", func(t *testing.T) {
		server, client := &AccumulatingProtocol{}, &AccumulatingProtocol{}
		loop(t, Options{}, server, client)
		if server.Made != 1 || client.Made != 1 {
			t.Errorf("the server was connected %d times, the client %d", server.Made, client.Made)
		}
	})

	server, client := &AccumulatingProtocol{}, &AccumulatingProtocol{}
	loop(t, Options{}, server, client)
	for _, c := range []struct {
		name      string
		one, same reactor.Address
	}{
		{"the server's host is the client's peer", server.Transport.GetHost(), client.Transport.GetPeer()},
		{"the server's peer is the client's host", server.Transport.GetPeer(), client.Transport.GetHost()},
	} {
		t.Run(c.name, func(t *testing.T) {
			if host, port := reactor.SplitAddress(c.one); c.one != c.same || host != "127.0.0.1" || port == 0 {
				t.Errorf("one is %v, the other %v", c.one, c.same)
			}
		})
	}

	for _, c := range []struct {
		name    string
		address reactor.Address
	}{
		{"the client knows its peer", client.Transport.GetPeer()},
		{"the client knows its host", client.Transport.GetHost()},
	} {
		t.Run(c.name, func(t *testing.T) {
			if a, ok := c.address.(reactor.IPv4Address); !ok || a.Host != "127.0.0.1" || a.Port == 0 {
				t.Errorf("it is %#v", c.address)
			}
		})
	}

	greet := func(a *actor) { a.Write([]byte("bytes")) }
	greetInParts := func(a *actor) { a.WriteSequence([][]byte{[]byte("byt"), []byte("es")}) }
	for _, c := range []struct {
		name           string
		server, client *actor
	}{
		{"a client's greeting arrives", &actor{}, &actor{made: greet}},
		{"a client's greeting in parts arrives", &actor{}, &actor{made: greetInParts}},
		{"a server's greeting arrives", &actor{made: greet}, &actor{}},
		{"a server's greeting in parts arrives", &actor{made: greetInParts}, &actor{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			loop(t, Options{}, c.server, c.client)
			if got := string(c.server.data) + string(c.client.data); got != "bytes" {
				t.Errorf("%q arrived", got)
			}
		})
	}

	t.Run("a push producer writes", func(t *testing.T) {
		server, client := &actor{}, &actor{}
		producer := &pushy{resume: func() { client.Write([]byte("rest")); client.LoseConnection() }}
		client.made = func(a *actor) {
			_ = a.RegisterProducer(producer, true) // the first: there is none yet
			a.Write(make([]byte, highWater+1))
		}
		_, ended := loop(t, Options{}, server, client)
		if *ended != 1 || !strings.HasSuffix(string(server.data), "rest") || producer.stopped != 1 {
			t.Errorf("ended %d times with %d bytes; the producer was stopped %d times", *ended, len(server.data), producer.stopped)
		}
	})
	t.Run("a pull producer is asked until it unregisters", func(t *testing.T) {
		server, client := &actor{}, &actor{}
		client.made = func(a *actor) {
			p := &pully{consumer: a, pieces: 3, finished: a.LoseConnection}
			_ = a.RegisterProducer(p, false) // the first: there is none yet
		}
		_, ended := loop(t, Options{}, server, client)
		if want := "piece 0;piece 1;piece 2;"; *ended != 1 || string(server.data) != want {
			t.Errorf("ended %d times; the server got %q, want %q", *ended, server.data, want)
		}
	})
	t.Run("nothing is delivered inside a write", func(t *testing.T) {
		writing := false
		server := &actor{received: func(*actor, []byte) error {
			if writing {
				t.Error("the peer received within the write")
			}
			return nil
		}}
		client := &actor{made: func(a *actor) { writing = true; a.Write([]byte("x")); a.LoseConnection(); writing = false }}
		loop(t, Options{}, server, client)
		if string(server.data) != "x" {
			t.Errorf("the server got %q", server.data)
		}
	})
	t.Run("a turn's writes arrive as one", func(t *testing.T) {
		pieces := 0
		server := &actor{received: func(*actor, []byte) error { pieces++; return nil }}
		loop(t, Options{}, server, &actor{made: func(a *actor) { greet(a); greet(a); greet(a) }})
		if pieces != 1 || len(server.data) != 15 {
			t.Errorf("%d bytes in %d pieces, want 15 in 1", len(server.data), pieces)
		}
	})
	t.Run("a connection that cannot be made is a failure", func(t *testing.T) {
		n := NewNetwork(Options{})
		n.Cut("server", "client")
		var failure error
		LoopbackAsync(n, &actor{}, &actor{}).AddErrback(func(err error) (struct{}, error) { failure = err; return struct{}{}, nil })
		n.Advance(minute)
		wantIs(t, failure, reactor.ErrTimeout)
	})
	t.Run("half-closing works through it", func(t *testing.T) {
		server := &halfCloser{}
		server.readLost = func() { server.Write([]byte("answer")); server.LoseConnection() }
		client := &halfCloser{}
		client.made = func(a *actor) { a.LoseWriteConnection() }
		client.readLost = func() { client.LoseConnection() }
		_, ended := loop(t, Options{}, server, client)
		if *ended != 1 || string(client.data) != "answer" {
			t.Errorf("ended %d times; the client got %q", *ended, client.data)
		}
	})
}

// doomed ends the connection in the middle of what it has to say.
type doomed struct{ LineSendingProtocol }

func (d *doomed) DataReceived(self reactor.Protocol, data []byte) error {
	err := d.LineSendingProtocol.DataReceived(self, data)
	for _, line := range []string{"Hello 1", "Hello 2", "Hello 3"} {
		d.Transport.Write([]byte(line + "\r\n"))
	}
	d.Transport.LoseConnection()
	return err
}
