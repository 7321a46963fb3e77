package main

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

// slowLoop is a loop that turns when a test says so.
type slowLoop struct {
	calls    chan func()
	shutdown reactor.Trigger
}

func (l *slowLoop) CallFromThread(f func()) bool {
	l.calls <- f
	return true
}

func (l *slowLoop) turn() { (<-l.calls)() }
func (l *slowLoop) AddSystemEventTrigger(_ reactor.Phase, _ string, f reactor.Trigger) (reactor.TriggerID, error) {
	l.shutdown = f
	return reactor.TriggerID{}, nil
}

var _ serving = (*slowLoop)(nil)

// systemd is the other end, which listens all the time: it returns what it was told
// next.
func systemd(t *testing.T) (address string, next func() string) {
	t.Helper()
	address = filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: address, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	heard := make(chan string, 10_000)
	go func() {
		defer close(heard)
		for buffer := make([]byte, 100); ; {
			n, err := conn.Read(buffer)
			if err != nil {
				return // it was closed
			}
			heard <- string(buffer[:n])
		}
	}()
	t.Cleanup(func() {
		_ = conn.Close()
		for range heard {
		}
	})
	return address, func() string {
		t.Helper()
		select {
		case state := <-heard:
			return state
		case <-time.After(deadline):
			t.Fatal("systemd hears nothing")
			return ""
		}
	}
}

// supervisedBy is what a process is told by systemd in its environment.
func supervisedBy(t *testing.T, address, micros, pid string) {
	t.Helper()
	t.Setenv("NOTIFY_SOCKET", address)
	t.Setenv("WATCHDOG_USEC", micros)
	t.Setenv("WATCHDOG_PID", pid)
}

func TestSystemdHearsOfALoopThatTurnsAndOnlyOfThat(t *testing.T) {
	address, next := systemd(t)
	supervisedBy(t, address, "", "")
	s, err := findSupervisor()
	if err != nil || s == nil {
		t.Fatalf("%v, %v", s, err)
	}
	loop := &slowLoop{calls: make(chan func(), 10)}
	beats := make(chan time.Time)
	end := s.follow(loop, beats)
	loop.turn()
	if state := next(); state != stateReady {
		t.Errorf("first it hears %q", state)
	}
	// The loop hangs: two beats are asked of it, and nothing is told. The trigger
	// does not ask the loop, and so is heard before them.
	beats <- noon
	beats <- noon
	if d := loop.shutdown(); d != (*deferred.Deferred[struct{}])(nil) {
		t.Error("the stop has to wait for systemd")
	}
	if state := next(); state != stateStopping {
		t.Errorf("of a loop that hangs it hears %q", state)
	}
	for range 2 {
		loop.turn()
		if state := next(); state != stateAlive {
			t.Errorf("of a loop that turns it hears %q", state)
		}
	}
	end()
}

func TestTheEnvironmentSaysWhoWantsToKnow(t *testing.T) {
	address, next := systemd(t)
	supervisedBy(t, address, "3600000000", strconv.Itoa(os.Getpid())) // an hour: no beat comes
	loop := &slowLoop{calls: make(chan func(), 10)}
	end := tellSupervisor(loop, nil)
	loop.turn()
	if state := next(); state != stateReady {
		t.Errorf("it hears %q", state)
	}
	end()
	for _, name := range []string{"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"} {
		if text, set := os.LookupEnv(name); set {
			t.Errorf("%s=%s is left for children", name, text)
		}
	}
	if s, err := findSupervisor(); s != nil || err != nil {
		t.Errorf("nobody wants to know any more, and there is %v, %v", s, err)
	}
	tellSupervisor(loop, nil)()
	supervisedBy(t, filepath.Join(t.TempDir(), "gone"), "", "")
	tellSupervisor(loop, nil)() // nobody is there, and the server goes on
	if len(loop.calls) > 0 {
		t.Error("the loop is asked for nobody")
	}
}

func TestHowOftenSystemdMustHear(t *testing.T) {
	me := strconv.Itoa(os.Getpid())
	for _, test := range []struct {
		micros, pid string
		want        time.Duration
	}{
		{"", "", 0}, {"30000000", "", 30 * time.Second}, {"30000000", me, 30 * time.Second}, {"30000000", me + "0", 0},
		{"0", "", 0}, {"-5", "", 0}, {"soon", "", 0}, {"9223372036854775807", "", 0}, {"99999999999999999999", "", 0},
	} {
		if got := watchdog(test.micros, test.pid); got != test.want {
			t.Errorf("%q for %q: %v, want %v", test.micros, test.pid, got, test.want)
		}
	}
}
