//go:build linux

package gnetreactor

import (
	"io"
	"sync"
	"testing"
	"time"

	"proxyherd/reactor"
)

func TestTheEndOfTheLoopIsLogged(t *testing.T) { // RS11
	for name, end := range map[string]func(r *Reactor){"after Stop": stop, "after Crash": (*Reactor).Crash} {
		t.Run(name, func(t *testing.T) {
			r, log := newTestReactor(t, Config{})
			r.CallWhenRunning(func() { end(r) })
			run(t, r)
			if len(log.texts) != 1 || log.texts[0] != "Main loop terminated." {
				t.Errorf("it logged %q", log.texts)
			}
		})
	}
}

func TestWhatWasWrittenBeforeStopIsSent(t *testing.T) { // RS6, RS8, mended
	r, _ := newTestReactor(t, Config{})
	number := listen(t, r, each(func() *conversation {
		return &conversation{received: func(c *conversation, data []byte) error {
			c.transport.Write([]byte("last words"))
			stop(r)
			return nil
		}}
	}))
	got := make(chan string, 1)
	r.CallWhenRunning(func() {
		go func() {
			client := dial(t, number)
			_, _ = client.Write([]byte("x"))
			answer, _ := io.ReadAll(client) // ends with the connection, however
			got <- string(answer)
		}()
	})
	run(t, r)
	if answer := <-got; answer != "last words" {
		t.Errorf("the client got %q", answer)
	}
}

func TestSeconds(t *testing.T) { // TI1
	r, _ := newTestReactor(t, Config{})
	t.Run("is the time of day", func(t *testing.T) {
		before := time.Now()
		got := r.Seconds()
		if got.Before(before) || got.After(time.Now()) {
			t.Errorf("it is %v, and the time is %v", got, before)
		}
	})
	t.Run("has the monotonic clock in it, which a stepped clock does not shift", func(t *testing.T) {
		if wall := r.Seconds().Round(0); wall == r.Seconds() {
			t.Error("it is the wall clock only")
		}
		r.CallLater(time.Hour, func() {})
		if due := r.GetDelayedCalls()[0].GetTime(); due == due.Round(0) {
			t.Error("a call is due by the wall clock only")
		}
	})
}

func TestOneReadingOfTheClockServesAPassOfTimers(t *testing.T) { // LP3
	r, _ := newTestReactor(t, Config{})
	story := ""
	r.CallWhenRunning(func() {
		var slow, next reactor.DelayedCall
		slow = r.CallLater(0, func() {
			story += "slow "
			r.CallFromThread(func() { story += "posted " })
			for !time.Now().After(next.GetTime()) { // until the next is due
			}
		})
		next = r.CallLater(time.Millisecond, func() { story += "next"; stop(r) })
		if !slow.GetTime().Before(next.GetTime()) {
			t.Errorf("%v is not before %v", slow, next)
		}
	})
	run(t, r)
	if story != "slow posted next" {
		t.Errorf("what happened: %s", story)
	}
}

func TestATimerThatIsBroughtForwardWakesTheLoop(t *testing.T) { // DC4, TI6
	// The loop goes to sleep with the timer put off; then an event, which by
	// itself has no end of a turn, brings it forward.
	r, _ := newTestReactor(t, Config{})
	var timer reactor.DelayedCall
	number := listen(t, r, each(func() *conversation {
		return &conversation{received: func(*conversation, []byte) error { return timer.Reset(20 * time.Millisecond) }}
	}))
	r.CallWhenRunning(func() {
		client := dial(t, number)
		r.CallFromThread(func() {
			timer = r.CallLater(10*time.Millisecond, func() { stop(r) })
			if err := timer.Reset(time.Hour); err != nil {
				t.Error(err)
			}
			_, _ = client.Write([]byte("x"))
		})
	})
	run(t, r) // else it would take an hour
}

func TestReactorsLiveSideBySide(t *testing.T) {
	// There is no global reactor that could be installed: each is a value, and
	// these two talk to each other.
	server, _ := newTestReactor(t, Config{})
	client, _ := newTestReactor(t, Config{})
	number := listen(t, server, each(func() *conversation {
		return &conversation{
			received: func(c *conversation, data []byte) error { c.transport.Write(data); return nil },
			lost:     func(*conversation, error) { stop(server) },
		}
	}))
	var echoed string
	client.ConnectTCP("127.0.0.1", number, each(func() *conversation {
		return &conversation{
			made: func(c *conversation) { c.transport.Write([]byte("hello")) },
			received: func(c *conversation, data []byte) error {
				if echoed += string(data); echoed == "hello" {
					c.transport.LoseConnection()
				}
				return nil
			},
			lost: func(*conversation, error) { stop(client) },
		}
	}), 0, nil)
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := server.Run(); err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	run(t, client)
	serving.Wait()
	if echoed != "hello" {
		t.Errorf("the client got %q", echoed)
	}
}
