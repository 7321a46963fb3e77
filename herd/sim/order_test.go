package sim

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"proxyherd/herd"
)

// Two who have read the same text must come to the same order: this package's and
// package herd's. Most of these reports are close to each other.
func TestTheOrderIsTheHerds(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	compared, equal := 0, 0
	for range 40_000 {
		a, b := drawReport(random), drawReport(random)
		for _, future := range []int64{0, 1, 300} {
			one, ok := parseReport(a, future)
			other, ok2 := parseReport(b, future)
			var x, y herd.Record
			if err := herd.ParseAT([]byte(a), &x); err != nil || !ok {
				t.Fatalf("%q: %v, %t", a, err, ok)
			}
			if err := herd.ParseAT([]byte(b), &y); err != nil || !ok2 {
				t.Fatalf("%q: %v, %t", b, err, ok2)
			}
			want := herd.Compare(&x, &y, time.Duration(future)*time.Second)
			if got := one.compare(&other); got != want {
				t.Fatalf("%q and %q with a future of %d s: %d, and the herd says %d", a, b, future, got, want)
			}
			compared++
			if want == 0 {
				equal++
			}
		}
	}
	if compared != 120_000 || equal == 0 || equal > compared/2 {
		t.Errorf("%d pairs were compared, of which %d were equal", compared, equal)
	}
}

func drawReport(random *rand.Rand) string {
	return fmt.Sprintf("AT %s %s id %s %s", pick(random, "A", "B"),
		pick(random, "+0.000000000", "+0.000000001", "-0.000000001", "-1.999999999", "-300.000000000", "-301.000000000", "-9000000000.500000000"),
		pick(random, "+1+1", "+1.0+1"), pick(random, "1000000000", "1000000000.0", "1000000000.000000001", "999999999.999999999", "1000000001", "9999999999"))
}

func TestWhatIsNoReport(t *testing.T) {
	for _, line := range []string{
		"", "AT", "AT A +0.000000000 id +1+1", "AT A +0.000000000 id +1+1 1 2", "AT A 0.000000000 id +1+1 1", "AT A +0.00000000 id +1+1 1",
		"AT A +.000000000 id +1+1 1", "AT A +0.000000000 id +91+1 1", "AT A +0.000000000 id +1 1", "AT A +0.000000000 id +1+1 -1",
		"AT A +0.000000000 id +1+1 1.", "AT  A +0.000000000 +1+1 1", "? IAMAT",
	} {
		if r, ok := parseReport(line, 300); ok {
			t.Errorf("%q is read as %+v", line, r)
		}
	}
}

// Lines are invalid, or not, as package herd has it.
func TestCommandsAreTheHerds(t *testing.T) {
	d := drawing{random: rand.New(rand.NewPCG(2, 2)), fight: &Fight{}, ids: []string{"id1", "id2"}}
	bounds := herd.Bounds{}
	verbs := map[verb]int{}
	for range 20_000 {
		line := d.line(time.Second)
		var c herd.Command
		want := invalid
		if herd.ParseCommand([]byte(line), &c) && (c.Verb == herd.IAMAT || bounds.Allow(c.Radius, c.Limit)) {
			want = map[herd.Verb]verb{herd.IAMAT: iamat, herd.WHATSAT: whatsat}[c.Verb]
		}
		if got := parseCommand(line, false); got.verb != want {
			t.Fatalf("%q is %v, and the herd says %v", line, got.verb, want)
		}
		verbs[want]++
	}
	if len(verbs) != 3 {
		t.Errorf("only %v occurred", verbs)
	}
	for line, want := range map[string]verb{
		"GET / HTTP/1.1": webPage, "HTTP/1.1": invalid, "GET / HTTP/2": invalid, string(make([]byte, longest+1)): overlong,
	} {
		if got := parseCommand(line, true).verb; got != want {
			t.Errorf("%q is %v, want %v", short(line), got, want)
		}
	}
}
