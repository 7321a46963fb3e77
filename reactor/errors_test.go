package reactor

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"

	"proxyherd/reactor/deferred"
)

// family is each class of the tree with its parent, by Twisted's names.
var family = []struct {
	name   string
	err    error
	parent error // nil: a root
	text   string
}{
	{"ConnectionClosed", ErrConnectionClosed, nil, "connection was closed"},
	{"ConnectionDone", ErrConnectionDone, ErrConnectionClosed, "connection was closed cleanly"},
	{"ConnectionLost", ErrConnectionLost, ErrConnectionClosed, "connection to the other side was lost in a non-clean fashion"},
	{"ConnectionAborted", ErrConnectionAborted, ErrConnectionLost, "connection was aborted locally"},
	{"ConnectError", ErrConnect, nil, "an error occurred while connecting"},
	{"ConnectBindError", ErrConnectBind, ErrConnect, "could not bind to the local address"},
	{"UnknownHostError", ErrUnknownHost, ErrConnect, "hostname could not be looked up"},
	{"NoRouteError", ErrNoRoute, ErrConnect, "no route to host"},
	{"ConnectionRefusedError", ErrConnectionRefused, ErrConnect, "connection was refused by other side"},
	{"TCPTimedOutError", ErrTCPTimedOut, ErrConnect, "TCP connection timed out"},
	{"UserError", ErrUser, ErrConnect, "user aborted connection"},
	{"TimeoutError", ErrTimeout, ErrUser, "user timeout caused connection failure"},
	{"DNSLookupError", ErrDNSLookup, nil, "DNS lookup failed"},
	{"AlreadyCalled", ErrAlreadyCalled, nil, "tried to cancel an already-called event"},
	{"AlreadyCancelled", ErrAlreadyCancelled, nil, "tried to cancel an already-cancelled event"},
	{"NotConnectingError", ErrNotConnecting, nil, "the connector was not connecting when it was asked to stop connecting"},
	{"ReactorNotRunning", ErrReactorNotRunning, nil, "cannot stop a reactor that is not running"},
	{"ReactorNotRestartable", ErrReactorNotRestartable, nil, "a reactor that was stopped cannot be run again: make a new one"},
	{"ReactorAlreadyRunning", ErrReactorAlreadyRunning, nil, "reactor is already running"},
}

func TestErrorTexts(t *testing.T) {
	for _, class := range family {
		t.Run(class.name, func(t *testing.T) {
			if got := class.err.Error(); got != class.text {
				t.Errorf("its text is %q, want %q", got, class.text)
			}
			// Arguments follow a colon, as Twisted's do.
			wrapped := fmt.Errorf("%w: %w", class.err, io.ErrUnexpectedEOF)
			if got, want := wrapped.Error(), class.text+": unexpected EOF"; got != want {
				t.Errorf("with an argument its text is %q, want %q", got, want)
			}
		})
	}
	t.Run("CannotListenError", func(t *testing.T) {
		for _, test := range []struct{ iface, want string }{
			{"127.0.0.1", "couldn't listen on 127.0.0.1:80: permission denied"},
			{"", "couldn't listen on any:80: permission denied"},
		} {
			err := &CannotListenError{Interface: test.iface, Port: 80, Err: syscall.EACCES}
			if got := err.Error(); got != test.want {
				t.Errorf("on %q its text is %q, want %q", test.iface, got, test.want)
			}
			if !errors.Is(err, syscall.EACCES) {
				t.Errorf("%v does not unwrap to the system's error", err)
			}
		}
	})
}

// TestErrorTree checks each pair of classes: err is its ancestors, and nothing
// else.
func TestErrorTree(t *testing.T) {
	parent := map[error]error{}
	for _, class := range family {
		parent[class.err] = class.parent
	}
	for _, class := range family {
		t.Run(class.name, func(t *testing.T) {
			ancestors := map[error]bool{}
			for e := class.err; e != nil; e = parent[e] {
				ancestors[e] = true
			}
			for _, other := range family {
				if got, want := errors.Is(class.err, other.err), ancestors[other.err]; got != want {
					t.Errorf("that %s is a %s is %t, want %t", class.name, other.name, got, want)
				}
			}
		})
	}
}

