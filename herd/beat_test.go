package herd

import (
	"errors"
	"math"
	"testing"
	"time"
)

func TestBeatThereAndBack(t *testing.T) {
	for _, b := range []Beat{
		{Time: Timestamp{1_000_000_000, 1}},
		{Time: Timestamp{5, 999_999_999}, Records: math.MaxUint64, Root: math.MaxUint64, Echoes: true, Echo: Timestamp{4, 1}, Held: Timestamp{0, 7}},
		{Time: Timestamp{999_999_999_999, 0}, Records: 1, Root: 0x0123456789abcdef},
	} {
		line := b.AppendLine(nil)
		if got, err := ParseBeat(withoutEnd(line)); err != nil || got != b || KindOf(withoutEnd(line)) != BeatLine {
			t.Errorf("%q is read as %+v, %v", line, got, err)
		}
	}
	b := Beat{Time: Timestamp{7, 5}, Records: 3, Root: 0xab, Echoes: true, Echo: Timestamp{6, 0}, Held: Timestamp{1, 20}}
	if got := string(b.AppendLine(nil)); got != "BEAT 7.000000005 3 00000000000000ab 6.000000000 1.000000020\n" {
		t.Errorf("a BEAT is %q", got)
	}
}

func TestBadBeats(t *testing.T) {
	for _, line := range []string{
		"BEAT", "BEAT 1 1 00000000000000ab -", "BEAT 1 1 00000000000000ab - - -", "BEAT -1 1 00000000000000ab - -",
		"BEAT 1 -1 00000000000000ab - -", "BEAT 1 1 ab - -", "BEAT 1 1 00000000000000ag - -", "BEAT 1 1 00000000000000ab 1 -",
		"BEAT 1 1 00000000000000ab - 1", "BEAT 1 1 00000000000000ab x 1", "BEAT 1e3 1 00000000000000ab - -", "beat 1 1 00000000000000ab - -",
	} {
		if b, err := ParseBeat([]byte(line)); !errors.Is(err, ErrBadBeat) {
			t.Errorf("%q is read as %+v, %v", line, b, err)
		}
	}
}

// Two servers whose clocks are 10 s apart, on a link that takes 30 ms each way.
func TestPulse(t *testing.T) {
	store := newStore()
	const way, apart = 30_000_000, 10
	var ours, theirs Pulse
	now := Timestamp{1000, 0}
	at := func(ms int) Timestamp { return now.Add(Unix(0, ms*1_000_000)) }
	ahead := func(t Timestamp) Timestamp { return t.Add(Timestamp{apart, 0}) }

	if err := theirs.Heard(ours.Next(store, at(0)), ahead(at(30)), 5*time.Minute); err != nil || theirs.Known {
		t.Fatalf("%v, %+v", err, theirs)
	}
	// They answer after half a second, on their clock.
	answer := theirs.Next(store, ahead(at(530)))
	if !answer.Echoes || answer.Held != Unix(0, 500_000_000) {
		t.Fatalf("the answer is %+v", answer)
	}
	if err := ours.Heard(answer, at(560), 5*time.Minute); err != nil {
		t.Fatal(err)
	}
	if ours.RoundTrip != Unix(0, 2*way) || ours.Clock != (Timestamp{apart, 0}) || !ours.Known {
		t.Errorf("a round trip takes %v, and their clock is %v ahead", ours.RoundTrip, ours.Clock)
	}
}

func TestClocksApartAreSaidOnce(t *testing.T) {
	var p Pulse
	future := 5 * time.Minute
	hear := func(ahead int64) error {
		now := Timestamp{10_000, 0}
		return p.Heard(Beat{Time: now.Add(Timestamp{Sec: ahead}), Echoes: true, Echo: now}, now, future)
	}
	for i, step := range []struct {
		ahead int64
		alarm bool
	}{{0, false}, {150, false}, {151, true}, {152, false}, {0, false}, {-151, true}, {-151, false}} {
		if err := hear(step.ahead); errors.Is(err, ErrClocksApart) != step.alarm {
			t.Errorf("step %d, %d s apart: %v", i, step.ahead, err)
		}
	}
}

func TestAnEchoFromAClockThatWasSetTellsNothing(t *testing.T) {
	var p Pulse
	for _, echo := range []Timestamp{{2000, 0}, {900, 0}} {
		if err := p.Heard(Beat{Time: Timestamp{1000, 0}, Echoes: true, Echo: echo}, Timestamp{1000, 0}, time.Minute); err != nil || p.Known {
			t.Errorf("echo %v: %v, %+v", echo, err, p)
		}
	}
}
