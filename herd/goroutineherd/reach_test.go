package goroutineherd

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"proxyherd/herd"
)

// silent dials for as long as it may.
func silent(ctx context.Context) (net.Conn, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// A reactor's ConnectTCP is tested for the same beside it.
func TestEachAddressHasItsShareOfTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var dialled []string
		here, there := net.Pipe()
		n := Network{
			LookUp: func(context.Context, string) ([]netip.Addr, error) {
				time.Sleep(time.Second)
				return []netip.Addr{
					netip.MustParseAddr("fd00::1"), netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2"), netip.MustParseAddr("::ffff:10.0.0.1"),
				}, nil
			},
			Dial: func(ctx context.Context, address string) (net.Conn, error) {
				dialled = append(dialled, address)
				switch address {
				case "10.0.0.1:12100":
					return silent(ctx)
				case "10.0.0.2:12100":
					return nil, syscall.ECONNREFUSED
				}
				return here, nil
			},
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		began := time.Now()
		conn, err := n.reach(ctx, "far.example", 12100)
		if conn != here || err != nil {
			t.Errorf("it reached %v, %v", conn, err)
		}
		// One second for the lookup, and a third of the nine that were left.
		if took := time.Since(began); took != 4*time.Second {
			t.Errorf("that took %v", took)
		}
		if order := strings.Join(dialled, " "); order != "10.0.0.1:12100 10.0.0.2:12100 [fd00::1]:12100" {
			t.Errorf("it dialled %s", order)
		}
		_, _ = here.Close(), there.Close() // a pipe's never fails
	})
}

func TestWhyANameWasNotReached(t *testing.T) {
	answer := func(literals ...string) func(context.Context, string) ([]netip.Addr, error) {
		return func(context.Context, string) (addrs []netip.Addr, err error) {
			for _, literal := range literals {
				addrs = append(addrs, netip.MustParseAddr(literal))
			}
			return addrs, nil
		}
	}
	for _, c := range []struct {
		name   string
		lookUp func(context.Context, string) ([]netip.Addr, error)
		after  time.Duration // the attempt is given up; 0: never
		takes  time.Duration
		lookup bool // that it is the lookup that failed
		says   string
	}{
		{"refused at each", answer("10.0.0.1", "fd00::1"), 0, 0, false, "10.0.0.1: connection refused; fd00::1: connection refused"},
		{"refused at the only one", answer("10.0.0.1"), 0, 0, false, "connection refused"},
		{"no address", answer(), 0, 0, true, `DNS lookup failed: address "far.example": it has no address`},
		{"no such name", func(context.Context, string) ([]netip.Addr, error) {
			return nil, &net.DNSError{Err: "no such host", Name: "far.example", IsNotFound: true}
		}, 0, 0, true, `DNS lookup failed: address "far.example": lookup far.example: no such host`},
		{"no answer", func(ctx context.Context, _ string) ([]netip.Addr, error) { _, err := silent(ctx); return nil, err }, 0, herd.LookupTime, true,
			`DNS lookup failed: address "far.example": no answer within 4s: context deadline exceeded`},
		{"given up", func(ctx context.Context, _ string) ([]netip.Addr, error) { _, err := silent(ctx); return nil, err }, time.Second, time.Second, false, "context canceled"},
	} {
		synctest.Test(t, func(t *testing.T) {
			n := Network{LookUp: c.lookUp, Dial: func(context.Context, string) (net.Conn, error) { return nil, syscall.ECONNREFUSED }}
			ctx, cancel := context.WithTimeout(t.Context(), dialTimeout)
			defer cancel()
			if c.after > 0 {
				defer time.AfterFunc(c.after, cancel).Stop()
			}
			began := time.Now()
			conn, err := n.reach(ctx, "far.example", 12100)
			if conn != nil || err == nil || err.Error() != c.says || errors.Is(err, errLookup) != c.lookup || time.Since(began) != c.takes {
				t.Errorf("%s: %v, %v after %v; want %s after %v", c.name, conn, err, time.Since(began), c.says, c.takes)
			}
		})
	}
}

func TestLiteralsAreNotLookedUp(t *testing.T) {
	for host, want := range map[string]string{
		"10.0.0.1": "10.0.0.1:12100", "::1": "[::1]:12100", "": "0.0.0.0:12100", "::ffff:10.0.0.1": "10.0.0.1:12100",
	} {
		dialled := ""
		n := Network{
			LookUp: func(_ context.Context, host string) ([]netip.Addr, error) {
				t.Errorf("%q is looked up", host)
				return nil, nil
			},
			Dial: func(_ context.Context, address string) (net.Conn, error) {
				dialled = address
				return nil, syscall.ECONNREFUSED
			},
		}
		if _, err := n.reach(t.Context(), host, 12100); !errors.Is(err, syscall.ECONNREFUSED) || dialled != want {
			t.Errorf("%q: it dialled %s, want %s: %v", host, dialled, want, err)
		}
	}
}

// Who listens on [::] is reached by IPv4 too, and who listens on 0.0.0.0 not by IPv6, as
// on a reactor.
func TestEveryAddress(t *testing.T) {
	n := Network{}.orTCP()
	for _, c := range []struct {
		listen, host string
		reached      bool
	}{{"[::]:0", "127.0.0.1", true}, {"[::]:0", "::1", true}, {"0.0.0.0:0", "127.0.0.1", true}, {"0.0.0.0:0", "::1", false}} {
		l, err := n.Listen(c.listen)
		if err != nil {
			t.Fatal(err)
		}
		conn, err := n.reach(t.Context(), c.host, l.Addr().(*net.TCPAddr).Port)
		if (err == nil) != c.reached {
			t.Errorf("listening on %s, it is reached at %s: %v", c.listen, c.host, err)
		}
		if err == nil {
			_ = conn.Close()
		}
		_ = l.Close() // nobody was served
	}
}