func TestTwoTimeoutsAreNotOne(t *testing.T) {
	attempt, result := fmt.Errorf("connecting: %w", ErrTimeout), fmt.Errorf("waiting: %w", deferred.ErrTimeout)
	if errors.Is(attempt, deferred.ErrTimeout) || errors.Is(result, ErrTimeout) {
		t.Error("an attempt that took too long and a Deferred that did are taken for one another")
	}
}

func TestConnectingCancelledError(t *testing.T) {
	address := IPv4Address{"192.0.2.1", 80}
	err := fmt.Errorf("an endpoint: %w", &ConnectingCancelledError{address})
	var cancelled *ConnectingCancelledError
	if !errors.As(err, &cancelled) || cancelled.Address != Address(address) {
		t.Errorf("%v does not expose its address", err)
	}
	if errors.Is(err, ErrConnect) {
		t.Errorf("%v is an ErrConnect", err)
	}
	if !strings.Contains(err.Error(), "192.0.2.1:80") {
		t.Errorf("%q does not say what was cancelled", err)
	}
}

func TestGetConnectError(t *testing.T) {
	type test struct {
		err, want error
	}
	kinds := []error{ErrUnknownHost, ErrNoRoute, ErrConnectionRefused, ErrTCPTimedOut, ErrUser, ErrConnectBind}
	check := func(t *testing.T, test test) {
		got := GetConnectError(test.err)
		if !errors.Is(got, ErrConnect) || !errors.Is(got, test.want) {
			t.Errorf("of %v it makes %v, want one that is: %v", test.err, got, test.want)
		}
		if !errors.Is(got, test.err) {
			t.Errorf("%v does not unwrap to %v", got, test.err)
		}
		for _, kind := range kinds {
			if kind != test.want && errors.Is(got, kind) {
				t.Errorf("of %v it makes %v, which is also: %v", test.err, got, kind)
			}
		}
	}
	t.Run("the system's error decides the class", func(t *testing.T) {
		for _, errno := range []test{
			{syscall.ECONNREFUSED, ErrConnectionRefused},
			{syscall.ENETUNREACH, ErrNoRoute},
			{syscall.EHOSTUNREACH, ErrNoRoute}, // Twisted has a plain ConnectError here
			{syscall.ETIMEDOUT, ErrTCPTimedOut},
			{syscall.EPERM, ErrConnect},
		} {
			check(t, errno)
			check(t, test{fmt.Errorf("connect: %w", errno.err), errno.want})
		}
	})
	t.Run("a resolver's error is an unknown host", func(t *testing.T) {
		check(t, test{&net.DNSError{Err: "no such host", Name: "pear"}, ErrUnknownHost})
	})
	t.Run("any other error is a plain one", func(t *testing.T) {
		check(t, test{io.ErrUnexpectedEOF, ErrConnect})
	})
}

func TestPanicError(t *testing.T) {
	recovered := func(value any) (err error) {
		defer func() { err = Recovered(recover()) }()
		panic(value)
	}
	err := recovered(io.ErrUnexpectedEOF)
	var panicked *PanicError
	if !errors.As(err, &panicked) || !strings.Contains(string(panicked.Stack), "TestPanicError") {
		t.Errorf("%v has not the stack of the panic", err)
	}
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%v does not unwrap to the error that it was", err)
	}
	if err := recovered("no error"); errors.Unwrap(err) != nil || !strings.Contains(err.Error(), "no error") {
		t.Errorf("a panic with a text became %v", err)
	}
	if err := Recovered(nil); err != nil {
		t.Errorf("no panic became %v", err)
	}
}
