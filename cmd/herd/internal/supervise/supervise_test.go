package supervise

import (
	"context"
	"errors"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// kept is a child under Keep, and what was told of it.
type kept struct {
	events     chan Event
	stop, kill context.CancelFunc
}

func keep(t *testing.T, p Program, rules Rules) *kept {
	ctx, stop := context.WithCancel(t.Context())
	hurry, kill := context.WithCancel(t.Context())
	k := &kept{make(chan Event), stop, kill}
	go func() {
		defer close(k.events)
		Keep(ctx, hurry, p, rules, func(e Event) { k.events <- e })
	}()
	return k
}

// until takes events to the first of that sort, which it returns.
func (k *kept) until(t *testing.T, what What) Event {
	t.Helper()
	for e := range k.events {
		if e.What == what {
			return e
		}
	}
	t.Fatalf("the child came to its end, and nothing of sort %d had happened", what)
	return Event{}
}

// ends takes the last event, and checks that it is the last.
func (k *kept) ends(t *testing.T) Event {
	t.Helper()
	last := k.until(t, Ended)
	for e := range k.events {
		t.Errorf("after the end: %+v", e)
	}
	return last
}

func TestAChildEndsWhenItIsAsked(t *testing.T) {
	k := keep(t, program(t, "obeys"), Rules{Restart: true, Grace: time.Minute})
	if e := k.until(t, WasReady); e.Text != "ready obeys" || e.Name != "obeys" {
		t.Errorf("%+v", e)
	}
	k.stop()
	if e := k.ends(t); e.Err != nil {
		t.Errorf("it ended with %v", e.Err)
	}
}

func TestAChildThatIsAskedBeforeItCanListenEndsWell(t *testing.T) {
	p := program(t, "reads") // leaves SIGTERM to the system
	p.Input = []byte("go\n")
	k := keep(t, p, Rules{Grace: time.Minute})
	k.until(t, WasReady)
	k.stop()
	if e := k.ends(t); e.Err != nil {
		t.Errorf("it ended with %v", e.Err)
	}
}

func TestAChildThatDoesNotEndIsKilled(t *testing.T) {
	t.Run("when its grace is over", func(t *testing.T) {
		k := keep(t, program(t, "ignores"), Rules{Restart: true})
		k.until(t, WasReady)
		k.stop()
		if e := k.ends(t); !errors.Is(e.Err, ErrStuck) {
			t.Errorf("it ended with %v", e.Err)
		}
	})
	t.Run("in a hurry", func(t *testing.T) {
		k := keep(t, program(t, "ignores"), Rules{Restart: true, Grace: time.Hour})
		k.until(t, WasReady)
		k.stop()
		k.kill()
		if e := k.ends(t); !errors.Is(e.Err, ErrStuck) {
			t.Errorf("it ended with %v", e.Err)
		}
	})
}

func TestAChildThatDiesIsStartedAgain(t *testing.T) {
	k := keep(t, program(t, "dies"), Rules{Restart: true, Grace: time.Minute})
	for _, pause := range []time.Duration{firstPause, 2 * firstPause, 4 * firstPause} {
		k.until(t, WasReady)
		e := k.until(t, Died)
		exit, ok := errors.AsType[*exec.ExitError](e.Err)
		if !ok || exit.ExitCode() != 7 || !errors.Is(e.Err, ErrEnded) || e.Pause != pause {
			t.Errorf("it died of %v and rests for %v, want exit status 7 and %v", e.Err, e.Pause, pause)
		}
	}
	k.stop() // while it rests, or has just been started
	k.ends(t)
}

func TestAChildIsNotStartedAgain(t *testing.T) {
	for _, test := range []struct {
		what    string
		restart bool
		reason  error
		text    string
	}{
		{"dies", false, ErrEnded, "exit status 7"},
		{"leaves", false, ErrUnasked, ""},
		{"cannot", true, nil, "the port is taken"}, // it has never been ready
	} {
		e := keep(t, program(t, test.what), Rules{Restart: test.restart, Grace: time.Minute}).ends(t)
		if e.Err == nil || test.reason != nil && !errors.Is(e.Err, test.reason) || !strings.Contains(e.Err.Error(), test.text) {
			t.Errorf("%s: %v, want %v with %q", test.what, e.Err, test.reason, test.text)
		}
	}
	e := keep(t, Program{Name: "nothing", Path: "/nonexistent"}, Rules{Restart: true}).ends(t)
	if e.Err == nil || !strings.Contains(e.Err.Error(), "starting nothing") {
		t.Errorf("a program that is not there: %v", e.Err)
	}
}

func TestInputIsHandedOverAndStaysOpen(t *testing.T) {
	ready := make(chan string, 1)
	p := program(t, "reads")
	p.Input = []byte("a secret\n")
	child, err := Start(p, Ears{
		Said:  func(line string) { t.Errorf("it said %q", line) }, // its input has ended
		Ready: func(news string) { ready <- news },
	})
	if err != nil {
		t.Fatal(err)
	}
	if news := <-ready; news != `ready "a secret\n" <nil>` {
		t.Errorf("it says %s", news)
	}
	child.Kill()
	<-child.Done()
	if err := child.Err(); !errors.Is(err, ErrEnded) || !strings.Contains(err.Error(), "killed") {
		t.Errorf("it ended with %v", err)
	}
	child.Kill() // changes nothing
	if err := child.Stop(t.Context()); !errors.Is(err, ErrEnded) {
		t.Errorf("stopping it once more: %v", err)
	}
}

func TestEveryLineIsHeardBeforeTheEnd(t *testing.T) {
	k := keep(t, program(t, "talks"), Rules{})
	var said []string
	for e := range k.events {
		if e.What == Said {
			said = append(said, e.Text)
		}
	}
	slices.Sort(said) // the two outputs are heard side by side
	want := []string{"to standard error", "without an end", strings.Repeat("x", 10), strings.Repeat("x", longestLine)}
	if !slices.Equal(said, want) {
		t.Errorf("heard %d lines, want %d: %.80q", len(said), len(want), said)
	}
}
