package reactorherd_test

import (
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/herdtest"
	"proxyherd/reactor"
	"proxyherd/reactor/reactortest"
)

// quiet is a herd whose links take 5 ms each way.
func quiet(t *testing.T, change func(*herd.Config)) *herdtest.Virtual {
	t.Helper()
	return herdtest.NewVirtual(t, reactortest.Options{Link: reactortest.Link{Latency: 5 * time.Millisecond}}, change)
}

// ahead is a reactor of a machine whose clock is wrong.
type ahead struct {
	reactor.Reactor
	by time.Duration
}

func (a ahead) Seconds() time.Time { return a.Reactor.Seconds().Add(a.by) }

func TestClocksThatAreApartAreShown(t *testing.T) {
	o := reactortest.Options{Link: reactortest.Link{Latency: 5 * time.Millisecond}}
	v := herdtest.NewVirtualAround(t, o, nil, func(server string, r reactor.Reactor) reactor.Reactor {
		if server == "Hill" {
			return ahead{r, 200 * time.Second}
		}
		return r
	})
	v.Network.Advance(5 * time.Second)
	if l := status(t, v, "Meeks", "Hill"); !l.Up || l.Clock < 199.9 || l.Clock > 200.1 {
		t.Errorf("Meeks about Hill's clock: %+v", l)
	}
	if l := status(t, v, "Hill", "Meeks"); !l.Up || l.Clock > -199.9 || l.Clock < -200.1 {
		t.Errorf("Hill about Meeks' clock: %+v", l)
	}
	// A clock that is wrong costs no update.
	say(t, v, "Hill", report(v, "a"))
	say(t, v, "Farmar", report(v, "b"))
	settle(v)
	inAgreement(t, v)
}
