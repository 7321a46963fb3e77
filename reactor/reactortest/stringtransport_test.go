package reactortest

import (
	"testing"

	"proxyherd/reactor"
)

// The interfaces that twisted/test/test_stringtransport.py checks at run time
// are checked by the compiler.
var (
	_ reactor.TCPTransport = (*StringTransport)(nil)
	_ reactor.TCP          = (*MemoryReactor)(nil)
	_ reactor.TCP          = (*RaisingMemoryReactor)(nil)
)

// TestStringTransport is twisted/test/test_stringtransport.py's
// StringTransportTests.
func TestStringTransport(t *testing.T) {
	t.Run("keeps what is written until it is cleared", func(t *testing.T) { // PH1
		var tr StringTransport
		buf := []byte("one ")
		tr.Write(buf)
		copy(buf, "xxx ")
		tr.WriteSequence([][]byte{[]byte("two "), nil, []byte("three")})
		if tr.Value() != "one two three" {
			t.Errorf("Value is %q", tr.Value())
		}
		tr.Clear()
		tr.LoseConnection()
		tr.Write([]byte("four"))
		if tr.Value() != "four" {
			t.Errorf("after Clear, Value is %q", tr.Value())
		}
	})
	t.Run("notes the producer and how it streams", func(t *testing.T) { // PH2
		for _, streaming := range []bool{true, false} {
			var tr StringTransport
			p := &pushy{}
			if err := tr.RegisterProducer(p, streaming); err != nil || tr.Producer != p || tr.Streaming != streaming {
				t.Errorf("registered %v, streaming %t, with %v", tr.Producer, tr.Streaming, err)
			}
			if p.resumed != 0 {
				t.Error("registering asked the producer for something")
			}
		}
	})
	t.Run("refuses a second producer and keeps the first", func(t *testing.T) {
		var tr StringTransport
		first := &pushy{}
		_ = tr.RegisterProducer(first, true)
		wantIs(t, tr.RegisterProducer(&pushy{}, false), reactor.ErrProducerRegistered)
		if tr.Producer != first || !tr.Streaming {
			t.Error("the first producer is gone")
		}
	})
	t.Run("lets a producer go and takes another", func(t *testing.T) {
		var tr StringTransport
		_ = tr.RegisterProducer(&pushy{}, true)
		tr.UnregisterProducer()
		if tr.Producer != nil {
			t.Error("the producer is still there")
		}
		second := &pushy{}
		if err := tr.RegisterProducer(second, true); err != nil || tr.Producer != second {
			t.Errorf("the second producer: %v", err)
		}
	})
	t.Run("panics when there is no producer to let go", func(t *testing.T) {
		var tr StringTransport
		wantPanicOf(t, "UnregisterProducer", tr.UnregisterProducer)
	})
	t.Run("starts as producing", func(t *testing.T) {
		var tr StringTransport
		if tr.ProducerState != Producing {
			t.Errorf("it is %v", tr.ProducerState)
		}
	})

	pause := (*StringTransport).PauseProducing
	resume := (*StringTransport).ResumeProducing
	stop := (*StringTransport).StopProducing
	lose := (*StringTransport).LoseConnection
	type step = func(*StringTransport)
	for _, c := range []struct {
		name  string
		steps []step
		want  string
	}{
		{"is paused by PauseProducing", []step{pause}, "paused"},
		{"produces again after ResumeProducing", []step{pause, resume}, "producing"},
		{"is stopped by StopProducing", []step{stop}, "stopped"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var tr StringTransport
			for _, do := range c.steps {
				do(&tr)
			}
			if tr.ProducerState.String() != c.want {
				t.Errorf("it is %v, want %s", tr.ProducerState, c.want)
			}
		})
	}
	for _, c := range []struct {
		name     string
		then, do step
	}{
		{"cannot be paused once it is stopped", stop, pause},
		{"cannot be resumed once it is stopped", stop, resume},
		{"cannot be stopped twice", stop, stop},
		{"cannot be paused after LoseConnection", lose, pause},
		{"cannot be resumed after LoseConnection", lose, resume},
	} {
		t.Run(c.name, func(t *testing.T) {
			var tr StringTransport
			c.then(&tr)
			wantPanicOf(t, "what comes too late", func() { c.do(&tr) })
		})
	}

	t.Run("only notes LoseConnection", func(t *testing.T) {
		var tr StringTransport
		before := tr.Disconnecting()
		tr.LoseConnection()
		if before || !tr.Disconnecting() {
			t.Errorf("disconnecting %t, then %t", before, tr.Disconnecting())
		}
	})
	t.Run("notes what else is asked of it", func(t *testing.T) {
		var tr StringTransport
		tr.AbortConnection()
		tr.LoseWriteConnection()
		tr.SetFlushOrder(reactor.FlushFirst)
		if !tr.Aborted || !tr.WriteLost || tr.FlushOrder != reactor.FlushFirst {
			t.Errorf("noted %t, %t, %d", tr.Aborted, tr.WriteLost, tr.FlushOrder)
		}
		for _, on := range []bool{true, false} {
			_ = tr.SetTcpNoDelay(on)
			_ = tr.SetTcpKeepAlive(!on)
			noDelay, _ := tr.GetTcpNoDelay()
			keepAlive, _ := tr.GetTcpKeepAlive()
			if noDelay != on || keepAlive == on {
				t.Errorf("set %t and %t, got %t and %t", on, !on, noDelay, keepAlive)
			}
		}
	})
	t.Run("is where it was told to be", func(t *testing.T) {
		at := reactor.IPv4Address{Host: "192.0.2.1", Port: 1}
		if tr := (&StringTransport{HostAddress: at}); tr.GetHost() != at {
			t.Errorf("GetHost is %v", tr.GetHost())
		}
	})
	t.Run("has the peer that it was told", func(t *testing.T) {
		at := reactor.IPv4Address{Host: "192.0.2.2", Port: 2}
		if tr := (&StringTransport{PeerAddress: at}); tr.GetPeer() != at {
			t.Errorf("GetPeer is %v", tr.GetPeer())
		}
	})
	t.Run("is at an IPv4 address by default", func(t *testing.T) {
		if at := new(StringTransport).GetHost(); at != (reactor.IPv4Address{Host: "10.0.0.1", Port: 12345}) {
			t.Errorf("GetHost is %v", at)
		}
	})
	t.Run("has an IPv4 peer by default", func(t *testing.T) {
		if at := new(StringTransport).GetPeer(); at != (reactor.IPv4Address{Host: "192.168.1.1", Port: 54321}) {
			t.Errorf("GetPeer is %v", at)
		}
	})
}

func TestStringTransportWithDisconnection(t *testing.T) { // PH3
	p := &AccumulatingProtocol{}
	tr := &StringTransportWithDisconnection{Protocol: p}
	p.MakeConnection(p, tr)
	if !tr.Connected() {
		t.Error("it is not connected")
	}
	tr.LoseConnection()
	tr.LoseConnection()
	if p.Closed != 1 || tr.Connected() || tr.Disconnecting() {
		t.Errorf("told %d times, connected %t, disconnecting %t; want 1, false, false", p.Closed, tr.Connected(), tr.Disconnecting())
	}
	wantIs(t, p.ClosedReason, reactor.ErrConnectionDone)
}
