package main

import (
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"proxyherd/herd/wirelog"
	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

// What systemd is told (sd_notify(3)).
const (
	stateReady    = "READY=1"
	stateStopping = "STOPPING=1"
	stateAlive    = "WATCHDOG=1"
)

// supervisor is the one that started this process and wants to know how it is:
// systemd, for a service of Type=notify. A nil *supervisor wants to know nothing.
type supervisor struct {
	conn  *net.UnixConn
	alive time.Duration // how often it must hear of us; 0: it need not
}

// findSupervisor looks into the environment. It takes out what it finds, so that
// no child of this process speaks for it. The error is the system's.
func findSupervisor() (*supervisor, error) {
	address := os.Getenv("NOTIFY_SOCKET")
	alive := watchdog(os.Getenv("WATCHDOG_USEC"), os.Getenv("WATCHDOG_PID"))
	for _, name := range []string{"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"} {
		_ = os.Unsetenv(name) // fails for a bad name alone
	}
	if address == "" {
		return nil, nil
	}
	if rest, abstract := strings.CutPrefix(address, "@"); abstract {
		address = "\x00" + rest
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: address, Net: "unixgram"})
	if err != nil {
		return nil, err
	}
	return &supervisor{conn, alive}, nil
}

// watchdog reads how often systemd must hear of this process; 0 if it need not.
func watchdog(micros, pid string) time.Duration {
	n, err := strconv.ParseInt(micros, 10, 64)
	if err != nil || n <= 0 || n > int64(time.Hour*24/time.Microsecond) || pid != "" && pid != strconv.Itoa(os.Getpid()) {
		return 0
	}
	return time.Duration(n) * time.Microsecond
}

// tell sends a state. An error says that nobody is there to be told, which is no
// reason for a server to end.
func (s *supervisor) tell(state string) { _, _ = s.conn.Write([]byte(state)) }

// calling is the part of a reactor by which other goroutines reach its loop.
type calling interface{ CallFromThread(f func()) bool }

// serving is the part of a reactor that tells how a server is.
type serving interface {
	calling
	AddSystemEventTrigger(reactor.Phase, string, reactor.Trigger) (reactor.TriggerID, error)
}

// tellSupervisor tells systemd, if it wants to know, when the loop turns, that it
// goes on turning, and when it begins to stop; until end is called, which waits.
// The sending is done beside the loop, which waits for nobody.
func tellSupervisor(loop serving, log *wirelog.Log) (end func()) {
	s, err := findSupervisor()
	if err != nil {
		log.Event(time.Now(), wirelog.Warn, "systemd cannot be told that the server is ready", wirelog.F("error", err))
	}
	if s == nil {
		return func() {}
	}
	var beats <-chan time.Time
	if s.alive > 0 {
		// Twice as often as must be, as sd_watchdog_enabled(3) advises.
		beats = time.Tick(s.alive / 2)
	}
	return s.follow(loop, beats)
}

// follow is tellSupervisor with the beats from outside.
func (s *supervisor) follow(loop serving, beats <-chan time.Time) (end func()) {
	// There is room for each of the three at once, and none comes twice: where systemd
	// does not listen the loop does not wait for it.
	states := make(chan string, 3)
	tell := func(state string) {
		select {
		case states <- state:
		default:
		}
	}
	loop.CallFromThread(func() { tell(stateReady) })
	// The phase exists, and so there is no error.
	_, _ = loop.AddSystemEventTrigger(reactor.Before, "shutdown", func() *deferred.Deferred[struct{}] {
		tell(stateStopping)
		return nil
	})
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		defer s.conn.Close()
		for {
			select {
			case state := <-states:
				s.tell(state)
			case <-beats:
				// A loop that hangs does not get to this, and so systemd does not hear of it.
				loop.CallFromThread(func() {
					if len(states) == 0 { // else what waits there says as much
						tell(stateAlive)
					}
				})
			case <-stop:
				s.tellRest(states)
				return
			}
		}
	}()
	return func() {
		close(stop)
		<-ended
	}
}

// tellRest sends what is on its way.
func (s *supervisor) tellRest(states <-chan string) {
	for {
		select {
		case state := <-states:
			s.tell(state)
		default:
			return
		}
	}
}
