package main

import (
	"bytes"
	"strings"
	"testing"
)

// On a reactor one client's slow question is everybody's, and the reactor says which
// callback it was.
func TestOnAReactorEverybodyWaitsAndItIsNoticed(t *testing.T) {
	// On a machine that stands still in a turn for longer than the slow question lasts,
	// that turn is the one that is told of.
	var out bytes.Buffer
	for range 20 {
		r, err := run(&out, onReactor)
		if err != nil {
			t.Fatal(err)
		}
		if !r.otherWaited {
			t.Fatal("the other client was answered meanwhile")
		}
		if strings.Contains(r.noticed, "I/O of *main.asked") {
			return
		}
	}
	t.Errorf("the callback was not named:\n%s", &out)
}

// In goroutines it is its own client's alone, and nobody hears of it.
func TestInGoroutinesOneWaitsAndNobodyNotices(t *testing.T) {
	// Where the machine stands still for as long as the slow question lasts, the
	// quick one may come after it.
	var out bytes.Buffer
	for range 20 {
		r, err := run(&out, inGoroutines)
		if err != nil {
			t.Fatal(err)
		}
		if r.noticed != "nothing" {
			t.Fatalf("noticed was %q", r.noticed)
		}
		if !r.otherWaited {
			return
		}
	}
	t.Errorf("the other client waited each time:\n%s", &out)
}
