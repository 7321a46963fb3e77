package account

import (
	"fmt"
	"testing"
	"time"
)

// order is the herd's, with five minutes of future.
var order = Order{Future: 5 * time.Minute}

// at is a report of a client that Farmar took, at once, at some second.
func at(id string, second int) *Report {
	return Parse(fmt.Appendf(nil, "AT Farmar +0.000000000 %s +1+1 %d", id, second))
}

func TestReportsAreOrderedAsTheHerdOrdersThem(t *testing.T) {
	old, recent := at("kiwi", 100), at("kiwi", 101)
	ahead := Parse([]byte("AT Farmar -1000000.000000000 kiwi +1+1 1000100"))
	for _, pair := range []struct{ older, newer *Report }{
		{nil, old}, {old, recent}, {recent, ahead}, // a clock that is ahead counts for five minutes
		{ahead, at("kiwi", 401)},
		{Parse([]byte("AT Farmar +1.000000000 kiwi +1+1 100")), Parse([]byte("AT Hill +1.000000000 kiwi +1+1 100"))},
	} {
		if !order.Older(pair.older, pair.newer) || order.Older(pair.newer, pair.older) {
			t.Errorf("%v should be older than %v", pair.older, pair.newer)
		}
	}
	if order.Older(old, at("kiwi", 100)) {
		t.Error("a report is older than itself")
	}
	n := Newest{}
	for _, r := range []*Report{old, recent, old} {
		n.Take(order, r)
	}
	if n["kiwi"] != recent {
		t.Errorf("the newest is %v, want %v", n["kiwi"], recent)
	}
}

func TestWhatIsNoATLineIsNoReport(t *testing.T) {
	for _, text := range []string{"", "AT", "? AT Farmar", "AT Farmar +0.000000000 kiwi +1+1", "IAMAT kiwi +1+1 1"} {
		if r := Parse([]byte(text)); r != nil {
			t.Errorf("%q was read as %v", text, r)
		}
	}
	line := []byte("AT Farmar +0.000000000 kiwi +1+1 7")
	r := Parse(line)
	line[len(line)-1] = '8'
	if r.String() != "AT Farmar +0.000000000 kiwi +1+1 7" || r.ID() != "kiwi" {
		t.Errorf("a report changes with the bytes that it was read from: %v", r)
	}
}
