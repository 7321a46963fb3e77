package endpoints_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"proxyherd/factories"
	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
	"proxyherd/reactor/endpoints"
	"proxyherd/reactor/reactortest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errBroken = errors.New("broken")

// result is what a Deferred has given so far.
type result[T any] struct {
	fired int
	value T
	err   error
}

func watch[T any](d *deferred.Deferred[T]) *result[T] {
	r := new(result[T])
	d.AddBoth(func(value T, err error) (T, error) {
		r.fired++
		r.value, r.err = value, err
		return value, nil
	})
	return r
}

// want fails the test unless the Deferred gave err, or a value if err is nil,
// once.
func (r *result[T]) want(t *testing.T, err error) {
	t.Helper()
	if r.fired != 1 || !errors.Is(r.err, err) {
		t.Fatalf("fired %d times, with error %v; want once, with %v", r.fired, r.err, err)
	}
}

func (r *result[T]) wantNothing(t *testing.T) {
	t.Helper()
	if r.fired != 0 {
		t.Fatalf("fired with %v, %v; want no result yet", r.value, r.err)
	}
}

// wantCancelled fails the test unless an attempt to that address was cancelled.
func (r *result[T]) wantCancelled(t *testing.T, address reactor.Address) {
	t.Helper()
	r.want(t, deferred.ErrCancelled)
	var cancelled *reactor.ConnectingCancelledError
	if !errors.As(r.err, &cancelled) || cancelled.Address != address || !strings.Contains(r.err.Error(), address.String()) {
		t.Fatalf("cancelled with %v, want the address %v", r.err, address)
	}
}

// wantSame fails the test unless got is want.
func wantSame[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// accumulating is a factory of one protocol, which it gives too.
func accumulating() (*factories.ProtocolFactory, *reactortest.AccumulatingProtocol) {
	p := &reactortest.AccumulatingProtocol{}
	return factories.ForProtocol(func(reactor.Address) reactor.Protocol { return p }), p
}

// lastClient is what was last asked of the reactor.
func lastClient(t *testing.T, r *reactortest.MemoryReactor, count int) reactortest.TCPClient {
	t.Helper()
	if len(r.TCPClients) != count {
		t.Fatalf("%d attempts to connect, want %d", len(r.TCPClients), count)
	}
	return r.TCPClients[count-1]
}

// grant gives an attempt its connection.
func grant(c reactortest.TCPClient) (reactor.Protocol, *reactortest.StringTransport) {
	p, transport := c.Factory.BuildProtocol(c.Connector.GetDestination()), &reactortest.StringTransport{}
	c.Connector.Now = reactor.Connected
	p.MakeConnection(p, transport)
	return p, transport
}

func refuse(c reactortest.TCPClient) { c.Factory.ClientConnectionFailed(c.Connector, errBroken) }

// resolver is one that a test answers by hand.
type resolver struct {
	asked   []string
	pending *deferred.Deferred[[]netip.Addr]
}

func (r *resolver) resolve(host string) *deferred.Deferred[[]netip.Addr] {
	r.asked = append(r.asked, host)
	r.pending = deferred.New[[]netip.Addr](nil)
	return r.pending
}

// gives is a resolver that knows the answer.
func gives(addrs ...string) endpoints.Resolver {
	return func(string) *deferred.Deferred[[]netip.Addr] {
		var parsed []netip.Addr
		for _, a := range addrs {
			parsed = append(parsed, netip.MustParseAddr(a))
		}
		return deferred.Succeed(parsed)
	}
}

// second is not a duration that anything here has by default.
const second = time.Second
