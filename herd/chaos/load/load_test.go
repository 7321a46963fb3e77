package load

import (
	"bufio"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/chaos/account"
	"proxyherd/herd/chaos/stage"
)

func aCrowd() *Crowd {
	return &Crowd{
		Stage: &stage.Stage{Config: herd.Default()}, History: &account.History{},
		Books: account.NewBooks(account.Order{Future: 5 * time.Minute}), Rate: 1000, Seed: 1,
	}
}

func aReporter(c *Crowd) *reporter {
	return &reporter{crowd: c, ids: idsOf(0), random: rand.New(rand.NewPCG(1, 0)), last: map[string]int64{}}
}

// What is reported is what a server takes, and has all that makes an order hard: ids
// that others report too, equal times, times a nanosecond apart, old ones, and clocks
// that are years ahead.
func TestReportsCollide(t *testing.T) {
	r := aReporter(aCrowd())
	seen := map[string]int{}
	const rounds = 5_000
	for range rounds {

		one := r.report()
		at := "AT Farmar +0.000000000 " + one.id + " " + one.location + " " + one.time
		report := account.Parse([]byte(at))
		if report == nil {
			t.Fatalf("%q is no report", at)
		}
		if _, valid := herd.ParseTimestamp([]byte(one.time)); !valid {
			t.Fatalf("%q is no time", one.time)
		}
		kind, _, _ := strings.Cut(one.id, ".")
		seen[kind]++
		if strings.HasSuffix(one.time, ".000000000") {
			seen["whole second"]++
		}
		if strings.HasSuffix(one.time, "000001") {
			seen["a nanosecond later"]++
		}
	}
	for _, what := range []string{"r0", "shared", "ahead", "watched", "whole second", "a nanosecond later"} {
		if seen[what] < rounds/500 {
			t.Errorf("of %d reports %d are %q: %v", rounds, seen[what], what, seen)
		}
	}
	const now = int64(1_700_000_000_123_456_789)
	r.last["shared.chaos-1"] = now
	later, old := 0, 0
	for range rounds {
		switch at := r.timeFor("shared.chaos-1", now); {
		case at == now+1:
			later++
		case at < now-int64(time.Second):
			old++
		case at > now+1:
			t.Fatalf("a clock is ahead that should not be: %d", at)
		}
	}
	if later == 0 || old == 0 {
		t.Errorf("%d are a nanosecond later, %d are old", later, old)
	}
}

// An acknowledgement is written down if it is one of what was sent; anything else is
// wrong.
func TestAcknowledgementsAreChecked(t *testing.T) {
	life, one := account.Life{Server: "Hill", Number: 1}, told{"kiwi", "+1+1", "7"}
	for line, good := range map[string]bool{
		"AT Hill +0.000000000 kiwi +1+1 7":   true,
		"AT Farmar +0.000000000 kiwi +1+1 7": false, // another server's
		"AT Hill +0.000000000 kiwi +1+1 8":   false,
		"AT Hill +0.000000000 kiwi +1+2 7":   false,
		"AT Hill +0 kiwi +1+1 7":             false,
		"? IAMAT kiwi +1+1 7":                false,
	} {
		c := aCrowd()
		aReporter(c).take(life, time.Now(), one, []byte(line))
		if (c.Books.Acknowledged() == 1) != good || (len(c.Stage.Wrongs()) == 0) != good {
			t.Errorf("%q: %d acknowledged, wrong is %q", line, c.Books.Acknowledged(), c.Stage.Wrongs())
		}
	}
}

// A server whose journal's disk fails says so; nobody else may refuse a report.
func TestOnlyJournalsRefuse(t *testing.T) {
	s, err := stage.Open(stage.Settings{Dir: t.TempDir(), Design: "reactor", Journal: herd.FsyncAlways, Lacks: stage.LacksAll("a test")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close(false) }() // without disks of its own nothing fails
	c := aCrowd()
	c.Stage = s
	for _, line := range []string{"? IAMAT kiwi +1+1 7", "? IAMAT kiwi +1+1 8"} {
		aReporter(c).take(account.Life{Server: "Hill", Number: 1}, time.Now(), told{"kiwi", "+1+1", "7"}, []byte(line))
	}
	if n, wrong := c.Books.Acknowledged(), s.Wrongs(); n > 0 || len(wrong) != 1 || !strings.Contains(wrong[0], "kiwi +1+1 8") {
		t.Errorf("%d acknowledged, wrong is %q", n, wrong)
	}
}

// answering is a connection to somebody who says text, and ends.
func answering(t *testing.T, text string) *connection {
	t.Helper()
	here, there := net.Pipe()
	t.Cleanup(func() { _ = here.Close() })
	go func() {
		_, _ = io.WriteString(there, text)
		_ = there.Close()
	}()
	return &connection{here, bufio.NewReader(here), account.Life{Server: "Hill", Number: 1}}
}

func TestAnswersToQuestionsAreChecked(t *testing.T) {
	const line = "AT Farmar +0.000000000 kiwi +1+1 7"
	for _, test := range []struct {
		text  string
		shown string
		ok    bool
		ended bool
	}{
		{line + "\n{}\n", line, true, false},
		{line + "\n7\n", line, true, false}, // an upstream may say so
		{"? WHATSAT kiwi 1 0\n", "nothing", true, false},
		{line + "\nAT\n", line, false, false},
		{"AT Farmar +0.000000000 plum +1+1 7\n{}\n", "AT Farmar +0.000000000 plum +1+1 7", false, false},
		{"? WHATSAT plum 1 0\n", "nothing", false, false},
		{line + "\n{", line, false, true},
		{"", "nothing", false, true},
	} {
		shown, ok, err := answering(t, test.text).shown("kiwi")
		if shown.String() != test.shown || ok != test.ok || (err != nil) != test.ended {
			t.Errorf("%q was read as %v, %v, %v", test.text, shown, ok, err)
		}
		if err != nil && !errors.Is(err, io.EOF) {
			t.Errorf("%q ends with %v", test.text, err)
		}
	}
}

// While the crowd is paused nobody reports.
func TestNobodyReportsDuringAPause(t *testing.T) {
	c := aCrowd()
	resume := c.Pause()
	reported := make(chan bool)
	go func() { reported <- aReporter(c).exchange(answering(t, "")) }()
	select {
	case <-reported:
		t.Error("somebody reported")
	case <-time.After(20 * time.Millisecond):
	}
	if n := len(c.Books.IDs()); n > 0 {
		t.Errorf("%d clients were reported on", n)
	}
	resume()
	if <-reported {
		t.Error("a connection that has ended was taken for one that goes on")
	}
	if n := len(c.Books.IDs()); n == 0 {
		t.Error("nobody reported after the pause")
	}
}
